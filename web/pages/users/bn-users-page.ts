import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { People } from "../../data/people.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import "../../panels/bn-session-list.ts";
import "../../panels/bn-token-list.ts";
import { baseStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-role-list.ts";
import "./bn-user-list.ts";

const TABS = [
  { id: "users", label: "Users" },
  { id: "roles", label: "Roles" },
  { id: "tokens", label: "API tokens" },
  { id: "sessions", label: "Sessions" },
] as const;

/** Who and what may use this server: people, tokens, open sessions. The tab stands in the address. */
@customElement("bn-users-page")
export class BnUsersPage extends LitElement {
  static override styles = [
    baseStyles,
    layoutStyles,
    css`
      nav {
        display: flex;
        gap: var(--space-1);
        border-bottom: 1px solid var(--line);
        margin-bottom: var(--space-4);
      }

      nav a {
        display: inline-flex;
        align-items: center;
        min-height: 40px;
        padding: 0 var(--space-3);
        border-bottom: 2px solid transparent;
        color: var(--soft);
        font-weight: 500;
        text-decoration: none;
      }

      nav a:hover {
        color: var(--ink);
      }

      nav a[aria-current] {
        border-bottom-color: var(--brass);
        color: var(--ink);
      }

      @media (max-width: 720px) {
        nav a {
          min-height: 44px;
        }
      }
    `,
  ];

  @property({ attribute: false }) people: People | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property() tab = "users";

  #content(): unknown {
    const { people, session, toasts } = this;
    if (this.tab === "tokens")
      return html`<bn-token-list .people=${people} .session=${session} .toasts=${toasts}></bn-token-list>`;
    if (this.tab === "sessions")
      return html`<bn-session-list .people=${people} .toasts=${toasts}></bn-session-list>`;
    if (this.tab === "roles")
      return html`<bn-role-list .people=${people} .session=${session} .toasts=${toasts}></bn-role-list>`;
    return html`<bn-user-list .people=${people} .session=${session} .toasts=${toasts}></bn-user-list>`;
  }

  protected override render(): unknown {
    const shown = TABS.find((tab) => tab.id === this.tab) ?? TABS[0];
    return html`
      <nav aria-label="Users and tokens">
        ${TABS.map(
          (tab) =>
            html`<a
              href=${tab.id === "users" ? "/users" : `/users?tab=${tab.id}`}
              aria-current=${tab.id === shown.id ? "page" : nothing}
              >${tab.label}</a
            >`,
        )}
      </nav>
      <section class="panel" aria-label=${shown.label}>${this.#content()}</section>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-users-page": BnUsersPage;
  }
}
