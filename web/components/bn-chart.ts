import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { classMap } from "lit/directives/class-map.js";
import uPlot from "uplot";
import type { Unit } from "../data/types.ts";
import {
  decimalsFor,
  formatExact,
  formatFigure,
  formatTimeOfDay,
  formatValue,
  scaleFor,
} from "../lib/format.ts";
import { EMPTY_FRAME, type Frame, type LineSummary, summarise } from "../lib/frame.ts";
import { panWindow, type TimeWindow, zoomWindow } from "../lib/time-range.ts";
import { baseStyles } from "../styles/shared.ts";
import {
  alignedData,
  type ChartLine,
  type ChartMarks,
  chartOptions,
  colourIndex,
  NO_MARKS,
  seriesOfLine,
} from "./chart-options.ts";
import { type ChartPalette, readPalette, watchTheme } from "./chart-palette.ts";
import { chartStyles } from "./chart-styles.ts";

const PAN_SHARE = 0.25;
const ZOOM_FACTOR = 0.5;
const NO_SUMMARY: LineSummary = { last: null, min: null, avg: null, max: null };

/**
 * Lines over time, drawn by uPlot. Charts with the same `sync-key` share their crosshair.
 * Fires `zoom` (CustomEvent<TimeWindow>: dragged, panned or zoomed by key) and `zoom-back`.
 */
@customElement("bn-chart")
export class BnChart extends LitElement {
  static override styles = [baseStyles, ...chartStyles];

  /** What the chart shows, for those who hear it. */
  @property() label = "";
  @property() unit: Unit = "count";
  @property({ attribute: "sync-key" }) syncKey = "page";
  @property({ attribute: false }) lines: readonly ChartLine[] = [];
  @property({ attribute: false }) frame: Frame = EMPTY_FRAME;
  @property({ attribute: false }) window: TimeWindow = { fromMs: 0, toMs: 1 };
  /** Limits and spans of time to be seen beside the lines. */
  @property({ attribute: false }) marks: ChartMarks = NO_MARKS;
  /** False while the first history loads: the place is kept, nothing is claimed. */
  @property({ type: Boolean, attribute: "is-ready" }) isReady = false;
  @state() private cursorIndex: number | null = null;
  @state() private hiddenKeys: ReadonlySet<string> = new Set();

