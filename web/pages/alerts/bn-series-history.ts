import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property } from "lit/decorators.js";
import "../../components/bn-chart.ts";
import "../../components/bn-error.ts";
import { type ChartLine, type ChartMarks, NO_MARKS } from "../../components/chart-options.ts";
import { Load } from "../../controllers/load.ts";
import type { Metrics } from "../../data/metrics.ts";
import type { SeriesRecord } from "../../data/types.ts";
import { EMPTY_FRAME, type Frame, frameOf } from "../../lib/frame.ts";
import { seriesTitle } from "../../lib/series-key.ts";
import type { TimeWindow } from "../../lib/time-range.ts";
import { baseStyles, layoutStyles } from "../../styles/shared.ts";
import { MAX_LINES, type SeriesChoice, seriesOf } from "./series-choice.ts";

const POINTS = 500;

interface History {
  series: readonly SeriesRecord[];
  lines: readonly ChartLine[];
  frame: Frame;
  window: TimeWindow;
}

/** The values of what a rule speaks of over a span of time that has passed. Fires `zoom` and `zoom-back` as the chart does. */
@customElement("bn-series-history")
export class BnSeriesHistory extends LitElement {
  static override styles = [baseStyles, layoutStyles];

  @property() label = "Values";
  @property({ attribute: false }) metrics: Metrics | undefined;
  @property({ attribute: false }) choice: SeriesChoice | undefined;
  @property({ attribute: false }) window: TimeWindow = { fromMs: 0, toMs: 1 };
  @property({ attribute: false }) marks: ChartMarks = NO_MARKS;
  readonly #load = new Load<History | undefined>(this, () => this.#read());
  #asked = "";

  protected override updated(_changed: PropertyValues<this>): void {
    const question = JSON.stringify([this.choice, this.window]);
    if (question === this.#asked || this.metrics === undefined || this.choice === undefined) return;
    this.#asked = question;
    void this.#load.run();
  }

  async #read(): Promise<History | undefined> {
    const { metrics, choice, window } = this;
    if (metrics === undefined || choice === undefined) return undefined;
    const series = (await seriesOf(metrics, choice)).slice(0, MAX_LINES);
    const keys = series.map(({ key }) => key);
    const histories =
      keys.length === 0 ? new Map() : await metrics.history({ keys, ...window, points: POINTS });
    const lines = series.map(({ key, name, labels }) => ({ key, label: seriesTitle(name, labels) }));
    return { series, lines, frame: keys.length === 0 ? EMPTY_FRAME : frameOf(keys, histories), window };
  }

  #pass(event: Event): void {
    const detail = event instanceof CustomEvent ? event.detail : undefined;
    this.dispatchEvent(new CustomEvent(event.type, { detail }));
  }

  protected override render(): unknown {
    const { state } = this.#load;
    if (state.kind === "failed")
      return html`<bn-error .problem=${state.problem} can-retry @retry=${() => void this.#load.run()}></bn-error>`;
    const shown = this.#load.value;
    if (this.choice === undefined) return nothing;
    return html`<bn-chart
      label=${this.label}
      unit=${shown?.series[0]?.unit ?? "count"}
      sync-key=${this.label}
      .lines=${shown?.lines ?? []}
      .frame=${shown?.frame ?? EMPTY_FRAME}
      .window=${shown?.window ?? this.window}
      .marks=${this.marks}
      ?is-ready=${shown !== undefined}
      @zoom=${this.#pass}
      @zoom-back=${this.#pass}
    ></bn-chart>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-series-history": BnSeriesHistory;
  }
}
