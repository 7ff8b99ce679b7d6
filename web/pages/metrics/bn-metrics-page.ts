import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import "../../components/bn-copy.ts";
import "../../components/bn-dialog.ts";
import "../../components/bn-empty.ts";
import "../../components/bn-icon.ts";
import { Observe } from "../../controllers/observe.ts";
import type { LiveMetrics } from "../../data/live.ts";
import type { Metrics } from "../../data/metrics.ts";
import type { TimeContext } from "../../data/time-context.ts";
import { seriesKey, seriesTitle } from "../../lib/series-key.ts";
import { panWindow } from "../../lib/time-range.ts";
import "../../panels/bn-metric-chart.ts";
import "../../panels/bn-series-picker.ts";
import { baseStyles, controlStyles, layoutStyles } from "../../styles/shared.ts";
import { graphqlQuery, groupByUnit, SERIES_LIMIT, type UnitGroup } from "./comparison.ts";

const PAN_SHARE = 0.5;
const EXPORT_POINTS = 500;
/** Offered on the empty page. */
const STARTERS = [
  seriesKey("cpu_usage_percent", { mode: "total" }),
  "memory_used_percent",
  seriesKey("load_average", { period: "1m" }),
] as const;

/** Explores any series: choose up to ten, compare, zoom, take away. Fires `select` (CustomEvent<keys>). */
@customElement("bn-metrics-page")
export class BnMetricsPage extends LitElement {
  static override styles = [
    baseStyles,
    controlStyles,
    layoutStyles,
    css`
      .columns {
        display: grid;
        grid-template-columns: 300px minmax(0, 1fr);
        align-items: start;
        gap: var(--space-4);
      }

      bn-series-picker {
        position: sticky;
        top: calc(var(--top-bar-height) + var(--space-5));
      }

      .tools {
        justify-content: space-between;
      }

      .chip {
        display: inline-flex;
        align-items: center;
        gap: var(--space-1);
        min-height: 28px;
        padding: 0 var(--space-1) 0 10px;
        border: 1px solid var(--line);
        border-radius: var(--radius-round);
        background: var(--card);
        font-size: var(--text-12);
      }

      .chip button {
        display: grid;
        place-items: center;
        width: 24px;
        height: 24px;
        padding: 0;
        border: 0;
        border-radius: var(--radius-round);
        background: none;
        color: var(--soft);
        cursor: pointer;
        --icon-size: 12px;
      }

      .chip button:hover {
        background: var(--hover);
        color: var(--ink);
      }

      bn-metric-chart {
        --chart-height: 300px;
      }

      .choose {
        display: none;
      }

      @media (max-width: 1000px) {
        .columns {
          grid-template-columns: minmax(0, 1fr);
        }

        .columns > bn-series-picker {
          display: none;
        }

        .choose {
          display: inline-flex;
          justify-self: start;
        }

        bn-dialog bn-series-picker {
          position: static;
          --picker-height: calc(100dvh - 220px);
        }
      }

      @media (max-width: 720px) {
        .chip button {
          width: 44px;
          height: 44px;
        }

        bn-metric-chart {
          --chart-height: 220px;
        }
      }
    `,
  ];

  @property({ attribute: false }) live: LiveMetrics | undefined;
  @property({ attribute: false }) time: TimeContext | undefined;
  @property({ attribute: false }) metrics: Metrics | undefined;
  @property({ attribute: false }) selected: readonly string[] = [];
  /** The dialog's list is made at its first opening: a wide page has one beside the charts. */
  @state() private isAsked = false;
  #groups: UnitGroup[] = [];
  #groupsFor: readonly unknown[] = [];

  constructor() {
    super();
    new Observe(this, () => this.live?.series);
    new Observe(this, () => this.time?.state);
  }

  protected override willUpdate(): void {
    const series = this.live?.series.value ?? new Map();
    const selected = this.selected.slice(0, SERIES_LIMIT);
    const basis = [series, ...selected];
    const isSame =
      basis.length === this.#groupsFor.length && basis.every((one, at) => one === this.#groupsFor[at]);
    if (isSame) return;
    this.#groupsFor = basis;
    this.#groups = groupByUnit(selected, series);
  }