  #plot: uPlot | undefined;
  #palette: ChartPalette | undefined;
  #resize: ResizeObserver | undefined;
  #stopTheme: () => void = () => {};

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stopTheme = watchTheme(() => {
      this.#palette = undefined;
      this.#plot?.redraw();
    });
    if (this.hasUpdated) this.#build();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stopTheme();
    this.#dismantle();
  }

  protected override firstUpdated(): void {
    this.#build();
  }

  protected override updated(changed: PropertyValues<this>): void {
    const isNewShape = changed.has("lines") || changed.has("unit") || changed.has("syncKey");
    if (isNewShape && this.#plot !== undefined) this.#build();
    else if (changed.has("frame") || changed.has("window") || changed.has("marks"))
      this.#plot?.setData(alignedData(this.frame, this.lines));
  }

  get #surface(): HTMLElement | null {
    return this.renderRoot.querySelector(".plot");
  }

  #dismantle(): void {
    this.#resize?.disconnect();
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  #build(): void {
    this.#dismantle();
    const surface = this.#surface;
    if (surface === null) return;
    const options = chartOptions(
      {
        lines: this.lines,
        unit: this.unit,
        syncKey: this.syncKey,
        window: () => this.window,
        marks: () => this.marks,
        palette: () => this.#colours(surface),
        isHidden: (key) => this.hiddenKeys.has(key),
        onCursor: (index) => {
          this.cursorIndex = index;
        },
        onSelect: (window) => this.#fireZoom(window),
        onZoomBack: () => this.dispatchEvent(new Event("zoom-back")),
      },
      surface.clientWidth || 1,
      surface.clientHeight || 1,
    );
    this.#plot = new uPlot(options, alignedData(this.frame, this.lines), surface);
    this.#resize = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = surface;
      if (width > 0 && height > 0) this.#plot?.setSize({ width, height });
    });
    this.#resize.observe(surface);
  }

  #colours(probe: HTMLElement): ChartPalette {
    this.#palette ??= readPalette(probe);
    return this.#palette;
  }

  #fireZoom(window: TimeWindow): void {
    this.dispatchEvent(new CustomEvent("zoom", { detail: window }));
  }

  #toggle(key: string, position: number): void {
    const hidden = new Set(this.hiddenKeys);
    if (!hidden.delete(key)) hidden.add(key);
    this.hiddenKeys = hidden;
    for (const series of seriesOfLine(position)) this.#plot?.setSeries(series, { show: !hidden.has(key) });
  }

  #onKey(event: KeyboardEvent): void {
    const actions: Record<string, () => void> = {
      ArrowLeft: () => (event.shiftKey ? this.#pan(-PAN_SHARE) : this.#moveCursor(-1)),
      ArrowRight: () => (event.shiftKey ? this.#pan(PAN_SHARE) : this.#moveCursor(1)),
      "+": () => this.#fireZoom(zoomWindow(this.window, ZOOM_FACTOR, Date.now())),
      "=": () => this.#fireZoom(zoomWindow(this.window, ZOOM_FACTOR, Date.now())),
      "-": () => this.#fireZoom(zoomWindow(this.window, 1 / ZOOM_FACTOR, Date.now())),
      "0": () => this.dispatchEvent(new Event("zoom-back")),
      Escape: () => this.dispatchEvent(new Event("zoom-back")),
    };
    const action = actions[event.key];
    if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  }

  #pan(share: number): void {
    this.#fireZoom(panWindow(this.window, share, Date.now()));
  }

  #moveCursor(step: number): void {
    const last = this.frame.t.length - 1;
    const index = Math.max(0, Math.min(last, (this.cursorIndex ?? last + 1) + step));
    const at = this.frame.t[index];
    if (this.#plot === undefined || at === undefined) return;
    this.#plot.setCursor({ left: this.#plot.valToPos(at, "x"), top: 1 });
  }

  #summaries(): Map<string, LineSummary> {
    return new Map(this.frame.lines.map((line) => [line.key, summarise(line)]));
  }

  #legend(summaries: ReadonlyMap<string, LineSummary>): unknown {
    const { cursorIndex, frame } = this;
    const at = cursorIndex === null ? frame.t.at(-1) : frame.t[cursorIndex];
    const largest = Math.max(0, ...[...summaries.values()].map((summary) => summary.max ?? 0));
    const scale = scaleFor(this.unit, largest);
    // 142 processes, not 142.0.
    const isWhole =
      this.unit === "count" && [...summaries.values()].every(({ last }) => Number.isInteger(last ?? 0));
    const decimals = isWhole ? 0 : decimalsFor(largest / scale.divisor);
    const write = (value: number | null | undefined): string =>
      value === null || value === undefined ? "–" : formatFigure(value / scale.divisor, decimals);
    const valuesOf = new Map(frame.lines.map((line) => [line.key, line.avg]));
    return html`<table>
      <thead>
        <tr>
          <th scope="col">
            ${at === undefined ? "Series" : html`<span title=${formatExact(at)}>${formatTimeOfDay(at)}</span>`}
          </th>
          <th scope="col">${cursorIndex === null ? "now" : "here"}</th>
          <th scope="col" class="min">min</th>
          <th scope="col">avg</th>
          <th scope="col" class="max">max</th>
        </tr>
      </thead>
      <tbody>
        ${this.lines.map((line, position) => {
          const summary = summaries.get(line.key) ?? NO_SUMMARY;
          const now = cursorIndex === null ? summary.last : valuesOf.get(line.key)?.[cursorIndex];
          const swatch = { swatch: true, [`swatch-${colourIndex(line, position)}`]: true };
          return html`<tr>
            <th scope="row">
              <button
                class="toggle"
                type="button"
                aria-pressed=${String(!this.hiddenKeys.has(line.key))}
                title="Show or hide"
                @click=${() => this.#toggle(line.key, position)}
              >
                <span class=${classMap(swatch)}></span><span>${line.label}</span>
              </button>
            </th>
            <td class="now">${write(now)}${now === null || now === undefined || scale.suffix === "" ? nothing : ` ${scale.suffix}`}</td>
            <td class="min">${write(summary.min)}</td>
            <td>${write(summary.avg)}</td>
            <td class="max">${write(summary.max)}</td>
          </tr>`;
        })}
      </tbody>
    </table>`;
  }

  /** What the picture says, in a sentence a line. */
  #summary(summaries: ReadonlyMap<string, LineSummary>): string {
    const { fromMs, toMs } = this.window;
    const parts = this.lines.map((line) => {
      const { last, min, max } = summaries.get(line.key) ?? NO_SUMMARY;
      if (last === null) return `${line.label}: no samples.`;
      const write = (value: number | null): string => formatValue(value, this.unit);
      return `${line.label}: now ${write(last)}, between ${write(min)} and ${write(max)}.`;
    });
    return `${this.label} from ${formatExact(fromMs)} to ${formatExact(toMs)}. ${parts.join(" ")}`;
  }

  protected override render(): unknown {
    const summaries = this.#summaries();
    const isEmpty = this.isReady && !hasValues(this.frame);
    return html`
      <div
        class="plot"
        tabindex="0"
        role="application"
        aria-roledescription="chart"
        aria-label=${this.label}
        aria-describedby="summary"
        @keydown=${this.#onKey}
      >
        ${isEmpty ? html`<div class="cover"><span>No samples in this time</span></div>` : nothing}
      </div>
      <p class="unseen" id="summary">${this.#summary(summaries)}</p>
      ${this.#legend(summaries)}
    `;
  }
}

const hasValues = ({ lines }: Frame): boolean =>
  lines.some(({ avg }) => avg.some((value) => value !== null && value !== undefined));

declare global {
  interface HTMLElementTagNameMap {
    "bn-chart": BnChart;
  }
}
