import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../../components/bn-dialog.ts";
import "../../components/bn-field.ts";
import type { People } from "../../data/people.ts";
import { type ApiProblem, asProblem } from "../../data/problem.ts";
import type { Role } from "../../data/types.ts";
import { dialogFormStyles } from "../../panels/dialog-styles.ts";
import { baseStyles, controlStyles } from "../../styles/shared.ts";

const PASSWORD_MIN_LENGTH = 10;
const DEFAULT_ROLE = "viewer";

/** Adds a user. Fires `created` (CustomEvent<name>). */
@customElement("bn-user-dialog")
export class BnUserDialog extends LitElement {
  static override styles = [baseStyles, controlStyles, dialogFormStyles];

  @property({ attribute: false }) people: People | undefined;
  @state() private problem: ApiProblem | undefined;
  /** What they can be given. */
  @property({ attribute: false }) roles: readonly Role[] = [];
  @state() private chosenRole = DEFAULT_ROLE;
  @state() private isBusy = false;

  async open(): Promise<void> {
    this.problem = undefined;
    this.chosenRole = DEFAULT_ROLE;
    this.renderRoot.querySelector("form")?.reset();
    await this.renderRoot.querySelector("bn-dialog")?.open();
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement) || this.people === undefined || this.isBusy) return;
    const fields = new FormData(event.target);
    const name = String(fields.get("name")).trim();
    this.isBusy = true;
    this.problem = undefined;
    try {
      await this.people.addUser({ name, role: this.chosenRole, password: String(fields.get("password")) });
      this.#close();
      this.dispatchEvent(new CustomEvent("created", { detail: name }));
    } catch (error) {
      this.problem = asProblem(error);
    } finally {
      this.isBusy = false;
    }
  }

  #close(): void {
    this.renderRoot.querySelector("bn-dialog")?.close();
  }

  #chooseRole(event: Event): void {
    if (!(event.target instanceof HTMLSelectElement)) return;
    this.chosenRole = event.target.value;
  }

  protected override render(): unknown {
    return html`<bn-dialog heading="Add a user">
      <form @submit=${this.#submit} autocomplete="off">
        ${
          this.problem === undefined || this.problem.errors.length > 0
            ? nothing
            : html`<div class="problem" role="alert">${this.problem.detail}</div>`
        }
        <bn-field label="Name" help="What they sign in with" .error=${this.problem?.messageFor("name")}
          ><input name="name" autocomplete="off" autocapitalize="none" spellcheck="false" required maxlength="64"
        /></bn-field>
        <bn-field label="Role" help=${this.roles.find(({ name }) => name === this.chosenRole)?.description ?? ""} .error=${this.problem?.messageFor("role")}
          ><select name="role" @change=${this.#chooseRole}>
            ${this.roles.map(({ name }) => html`<option value=${name} ?selected=${name === this.chosenRole}>${name}</option>`)}
          </select></bn-field
        >
        <bn-field
          label="First password"
          help="At least ${PASSWORD_MIN_LENGTH} characters. Tell it to them in person; they can change it under Account"
          .error=${this.problem?.messageFor("password")}
          ><input type="password" name="password" autocomplete="new-password" required minlength=${PASSWORD_MIN_LENGTH} maxlength="256"
        /></bn-field>
        <footer>
          <button class="button" type="button" @click=${this.#close}>Cancel</button>
          <button class="button primary" type="submit" ?disabled=${this.isBusy}>Add user</button>
        </footer>
      </form>
    </bn-dialog>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-user-dialog": BnUserDialog;
  }
}
