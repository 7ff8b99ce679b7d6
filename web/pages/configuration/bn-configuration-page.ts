import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Session } from "../../data/session.ts";
import type { Settings } from "../../data/settings.ts";
import type { Toasts } from "../../data/toasts.ts";
import { baseStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-configuration-history.ts";
import "./bn-setting-list.ts";

const TABS = [
  { id: "settings", label: "Settings" },
  { id: "history", label: "History" },
] as const;

/** Every setting, where it comes from, and its history. Tab and search stand in the address. Fires `search`. */
@customElement("bn-configuration-page")
export class BnConfigurationPage extends LitElement {
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

  @property({ attribute: false }) settings: Settings | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property() tab = "settings";
  @property() search = "";

  protected override render(): unknown {
    const { settings, session, toasts } = this;
    const shown = TABS.find((tab) => tab.id === this.tab) ?? TABS[0];
    return html`
      <nav aria-label="Configuration">
        ${TABS.map(
          (tab) =>
            html`<a
              href=${tab.id === "settings" ? "/configuration" : `/configuration?tab=${tab.id}`}
              aria-current=${tab.id === shown.id ? "page" : nothing}
              >${tab.label}</a
            >`,
        )}
      </nav>
      ${
        shown.id === "history"
          ? html`<section class="panel" aria-label="History">
              <bn-configuration-history .settings=${settings} .session=${session} .toasts=${toasts}></bn-configuration-history>
            </section>`
          : html`<bn-setting-list
              .settings=${settings}
              .session=${session}
              .toasts=${toasts}
              search=${this.search}
            ></bn-setting-list>`
      }
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-configuration-page": BnConfigurationPage;
  }
}
