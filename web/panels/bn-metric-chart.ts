import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../components/bn-chart.ts";
import "../components/bn-error.ts";
import type { ChartLine } from "../components/chart-options.ts";
import { MetricWindow } from "../controllers/metric-window.ts";
import type { LiveMetrics } from "../data/live.ts";
import type { Metrics } from "../data/metrics.ts";
import type { TimeContext } from "../data/time-context.ts";
import type { Unit } from "../data/types.ts";
import { type Frame, ratesOf } from "../lib/frame.ts";
import type { TimeWindow } from "../lib/time-range.ts";
import { baseStyles } from "../styles/shared.ts";

/** As many points as a wide chart has pixels to show them. */
const CHART_POINTS = 500;
const KEYS_IN_LINK = 10;

/** A panel with a heading and a chart of some series over the shared time: history, live values, zoom. */
@customElement("bn-metric-chart")
export class BnMetricChart extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
        min-width: 0;
        padding: var(--space-4);
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--card);
      }

      header {
        display: flex;
        align-items: baseline;
        gap: var(--space-2);
        margin-bottom: var(--space-2);
      }

      .note {
        flex: 1;
        min-width: 0;
        overflow: hidden;
        color: var(--faint);
        font-size: var(--text-13);
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      a {
        color: var(--soft);
        font-size: var(--text-13);
        text-decoration: none;
      }

      a:hover {
        color: var(--ink);
        text-decoration: underline;
      }

      @media (max-width: 720px) {
        a {
          padding: 12px 0;
          margin: -12px 0;
        }
      }
    `,
  ];

  @property() heading = "";
  @property() note = "";
  @property() unit: Unit = "count";
  @property({ attribute: false }) lines: readonly ChartLine[] = [];
  @property({ attribute: false }) metrics: Metrics | undefined;
  @property({ attribute: false }) live: LiveMetrics | undefined;
  @property({ attribute: false }) time: TimeContext | undefined;
  /** Shows a link to the page that explores these series. */
  @property({ type: Boolean }) explorable = false;
  /** The series are counters: how fast they grow a second is drawn instead of how far they are. */
  @property({ type: Boolean }) rate = false;

  #shown: MetricWindow | undefined;
  #rates: { of: Frame; frame: Frame } | undefined;

  protected override willUpdate(changed: PropertyValues<this>): void {
    const { metrics, live, time } = this;
    if (metrics === undefined || live === undefined || time === undefined) return;
    this.#shown ??= new MetricWindow(this, () => ({ metrics, live, time }), CHART_POINTS);
    if (changed.has("lines")) this.#shown.show(this.lines.map((line) => line.key));
  }

  /** The same rates for the same frame: the chart is told only of what is new. */
  #frame(frame: Frame): Frame {
    if (!this.rate) return frame;
    if (this.#rates?.of !== frame) this.#rates = { of: frame, frame: ratesOf(frame) };
    return this.#rates.frame;
  }

  #href(): string {
    const query = new URLSearchParams(location.search);
    query.delete("series");
    for (const line of this.lines.slice(0, KEYS_IN_LINK)) query.append("series", line.key);
    return `/metrics?${query}`;
  }

  protected override render(): unknown {
    const shown = this.#shown;
    if (shown === undefined) return nothing;
    return html`
      <header>
        <h2>${this.heading}</h2>
        <span class="note">${this.note}</span>
        ${this.explorable ? html`<a href=${this.#href()} aria-label="Explore ${this.heading}">Explore</a>` : nothing}
      </header>
      ${
        shown.problem === undefined
          ? html`<bn-chart
            label=${`${this.heading} ${this.note}`}
            unit=${this.unit}
            .lines=${this.lines}
            .frame=${this.#frame(shown.frame)}
            .window=${shown.window}
            ?is-ready=${shown.isReady}
            @zoom=${(event: CustomEvent<TimeWindow>) => this.time?.zoom(event.detail)}
            @zoom-back=${() => this.time?.zoomBack()}
          ></bn-chart>`
          : html`<bn-error .problem=${shown.problem} can-retry @retry=${() => shown.reload()}></bn-error>`
      }
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-metric-chart": BnMetricChart;
  }
}
