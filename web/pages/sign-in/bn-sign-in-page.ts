import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { focusFirstField } from "../../components/bn-field.ts";
import "../../components/bn-mark.ts";
import { type ApiProblem, asProblem } from "../../data/problem.ts";
import { refusalWords } from "../../data/refusals.ts";
import type { Session } from "../../data/session.ts";
import type { SignInProvider } from "../../data/types.ts";
import { baseStyles, controlStyles } from "../../styles/shared.ts";
import { entryStyles, providerStyles } from "./entry-styles.ts";

/** Name and password, or a provider. A server that has no user yet is told apart: it waits for its set-up link. */
@customElement("bn-sign-in-page")
export class BnSignInPage extends LitElement {
  static override styles = [baseStyles, controlStyles, entryStyles, providerStyles];

  @property({ attribute: false }) session: Session | undefined;
  /** The page to open afterwards. */
  @property() next = "";
  /** Why a provider sent the browser back without a sign-in. */
  @property() refusal = "";
  @state() private problem: ApiProblem | undefined;
  @state() private providers: readonly SignInProvider[] = [];
  @state() private isBusy = false;
  @state() private isSetUpNeeded = false;

  protected override firstUpdated(): void {
    void focusFirstField(this.renderRoot);
    void this.#askForSetUp();
    void this.#askForProviders();
  }

  async #askForProviders(): Promise<void> {
    try {
      this.providers = (await this.session?.providers()) ?? [];
    } catch (error) {
      this.problem = asProblem(error);
    }
  }

  async #askForSetUp(): Promise<void> {
    try {
      this.isSetUpNeeded = (await this.session?.isSetUpNeeded()) ?? false;
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
      await this.session?.signIn(String(fields.get("name")), String(fields.get("password")));
    } catch (error) {
      this.problem = asProblem(error);
      this.renderRoot.querySelector<HTMLInputElement>('input[name="password"]')?.select();
    } finally {
      this.isBusy = false;
    }
  }

  protected override render(): unknown {
    return html`
      <div class="brand"><bn-mark></bn-mark>Binnacle</div>
      <div class="card">
        <h1>Sign in</h1>
        ${
          this.isSetUpNeeded
            ? html`<p>
                  This server has no user yet. Open the set-up link it printed when it started, or ask for a new one
                  on the server:
                </p>
                <pre tabindex="0">binnacle setup-link</pre>`
            : this.#form()
        }
      </div>
    `;
  }

  #form(): unknown {
    return html`${this.#passwordForm()}${this.#providerButtons()}`;
  }

  /** Links, not requests: the browser itself goes to the provider and comes back. */
  #providerButtons(): unknown {
    if (this.providers.length === 0) return nothing;
    const query = this.next === "" ? "" : `?next=${encodeURIComponent(this.next)}`;
    return html`<div class="or">or</div>
      <div class="providers">
        ${this.providers.map(
          ({ id, label }) =>
            html`<a class="button" rel="nofollow" target="_self" href="/api/v3/sign-in/${id}${query}">Sign in with ${label}</a>`,
        )}
      </div>`;
  }

  #alert(): unknown {
    const words =
      this.problem === undefined ? refusalWords(this.refusal) : this.problem.detail || this.problem.title;
    return words === undefined ? nothing : html`<div class="problem" role="alert">${words}</div>`;
  }

  #passwordForm(): unknown {
    return html`<form @submit=${this.#submit}>
      ${this.#alert()}
      <bn-field label="Name"
        ><input name="name" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="64"
      /></bn-field>
      <bn-field label="Password"
        ><input name="password" type="password" autocomplete="current-password" required maxlength="1024"
      /></bn-field>
      <button class="button primary" type="submit" ?disabled=${this.isBusy}>
        ${this.isBusy ? "Signing in…" : "Sign in"}
      </button>
    </form>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-sign-in-page": BnSignInPage;
  }
}
