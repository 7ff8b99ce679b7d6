import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { confirmStep } from "../../components/bn-dialog.ts";
import { Observe } from "../../controllers/observe.ts";
import type { People } from "../../data/people.ts";
import type { PersonalPreferences } from "../../data/preferences.ts";
import { refusalWords } from "../../data/refusals.ts";
import { ANONYMOUS_ID, type Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import "../../panels/bn-identity-list.ts";
import "../../panels/bn-password-dialog.ts";
import "../../panels/bn-session-list.ts";
import "../../panels/bn-token-list.ts";
import "./bn-preference-list.ts";
import { lineStyles } from "../../styles/line.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import type { StartPage } from "./bn-preference-list.ts";

/** One's own password, looks, tokens and sessions. */
@customElement("bn-account-page")
export class BnAccountPage extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles, lineStyles];

  @property({ attribute: false }) people: People | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property({ attribute: false }) preferences: PersonalPreferences | undefined;
  /** What the reader may open. */
  @property({ attribute: false }) pages: readonly StartPage[] = [];

  /** Why a provider sent the browser back without linking an account. */
  @property() refusal = "";
  /** There are providers to sign in with. */
  @state() private hasProviders = false;

  constructor() {
    super();
    new Observe(this, () => this.session?.state);
  }

  protected override firstUpdated(): void {
    void this.#askForProviders();
  }

  async #askForProviders(): Promise<void> {
    try {
      this.hasProviders = ((await this.session?.providers()) ?? []).length > 0;
    } catch (error) {
      this.toasts?.sayFailure(error);
    }
  }

  async #endOthers(): Promise<void> {
    const isSure = await confirmStep({
      heading: "Sign out everywhere else?",
      consequence:
        "Every other browser you are signed in with asks for your name and password again. API tokens go on.",
      verb: "Sign out everywhere else",
    });
    if (!isSure) return;
    try {
      const ended = (await this.people?.endOtherSessions()) ?? 0;
      this.toasts?.say(ended === 1 ? "1 session was ended" : `${ended} sessions were ended`);
      await this.renderRoot.querySelector("bn-session-list")?.reload();
    } catch (error) {
      this.toasts?.sayFailure(error);
    }
  }

  #linkedAccounts(): unknown {
    if (!this.hasProviders) return nothing;
    return html`<section class="panel" aria-label="Linked accounts">
      <header><h2>Linked accounts</h2></header>
      <bn-identity-list
        .people=${this.people}
        .session=${this.session}
        .toasts=${this.toasts}
      ></bn-identity-list>
    </section>`;
  }

  protected override render(): unknown {
    const state = this.session?.state.value;
    if (state?.kind !== "signed-in") return nothing;
    const { user, scopes } = state;
    if (user.id === ANONYMOUS_ID) {
      return html`<section class="panel" aria-label="You">
        <div class="line">
          <div>
            <h2>You look without having signed in</h2>
            <p>This server lets whoever is on its machine see what a viewer sees. Sign in to change something.</p>
          </div>
          <a class="button primary" href="/sign-in">Sign in</a>
        </div>
      </section>`;
    }
    const refusal = refusalWords(this.refusal);
    return html`<div class="stack">
      ${refusal === undefined ? nothing : html`<div class="panel line" role="alert">${refusal}</div>`}
      <section class="panel" aria-label="You">
        <header><h2>${user.name}</h2></header>
        <div class="line">
          <div>
            <h3>Role: ${user.role}</h3>
            ${
              scopes.includes("*")
                ? html`<p>May see and change everything.</p>`
                : html`<p class="mono">${scopes.join(" ")}</p>`
            }
          </div>
        </div>
        <div class="line">
          <div>
            <h3>Password</h3>
            <p>
              ${
                user.hasPassword
                  ? "Changing it signs you out everywhere else."
                  : "You have none: you sign in with a linked account. An administrator can give you a link to set one."
              }
            </p>
          </div>
          ${
            user.hasPassword
              ? html`<button
                class="button"
                type="button"
                @click=${() => void this.renderRoot.querySelector("bn-password-dialog")?.open(user)}
              >
                Change password
              </button>`
              : nothing
          }
        </div>
      </section>
      <section class="panel" aria-label="Your preferences">
        <header><h2>Preferences</h2></header>
        <bn-preference-list
          .preferences=${this.preferences}
          .pages=${this.pages}
          .toasts=${this.toasts}
        ></bn-preference-list>
      </section>
      ${this.#linkedAccounts()}
      <section class="panel" aria-label="Your API tokens">
        <header><h2>Your API tokens</h2></header>
        <bn-token-list
          user-id=${user.id}
          .people=${this.people}
          .session=${this.session}
          .toasts=${this.toasts}
        ></bn-token-list>
      </section>
      <section class="panel" aria-label="Your sessions">
        <header>
          <h2>Your sessions</h2>
          <button class="button" type="button" @click=${this.#endOthers}>Sign out everywhere else</button>
        </header>
        <bn-session-list user-id=${user.id} .people=${this.people} .toasts=${this.toasts}></bn-session-list>
      </section>
      <bn-password-dialog
        own
        .people=${this.people}
        @changed=${() => this.toasts?.say("Your new password is set")}
      ></bn-password-dialog>
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-account-page": BnAccountPage;
  }
}
