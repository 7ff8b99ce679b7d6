import { css, html, LitElement, nothing, svg } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { LOG_LEVELS, type LogHistogram, type LogLevel } from "../../data/logs.ts";
import { formatDayAndTime, formatExact, formatFigure, formatTimeOfDay } from "../../lib/format.ts";
import { totalsOf } from "../../lib/log-bars.ts";
import type { TimeWindow } from "../../lib/time-range.ts";
import { baseStyles } from "../../styles/shared.ts";

const HEIGHT = 72;
/** Units of the drawing across; it is stretched to the width there is. */
const WIDTH = 1_000;
const DAY_MS = 86_400_000;
/** From below: what is worst stands on the ground line, where it is seen even when there is little of it. */
const STACK: readonly LogLevel[] = ["error", "warning", "info", "debug"];

/**
 * Lines of each level over time. Fires `zoom` (CustomEvent<TimeWindow>: a stretch was drawn with the pointer, or Enter
 * was pressed on a bar) and `zoom-back`.
 */
@customElement("bn-log-histogram")
export class BnLogHistogram extends LitElement {
  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
        padding: var(--space-3) var(--space-4) var(--space-2);
      }

      .plot {
        position: relative;
        cursor: crosshair;
        touch-action: pan-y;
        user-select: none;
      }

      svg {
        display: block;
        width: 100%;
        height: 72px;
        border-bottom: 1px solid var(--line);
      }

      .debug {
        fill: var(--line);
      }

      .info {
        fill: color-mix(in oklch, var(--line-strong) 75%, transparent);
      }

      .warning {
        fill: var(--watch);
      }

      .error {
        fill: var(--alarm);
      }

      .chosen {
        fill: color-mix(in oklch, var(--brass) 22%, transparent);
      }

      @media (max-width: 720px) {
        svg {
          height: 44px;
        }
      }

      footer,
      .words {
        display: flex;
        justify-content: space-between;
        gap: var(--space-4);
        color: var(--faint);
        font-size: var(--text-11);
      }

      footer {
        padding-top: var(--space-1);
      }

      .words {
        flex-wrap: wrap;
        justify-content: flex-start;
        min-height: 18px;
        padding-bottom: var(--space-2);
        font-size: var(--text-12);
      }

      .words b {
        color: var(--ink);
        font-weight: 600;
      }
    `,
  ];

  @property({ attribute: false }) histogram: LogHistogram | undefined;
  /** The bar under the pointer or chosen by keys. */
  @state() private pointed: number | undefined;
  @state() private draggedFrom: number | undefined;

  get #bars(): LogHistogram["buckets"] {
    return this.histogram?.buckets ?? [];
  }

  #barAt(event: PointerEvent): number | undefined {
    const plot = this.renderRoot.querySelector("svg")?.getBoundingClientRect();
    if (plot === undefined || plot.width === 0 || this.#bars.length === 0) return undefined;
    const share = (event.clientX - plot.left) / plot.width;
    return Math.max(0, Math.min(this.#bars.length - 1, Math.floor(share * this.#bars.length)));
  }

  #press(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.draggedFrom = this.#barAt(event);
    if (event.currentTarget instanceof Element) event.currentTarget.setPointerCapture(event.pointerId);
  }

  #release(event: PointerEvent): void {
    const [from, to] = [this.draggedFrom, this.#barAt(event)];
    this.draggedFrom = undefined;
    if (from !== undefined && to !== undefined && from !== to)
      this.#zoom(Math.min(from, to), Math.max(from, to));
  }

  #zoom(first: number, last: number): void {
    const { histogram } = this;
    const [from, to] = [this.#bars[first], this.#bars[last]];
    if (histogram === undefined || from === undefined || to === undefined) return;
    const detail: TimeWindow = { fromMs: from.at, toMs: Math.min(histogram.to, to.at + histogram.stepMs) };
    this.dispatchEvent(new CustomEvent("zoom", { detail }));
  }

  #onKey(event: KeyboardEvent): void {
    const last = this.#bars.length - 1;
    const at = this.pointed ?? last;
    const keys: Record<string, () => void> = {
      ArrowLeft: () => {
        this.pointed = Math.max(0, at - 1);
      },
      ArrowRight: () => {
        this.pointed = Math.min(last, at + 1);
      },
      Enter: () => this.#zoom(at, at),
      "0": () => this.dispatchEvent(new Event("zoom-back")),
      Escape: () => this.dispatchEvent(new Event("zoom-back")),
    };
    const run = keys[event.key];
    if (run === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  }

  #bar(index: number, most: number): unknown {
    const bucket = this.#bars[index];
    if (bucket === undefined) return nothing;
    const width = WIDTH / this.#bars.length;
    let top = HEIGHT;
    return STACK.map((level) => {
      const count = bucket[level];
      if (count === 0) return nothing;
      // One line in a crowd is still seen.
      const height = Math.max(1.5, (count / most) * (HEIGHT - 4));
      top -= height;
      return svg`<rect class=${level} x=${index * width + width * 0.1} y=${top} width=${width * 0.8} height=${height}></rect>`;
    });
  }

  #chosen(): unknown {
    const { pointed } = this;
    if (pointed === undefined || this.#bars.length === 0) return nothing;
    const from = Math.min(this.draggedFrom ?? pointed, pointed);
    const to = Math.max(this.draggedFrom ?? pointed, pointed);
    const width = WIDTH / this.#bars.length;
    return svg`<rect class="chosen" x=${from * width} y="0" width=${(to - from + 1) * width} height=${HEIGHT}></rect>`;
  }

  /** What is pointed at, else the whole, in words. */
  #words(): unknown {
    const { histogram, pointed } = this;
    if (histogram === undefined) return "Counting…";
    const bar = pointed === undefined ? undefined : this.#bars[pointed];
    const totals = totalsOf(bar === undefined ? histogram : { ...histogram, buckets: [bar] });
    const levels = LOG_LEVELS.toReversed().filter((level) => totals[level] > 0);
    const figure = (count: number): string => formatFigure(count, 0);
    return html`<b>${figure(totals.lines)} ${totals.lines === 1 ? "line" : "lines"}</b>
      ${levels.map((level) => html`<span>${figure(totals[level])} ${level}</span>`)}
      ${bar === undefined ? nothing : html`<span>from ${formatExact(bar.at)}</span>`}
      ${histogram.isComplete ? nothing : html`<span>counted in part: older bars may lack lines</span>`}`;
  }

  protected override render(): unknown {
    const { histogram } = this;
    const bars = this.#bars;
    const most = Math.max(1, ...bars.map((bar) => LOG_LEVELS.reduce((sum, level) => sum + bar[level], 0)));
    const label = (atMs: number): string =>
      (histogram?.to ?? 0) - (histogram?.from ?? 0) > DAY_MS ? formatDayAndTime(atMs) : formatTimeOfDay(atMs);
    return html`<p class="words" aria-live="polite">${this.#words()}</p>
      <div
        class="plot"
        tabindex="0"
        role="group"
        aria-label="Lines over time, by level. Arrow keys choose a bar, Enter zooms to it, Escape goes back"
        @keydown=${this.#onKey}
        @blur=${() => {
          this.pointed = undefined;
        }}
        @pointerdown=${this.#press}
        @pointerup=${this.#release}
        @pointermove=${(event: PointerEvent) => {
          this.pointed = this.#barAt(event);
        }}
        @pointerleave=${() => {
          if (this.draggedFrom === undefined) this.pointed = undefined;
        }}
        @dblclick=${() => this.dispatchEvent(new Event("zoom-back"))}
      >
        <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
          ${bars.map((_bar, index) => this.#bar(index, most))}${this.#chosen()}
        </svg>
        <footer aria-hidden="true">
          <span>${histogram === undefined ? "" : label(histogram.from)}</span>
          <span>${histogram === undefined ? "" : label((histogram.from + histogram.to) / 2)}</span>
          <span>${histogram === undefined ? "" : label(histogram.to)}</span>
        </footer>
      </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-log-histogram": BnLogHistogram;
  }
}
