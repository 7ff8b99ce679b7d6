import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "../components/bn-dialog.ts";
import "../components/bn-field.ts";
import type { People } from "../data/people.ts";
import { type ApiProblem, asProblem } from "../data/problem.ts";
import type { User } from "../data/types.ts";
import { baseStyles, controlStyles } from "../styles/shared.ts";
import { dialogFormStyles } from "./dialog-styles.ts";

const PASSWORD_MIN_LENGTH = 10;

/** Changes a password: one's own with the present one, another's without. Fires `changed`. */
@customElement("bn-password-dialog")
export class BnPasswordDialog extends LitElement {
  static override styles = [baseStyles, controlStyles, dialogFormStyles];

  @property({ attribute: false }) people: People | undefined;
  @property({ type: Boolean }) own = false;
  @state() private user: User | undefined;
  @state() private problem: ApiProblem | undefined;
  @state() private isBusy = false;

  async open(user: User): Promise<void> {
    this.user = user;
    this.problem = undefined;
    this.renderRoot.querySelector("form")?.reset();
    await this.updateComplete;
    await this.renderRoot.querySelector("bn-dialog")?.open();
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const { people, user } = this;
    if (
      !(event.target instanceof HTMLFormElement) ||
      people === undefined ||
      user === undefined ||
      this.isBusy
    )
      return;
    const fields = new FormData(event.target);
    const newPassword = String(fields.get("newPassword"));
    this.isBusy = true;
    this.problem = undefined;
    try {
      await people.setPassword(
        user.id,
        this.own ? { currentPassword: String(fields.get("currentPassword")), newPassword } : { newPassword },
      );
      this.#close();
      this.dispatchEvent(new Event("changed"));
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
    const name = this.user?.name ?? "";
    return html`<bn-dialog heading=${this.own ? "Change your password" : `Set a new password for ${name}`}>
      <form @submit=${this.#submit}>
        ${
          this.problem === undefined || this.problem.errors.length > 0
            ? nothing
            : html`<div class="problem" role="alert">${this.problem.detail}</div>`
        }
        <input type="text" name="username" autocomplete="username" .value=${name} hidden />
        ${
          this.own
            ? html`<bn-field label="Present password" .error=${this.problem?.messageFor("currentPassword")}
              ><input type="password" name="currentPassword" autocomplete="current-password" required maxlength="512"
            /></bn-field>`
            : html`<p class="soft">${name} is signed out everywhere and signs in again with the new one.</p>`
        }
        <bn-field
          label="New password"
          help="At least ${PASSWORD_MIN_LENGTH} characters; a sentence is easiest"
          .error=${this.problem?.messageFor("newPassword")}
          ><input
            type="password"
            name="newPassword"
            autocomplete="new-password"
            required
            minlength=${PASSWORD_MIN_LENGTH}
            maxlength="256"
        /></bn-field>
        <footer>
          <button class="button" type="button" @click=${this.#close}>Cancel</button>
          <button class="button primary" type="submit" ?disabled=${this.isBusy}>Set password</button>
        </footer>
      </form>
    </bn-dialog>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-password-dialog": BnPasswordDialog;
  }
}
