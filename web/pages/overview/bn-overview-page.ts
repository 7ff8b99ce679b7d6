import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { Observe } from "../../controllers/observe.ts";
import type { AlertWatch } from "../../data/alert-watch.ts";
import type { Alerts } from "../../data/alerts.ts";
import type { Attention } from "../../data/attention.ts";
import { RULE_COUNT } from "../../data/attention-rules.ts";
import type { LiveMetrics } from "../../data/live.ts";
import type { Metrics } from "../../data/metrics.ts";
import type { PluginWatch } from "../../data/plugin-watch.ts";
import type { Plugins } from "../../data/plugins.ts";
import type { Session } from "../../data/session.ts";
import type { TimeContext } from "../../data/time-context.ts";
import type { Series } from "../../data/types.ts";
import type { VersionWatch } from "../../data/version-watch.ts";
import { formatDuration } from "../../lib/format.ts";
import "../../panels/bn-alert-timeline.ts";
import "../../panels/bn-metric-chart.ts";
import "../../panels/bn-plugin-panels.ts";
import { baseStyles, layoutStyles } from "../../styles/shared.ts";
import "../../panels/bn-attention-panel.ts";
import "./bn-own-figures.ts";
import "./bn-process-table.ts";
import "./bn-summary-cards.ts";
import { type Chosen, chooseDevices, type ResourcePanel, resourcePanels } from "./panels.ts";

/** The first look: what needs a person, the machine's main figures, its resources, its busiest processes. */
@customElement("bn-overview-page")
export class BnOverviewPage extends LitElement {
  static override styles = [
    baseStyles,
    layoutStyles,
    css`
      .place {
        min-height: 340px;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--card);
      }
    `,
  ];

  @property({ attribute: false }) live: LiveMetrics | undefined;
  @property({ attribute: false }) time: TimeContext | undefined;
  @property({ attribute: false }) metrics: Metrics | undefined;
  @property({ attribute: false }) attention: Attention | undefined;
  @property({ attribute: false }) version: VersionWatch | undefined;
  @property({ attribute: false }) plugins: Plugins | undefined;
  @property({ attribute: false }) pluginWatch: PluginWatch | undefined;
  @property({ attribute: false }) session: Session | undefined;
  @property({ attribute: false }) alerts: Alerts | undefined;
  @property({ attribute: false }) alertWatch: AlertWatch | undefined;
  @state() private panels: readonly ResourcePanel[] = [];
  #chosen: Chosen | undefined;
  #panelsFor: ReadonlyMap<string, Series> | undefined;

  constructor() {
    super();
    new Observe(this, () => this.live?.sample);
    new Observe(this, () => this.attention?.items);
    new Observe(this, () => this.version?.system);
    new Observe(this, () => this.alertWatch?.open);
    new Observe(this, () => this.time?.state);
  }

  protected override willUpdate(): void {
    const series = this.live?.series.value;
    const sample = this.live?.sample.value;
    if (series === undefined || sample === undefined || series === this.#panelsFor) return;
    this.#panelsFor = series;
    const known = { series, values: sample.values };
    const chosen = chooseDevices(known);
    this.#chosen = {
      interfaceName: this.#chosen?.interfaceName ?? chosen.interfaceName,
      deviceName: this.#chosen?.deviceName ?? chosen.deviceName,
    };
    this.panels = resourcePanels(known, this.#chosen);
  }

  #proof(): string {
    const { live } = this;
    const count = live?.sample.value?.values.size ?? 0;
    const silenceMs = live?.silenceMs();
    if (count === 0 || silenceMs === undefined) return "";
    const age = silenceMs < 2000 ? "just now" : `${formatDuration(Math.round(silenceMs / 1000))} ago`;
    return `${RULE_COUNT} conditions watched · ${count} series sampled · last sample ${age}`;
  }

  #charts(): unknown {
    if (this.panels.length === 0)
      return Array.from({ length: 4 }, () => html`<div class="half place"></div>`);
    return repeat(
      this.panels,
      (panel) => panel.id,
      (panel) => html`<bn-metric-chart
        class="half"
        heading=${panel.heading}
        note=${panel.note}
        unit=${panel.unit}
        .lines=${panel.lines}
        .metrics=${this.metrics}
        .live=${this.live}
        .time=${this.time}
        explorable
      ></bn-metric-chart>`,
    );
  }

  protected override render(): unknown {
    const { live, time, metrics, attention } = this;
    if (live === undefined || time === undefined || metrics === undefined) return nothing;
    return html`<div class="stack">
      <bn-attention-panel
        .items=${attention?.items.value ?? []}
        proof=${this.#proof()}
        ?known=${live.sample.value !== undefined}
      ></bn-attention-panel>
      <bn-summary-cards
        .live=${live}
        .time=${time}
        .metrics=${metrics}
        .cores=${this.version?.system.value?.cores}
      ></bn-summary-cards>
      <div class="grid">${this.#charts()}</div>
      ${
        this.alertWatch?.open.value === undefined
          ? nothing
          : html`<bn-alert-timeline
            .alerts=${this.alerts}
            .watch=${this.alertWatch}
            .window=${time.window()}
            explorable
          ></bn-alert-timeline>`
      }
      <bn-plugin-panels
        .plugins=${this.plugins}
        .watch=${this.pluginWatch}
        .session=${this.session}
        .live=${live}
        .metrics=${metrics}
        .time=${time}
      ></bn-plugin-panels>
      <div class="grid">
        <bn-process-table class="half wide" id="processes" .live=${live} .metrics=${metrics}></bn-process-table>
        <bn-own-figures class="half" .live=${live} .version=${this.version}></bn-own-figures>
      </div>
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-overview-page": BnOverviewPage;
  }
}
