import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { focusFirstField } from "../../components/bn-field.ts";
import "../../components/bn-mark.ts";
import { type ApiProblem, asProblem } from "../../data/problem.ts";
import type { Session } from "../../data/session.ts";
import { baseStyles, controlStyles } from "../../styles/shared.ts";
import { entryStyles } from "./entry-styles.ts";

const PASSWORD_MIN_LENGTH = 10;

/** Sets a new password by a one-time link, whose token comes in the address's fragment: it reaches no log. */
@customElement("bn-reset-page")
export class BnResetPage extends LitElement {
  static override styles = [baseStyles, controlStyles, entryStyles];

  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) token = "";
  @state() private problem: ApiProblem | undefined;
  @state() private isBusy = false;
  @state() private isDone = false;

  protected override firstUpdated(): void {
    void focusFirstField(this.renderRoot);
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement) || this.isBusy) return;
    const fields = new FormData(event.target);
    this.isBusy = true;
    this.problem = undefined;
    try {
      await this.session?.resetPassword(this.token, String(fields.get("password")));
      this.isDone = true;
    } catch (error) {
      this.problem = asProblem(error);
    } finally {
      this.isBusy = false;
    }
  }

  protected override render(): unknown {
    let content = this.#form();
    if (this.isDone) content = this.#done();
    else if (this.token === "") content = this.#noToken();
    return html`<div class="brand"><bn-mark></bn-mark>Binnacle</div>
      <div class="card">${content}</div>`;
  }

  #done(): unknown {
    return html`<h1>Your new password is set</h1>
      <p>You were signed out everywhere; the link has done its work.</p>
      <a class="button primary" href="/sign-in">Sign in</a>`;
  }

  #noToken(): unknown {
    return html`<h1>Set a new password</h1>
      <p>Open the link that your administrator gave you. It works once, for a day; ask for a new one when it is over.</p>`;
  }

  #form(): unknown {
    const { problem } = this;
    const isAboutLink = problem !== undefined && problem.errors.length === 0;
    return html`<h1>Set a new password</h1>
      <p>You are signed out everywhere and sign in again with the new one.</p>
      <form @submit=${this.#submit}>
        ${isAboutLink ? html`<div class="problem" role="alert">${problem.detail || problem.title}</div>` : nothing}
        <bn-field
          label="New password"
          help="At least ${PASSWORD_MIN_LENGTH} characters; a sentence is easiest"
          .error=${problem?.messageFor("newPassword")}
          ><input
            name="password"
            type="password"
            autocomplete="new-password"
            required
            minlength=${PASSWORD_MIN_LENGTH}
            maxlength="256"
        /></bn-field>
        <button class="button primary" type="submit" ?disabled=${this.isBusy}>
          ${this.isBusy ? "Setting…" : "Set password"}
        </button>
      </form>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-reset-page": BnResetPage;
  }
}
