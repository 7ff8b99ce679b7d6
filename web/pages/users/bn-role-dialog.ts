import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../../components/bn-dialog.ts";
import "../../components/bn-field.ts";
import type { People } from "../../data/people.ts";
import { type ApiProblem, asProblem } from "../../data/problem.ts";
import type { Session } from "../../data/session.ts";
import type { Role } from "../../data/types.ts";
import { dialogFormStyles } from "../../panels/dialog-styles.ts";
import { chosenScopes, scopeChoices, scopeStyles } from "../../panels/scope-choices.ts";
import { baseStyles, controlStyles } from "../../styles/shared.ts";

/** Makes a role, or changes one. Fires `saved` (CustomEvent<name>). */
@customElement("bn-role-dialog")
export class BnRoleDialog extends LitElement {
  static override styles = [baseStyles, controlStyles, dialogFormStyles, scopeStyles];

  @property({ attribute: false }) people: People | undefined;
  @property({ attribute: false }) session: Session | undefined;
  /** The role to change; undefined for a new one. */
  @state() private edited: Role | undefined;
  @state() private problem: ApiProblem | undefined;
  @state() private isScopeMissing = false;
  @state() private isBusy = false;
  /** Fields begin anew with each opening. */
  @state() private openings = 0;

  async open(role?: Role): Promise<void> {
    this.edited = role;
    this.problem = undefined;
    this.isScopeMissing = false;
    this.openings++;
    await this.updateComplete;
    this.renderRoot.querySelector("form")?.reset();
    await this.renderRoot.querySelector("bn-dialog")?.open();
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const { people, edited } = this;
    if (!(event.target instanceof HTMLFormElement) || people === undefined || this.isBusy) return;
    const fields = new FormData(event.target);
    const scopes = chosenScopes(fields);
    const description = String(fields.get("description")).trim();
    this.isScopeMissing = scopes.length === 0;
    if (this.isScopeMissing) return;
    this.isBusy = true;
    this.problem = undefined;
    try {
      const saved = edited
        ? await people.changeRole(edited.name, { description, scopes })
        : await people.addRole({ name: String(fields.get("name")).trim(), description, scopes });
      this.#close();
      this.dispatchEvent(new CustomEvent("saved", { detail: saved.name }));
    } catch (error) {
      this.problem = asProblem(error);
    } finally {
      this.isBusy = false;
    }
  }

  #close(): void {
    this.renderRoot.querySelector("bn-dialog")?.close();
  }

  protected override render(): unknown {
    const { edited: role, problem } = this;
    return html`<bn-dialog heading=${role ? `Change ${role.name}` : "Make a role"}>
      <form @submit=${this.#submit} autocomplete="off" data-opening=${this.openings}>
        ${
          problem === undefined || problem.errors.length > 0
            ? nothing
            : html`<div class="problem" role="alert">${problem.detail}</div>`
        }
        ${
          role
            ? html`<p class="soft">It counts at once for everybody who has the role, in their sessions and tokens.</p>`
            : html`<bn-field
                label="Name"
                help="Lower-case letters, digits and dashes"
                .error=${problem?.messageFor("name")}
                ><input name="name" autocapitalize="none" spellcheck="false" required maxlength="32"
              /></bn-field>`
        }
        <bn-field label="What it is for" .error=${problem?.messageFor("description")}
          ><input name="description" maxlength="200" value=${role?.description ?? ""}
        /></bn-field>
        <fieldset>
          <legend>What it allows</legend>
          ${scopeChoices(this.session, role?.scopes)}
          ${this.isScopeMissing ? html`<p class="error" role="alert">Choose at least one thing it allows.</p>` : nothing}
        </fieldset>
        <footer>
          <button class="button" type="button" @click=${this.#close}>Cancel</button>
          <button class="button primary" type="submit" ?disabled=${this.isBusy}>
            ${role ? "Save role" : "Make role"}
          </button>
        </footer>
      </form>
    </bn-dialog>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-role-dialog": BnRoleDialog;
  }
}
