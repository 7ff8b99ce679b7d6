import { html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-empty.ts";
import "../../components/bn-tabs.ts";
import { Observe } from "../../controllers/observe.ts";
import type { AlertWatch } from "../../data/alert-watch.ts";
import type { Alerts } from "../../data/alerts.ts";
import type { LiveMetrics } from "../../data/live.ts";
import type { Metrics } from "../../data/metrics.ts";
import type { Plugins } from "../../data/plugins.ts";
import type { Session } from "../../data/session.ts";
import type { Toasts } from "../../data/toasts.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import "./bn-alert-list.ts";
import "./bn-alert-summary.ts";
import "./bn-routing.ts";
import "./bn-rules.ts";
import { type AlertTab, readAlertQuery, tabHref } from "./filters.ts";

const TABS: readonly { id: AlertTab; label: string }[] = [
  { id: "alerts", label: "Alerts" },
  { id: "rules", label: "Rules" },
  { id: "routing", label: "Routing" },
  { id: "summary", label: "Summary" },
];
const NOT_FOUND = 404;

/** Alerts, the rules that raise them, who is told, and the sum of it; the address holds all that is chosen. */
@customElement("bn-alerts-page")
export class BnAlertsPage extends LitElement {
  static override styles = [baseStyles, controlStyles, layoutStyles];

  @property({ attribute: false }) alerts: Alerts | undefined;
  @property({ attribute: false }) watch: AlertWatch | undefined;
  @property({ attribute: false }) metrics: Metrics | undefined;
  @property({ attribute: false }) plugins: Plugins | undefined;
  @property({ attribute: false }) live: LiveMetrics | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) toasts: Toasts | undefined;
  @property({ attribute: false }) query = new URLSearchParams();
  /** The server's present time, epoch milliseconds. */
  @property({ attribute: false }) now: () => number = Date.now;

  constructor() {
    super();
    new Observe(this, () => this.watch?.problem);
  }

  #content(tab: AlertTab): unknown {
    const { alerts, watch, metrics, plugins, live, session, toasts, now, query } = this;
    switch (tab) {
      case "rules":
        return html`<bn-rules
          .alerts=${alerts}
          .watch=${watch}
          .metrics=${metrics}
          .live=${live}
          .session=${session}
          .toasts=${toasts}
          .now=${now}
          rule=${query.get("rule") ?? ""}
          copy=${query.get("copy") ?? ""}
        ></bn-rules>`;
      case "routing":
        return html`<bn-routing
          .alerts=${alerts}
          .plugins=${plugins}
          .session=${session}
          .toasts=${toasts}
          .now=${now}
          edit=${query.get("edit") ?? ""}
          plugin=${query.get("plugin") ?? ""}
        ></bn-routing>`;
      case "summary":
        return html`<bn-alert-summary
          .alerts=${alerts}
          .watch=${watch}
          .now=${now}
          range=${query.get("range") ?? ""}
        ></bn-alert-summary>`;
      default:
        return html`<bn-alert-list
          .alerts=${alerts}
          .watch=${watch}
          .session=${session}
          .toasts=${toasts}
          .query=${readAlertQuery(query)}
        ></bn-alert-list>`;
    }
  }

  protected override render(): unknown {
    if (this.watch?.problem.value?.status === NOT_FOUND)
      return html`<section class="panel">
        <bn-empty
          icon="bell"
          heading="Alerts are switched off"
          text="This server was told to run without them: features.alerts, in its configuration or its environment."
        >
          <a class="button" href="/configuration?q=features.alerts">To the setting</a>
        </bn-empty>
      </section>`;
    const shown = TABS.find(({ id }) => id === this.query.get("tab"))?.id ?? "alerts";
    return html`<bn-tabs
        label="Of alerts"
        .tabs=${TABS.map(({ id, label }) => ({ id, label, href: tabHref(id) }))}
        shown=${shown}
      ></bn-tabs>
      ${this.#content(shown)}`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-alerts-page": BnAlertsPage;
  }
}
