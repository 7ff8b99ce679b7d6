import { html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-tabs.ts";
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
  static override styles = [baseStyles, layoutStyles];

  @property({ attribute: false }) settings: Settings | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property() tab = "settings";
  @property() search = "";

  protected override render(): unknown {
    const { settings, session, toasts } = this;
    const shown = TABS.find((tab) => tab.id === this.tab) ?? TABS[0];
    return html`
      <bn-tabs
        label="Configuration"
        shown=${shown.id}
        .tabs=${TABS.map(({ id, label }) => ({ id, label, href: id === "settings" ? "/configuration" : `/configuration?tab=${id}` }))}
      ></bn-tabs>
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
