import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { Observe } from "../../controllers/observe.ts";
import type { People } from "../../data/people.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import "../../panels/bn-password-dialog.ts";
import "../../panels/bn-session-list.ts";
import "../../panels/bn-token-list.ts";
import { THEMES, type ThemeChoice } from "../../controllers/theme-choice.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";

const THEME_WORDS = { system: "As the system", light: "Light", dark: "Dark" } as const;

/** One's own password, looks, tokens and sessions. */
@customElement("bn-account-page")
export class BnAccountPage extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    css`
      .line {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: var(--space-3);
        padding: var(--space-3) var(--space-4);
      }

      .line + .line {
        border-top: 1px solid var(--line);
      }

      .line p {
        color: var(--soft);
        font-size: var(--text-13);
      }

      fieldset {
        display: flex;
        flex-wrap: wrap;
        gap: var(--space-4);
        margin: 0;
        padding: 0;
        border: 0;
      }

      fieldset label {
        display: inline-flex;
        align-items: center;
        gap: var(--space-2);
        min-height: var(--control-height);
      }
    `,
  ];

  @property({ attribute: false }) people: People | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property({ attribute: false }) theme: ThemeChoice | undefined;

  constructor() {
    super();
    new Observe(this, () => this.theme?.theme);
    new Observe(this, () => this.session?.state);
  }

  protected override render(): unknown {
    const state = this.session?.state.value;
    if (state?.kind !== "signed-in") return nothing;
    const { user, scopes } = state;
    return html`<div class="stack">
      <section class="panel" aria-label="You">
        <header><h2>${user.name}</h2></header>
        <div class="line">
          <div>
            <h3>Role: ${user.role}</h3>
            <p class="mono">${scopes.join(" ")}</p>
          </div>
        </div>
        <div class="line">
          <div>
            <h3>Password</h3>
            <p>Changing it signs you out everywhere else.</p>
          </div>
          <button
            class="button"
            type="button"
            @click=${() => void this.renderRoot.querySelector("bn-password-dialog")?.open(user)}
          >
            Change password
          </button>
        </div>
        <div class="line">
          <div>
            <h3>Theme</h3>
            <p>Kept in this browser.</p>
          </div>
          <fieldset aria-label="Theme">
            ${THEMES.map(
              (theme) => html`<label
                ><input
                  type="radio"
                  name="theme"
                  value=${theme}
                  .checked=${this.theme?.theme.value === theme}
                  @change=${() => this.theme?.choose(theme)}
                />${THEME_WORDS[theme]}</label
              >`,
            )}
          </fieldset>
        </div>
      </section>
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
        <header><h2>Your sessions</h2></header>
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