  #choose(keys: readonly string[]): void {
    this.dispatchEvent(new CustomEvent("select", { detail: keys }));
  }

  #toggle(key: string): void {
    const isChosen = this.selected.includes(key);
    this.#choose(isChosen ? this.selected.filter((other) => other !== key) : [...this.selected, key]);
  }

  #pan(share: number): void {
    const { time } = this;
    if (time !== undefined) time.choose({ kind: "absolute", ...panWindow(time.window(), share, time.now()) });
  }

  #titleOf(key: string): string {
    const series = this.live?.series.value.get(key);
    return series === undefined ? key : seriesTitle(series.name, series.labels);
  }

  #chips(): unknown {
    return repeat(
      this.selected.slice(0, SERIES_LIMIT),
      (key) => key,
      (key) => html`<span class="chip" title=${key}
        >${this.#titleOf(key)}
        <button type="button" aria-label="Remove ${this.#titleOf(key)}" @click=${() => this.#toggle(key)}>
          <bn-icon name="close"></bn-icon></button
      ></span>`,
    );
  }

  #takeAway(metrics: Metrics, time: TimeContext): unknown {
    const query = { keys: this.selected, ...time.window(), points: EXPORT_POINTS };
    return html`<div class="row">
      <button class="button" type="button" aria-label="Earlier" @click=${() => this.#pan(-PAN_SHARE)}>
        <bn-icon name="chevron-left"></bn-icon>
      </button>
      <button
        class="button"
        type="button"
        aria-label="Later"
        ?disabled=${time.isLive}
        @click=${() => this.#pan(PAN_SHARE)}
      >
        <bn-icon name="chevron-right"></bn-icon>
      </button>
      <a class="button" download href=${metrics.exportHref("csv", query)}><bn-icon name="download"></bn-icon>CSV</a>
      <a class="button" download href=${metrics.exportHref("json", query)}><bn-icon name="download"></bn-icon>JSON</a>
      <bn-copy label="GraphQL query" .text=${graphqlQuery(this.selected, query.fromMs, query.toMs)}></bn-copy>
    </div>`;
  }

  #picker(metrics: Metrics): unknown {
    return html`<bn-series-picker
      .metrics=${metrics}
      .selected=${this.selected}
      ?full=${this.selected.length >= SERIES_LIMIT}
      @toggle-series=${(event: CustomEvent<string>) => this.#toggle(event.detail)}
    ></bn-series-picker>`;
  }

  async #ask(): Promise<void> {
    this.isAsked = true;
    await this.updateComplete;
    await this.renderRoot.querySelector("bn-dialog")?.open();
  }

  #empty(): unknown {
    return html`<div class="panel">
      <bn-empty
        icon="chart"
        heading="Choose a series to see its course"
        text="Pick up to ten from the list; those of one unit share a chart. Drag over a chart to zoom, double-click to go back. The address holds what you see, so that you can send it to somebody."
      >
        <div class="row">
          <button class="button primary" type="button" @click=${() => this.#choose(STARTERS)}>
            Show CPU, memory and load
          </button>
        </div>
      </bn-empty>
    </div>`;
  }

  protected override render(): unknown {
    const { live, time, metrics } = this;
    if (live === undefined || time === undefined || metrics === undefined) return nothing;
    return html`<div class="columns">
      ${this.#picker(metrics)}
      <div class="stack">
        <button class="button choose" type="button" aria-haspopup="dialog" @click=${() => this.#ask()}>
          <bn-icon name="chart"></bn-icon>Choose series
        </button>
        ${
          this.#groups.length === 0
            ? this.#empty()
            : html`<div class="row tools">
              <div class="row">${this.#chips()}</div>
              ${this.#takeAway(metrics, time)}
            </div>`
        }
        ${repeat(
          this.#groups,
          (group) => group.unit,
          (group) => html`<bn-metric-chart
            heading=${group.heading}
            note=${group.note}
            unit=${group.unit}
            .lines=${group.lines}
            .metrics=${metrics}
            .live=${live}
            .time=${time}
          ></bn-metric-chart>`,
        )}
      </div>
      <bn-dialog heading="Choose series">${this.isAsked ? this.#picker(metrics) : nothing}</bn-dialog>
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-metrics-page": BnMetricsPage;
  }
}
