import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { focusFirstField } from "../../components/bn-field.ts";
import "../../components/bn-mark.ts";
import { type ApiProblem, asProblem } from "../../data/problem.ts";
import type { SecretVault } from "../../data/secrets.ts";
import type { Session } from "../../data/session.ts";
import "../../panels/bn-recovery-key.ts";
import { baseStyles, controlStyles } from "../../styles/shared.ts";
import { entryStyles } from "./entry-styles.ts";

const PASSWORD_MIN_LENGTH = 10;

/**
 * Creates the first administrator with the one-time link. Its token comes in the address's fragment, which
 * browsers never send, so that it reaches no log.
 */
@customElement("bn-setup-page")
export class BnSetupPage extends LitElement {
  static override styles = [baseStyles, controlStyles, entryStyles];

  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) vault: SecretVault | undefined;
  @property({ attribute: false }) token = "";
  @state() private problem: ApiProblem | undefined;
  @state() private isBusy = false;
  @state() private isDone = false;
  @state() private passwordLength = 0;

  protected override firstUpdated(): void {
    void focusFirstField(this.renderRoot);
    void this.#askWhetherNeeded();
  }

  async #askWhetherNeeded(): Promise<void> {
    try {
      this.isDone = (await this.session?.isSetUpNeeded()) === false;
    } catch (error) {
      this.problem = asProblem(error);
    }
  }

  async #submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (!(event.target instanceof HTMLFormElement) || this.isBusy) return;
    const fields = new FormData(event.target);
    this.isBusy = true;
    this.problem = undefined;
    try {
      await this.session?.setUp(
        this.token,
        String(fields.get("name")),
        String(fields.get("password")),
        async () => this.renderRoot.querySelector("bn-recovery-key")?.make(),
      );
    } catch (error) {
      this.problem = asProblem(error);
    } finally {
      this.isBusy = false;
    }
  }

  protected override render(): unknown {
    let content = this.#form();
    if (this.isDone) content = this.#alreadyDone();
    else if (this.token === "") content = this.#noToken();
    return html`<div class="brand"><bn-mark></bn-mark>Binnacle</div>
      <div class="card">${content}</div>
      <bn-recovery-key .vault=${this.vault}></bn-recovery-key>`;
  }

  #alreadyDone(): unknown {
    return html`<h1>This server is set up</h1>
      <p>Its first administrator exists, so this link has done its work.</p>
      <a class="button primary" href="/sign-in">Sign in</a>`;
  }

  #noToken(): unknown {
    return html`<h1>Set up Binnacle</h1>
      <p>
        Open the set-up link that the server printed when it started. It works once, for 30 minutes; ask for a new one
        on the server with
      </p>
      <pre tabindex="0">binnacle setup-link</pre>`;
  }

  /** A refusal that names no field is about the link itself. */
  #problemBox(): unknown {
    const { problem } = this;
    if (problem === undefined || problem.errors.length > 0) return nothing;
    const isLink = problem.status >= 400 && problem.status < 500 && problem.status !== 429;
    return html`<div class="problem" role="alert">
      ${problem.detail || problem.title}
      ${isLink ? html`<br />The link works once, for 30 minutes. A new one: <code>binnacle setup-link</code>` : nothing}
    </div>`;
  }

  #form(): unknown {
    const missing = PASSWORD_MIN_LENGTH - this.passwordLength;
    const hint =
      missing > 0 && this.passwordLength > 0
        ? `${missing} more`
        : `At least ${PASSWORD_MIN_LENGTH} characters; a sentence is easiest`;
    return html`<h1>Set up Binnacle</h1>
      <p>Choose how you will sign in. You become this server's first administrator.</p>
      <form @submit=${this.#submit}>
        ${this.#problemBox()}
        <bn-field label="Name" help="Letters, digits, dots and dashes" .error=${this.problem?.messageFor("name")}
          ><input name="name" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="64"
        /></bn-field>
        <bn-field label="Password" help=${hint} .error=${this.problem?.messageFor("password")}
          ><input
            name="password"
            type="password"
            autocomplete="new-password"
            required
            minlength=${PASSWORD_MIN_LENGTH}
            maxlength="1024"
            @input=${this.#countPassword}
        /></bn-field>
        <button class="button primary" type="submit" ?disabled=${this.isBusy}>
          ${this.isBusy ? "Creating…" : "Create administrator"}
        </button>
      </form>`;
  }

  #countPassword(event: InputEvent): void {
    if (event.target instanceof HTMLInputElement) this.passwordLength = event.target.value.length;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-setup-page": BnSetupPage;
  }
}
