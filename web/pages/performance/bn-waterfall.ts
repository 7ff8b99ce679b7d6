import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { PALETTE_SIZE } from "../../components/chart-palette.ts";
import type { Span } from "../../data/traces.ts";
import { foreignText } from "../../lib/foreign-text.ts";
import { formatDuration } from "../../lib/format.ts";
import { rowsInSight } from "../../lib/rows-in-sight.ts";
import { baseStyles } from "../../styles/shared.ts";
import { isOrphan, type Row, rowsOf, shownRows } from "./waterfall.ts";
import { waterfallStyles } from "./waterfall-styles.ts";

const ROW_PX = 30;
const PHONE_ROW_PX = 52;
const PHONE = "(max-width: 720px)";
const INDENT_PX = 12;
/** Deeper than this, the names would have no room. */
const MAX_INDENTS = 14;
const PERCENT = 100;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** The spans of a trace, nested and to scale; only those in sight are drawn. Fires `choose` (CustomEvent<string>: a span's id). */
@customElement("bn-waterfall")
export class BnWaterfall extends LitElement {
  static override styles = [baseStyles, ...waterfallStyles];

  @property({ attribute: false }) spans: readonly Span[] = [];
  /** Seconds that the whole trace took. */
  @property({ attribute: false }) total = 1;
  @property({ attribute: false }) chosen = "";
  @state() private collapsed: ReadonlySet<string> = new Set();
  @state() private scrolledPx = 0;
  #rows: Row[] = [];

  get #rowPx(): number {
    return matchMedia(PHONE).matches ? PHONE_ROW_PX : ROW_PX;
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has("spans")) this.#rows = rowsOf(this.spans, PALETTE_SIZE);
  }

  get #shown(): Row[] {
    return shownRows(this.#rows, this.collapsed);
  }

  #fold(spanId: string, isCollapsed: boolean): void {
    const collapsed = new Set(this.collapsed);
    if (isCollapsed) collapsed.add(spanId);
    else collapsed.delete(spanId);
    this.collapsed = collapsed;
  }

  #choose(row: Row | undefined): void {
    if (row === undefined) return;
    this.dispatchEvent(new CustomEvent("choose", { detail: row.span.spanId }));
    this.#bringIntoSight(this.#shown.indexOf(row));
  }

  #bringIntoSight(place: number): void {
    const scroll = this.renderRoot.querySelector<HTMLElement>(".scroll");
    if (scroll === null || place < 0) return;
    const top = place * this.#rowPx;
    if (top < scroll.scrollTop) scroll.scrollTop = top;
    const bottom = top + this.#rowPx - scroll.clientHeight;
    if (bottom > scroll.scrollTop) scroll.scrollTop = bottom;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const shown = this.#shown;
    const at = shown.findIndex(({ span }) => span.spanId === this.chosen);
    const row = shown[at];
    const actions: Record<string, () => void> = {
      ArrowDown: () => this.#choose(shown[Math.min(shown.length - 1, at + 1)]),
      ArrowUp: () => this.#choose(shown[Math.max(0, at - 1)]),
      Home: () => this.#choose(shown[0]),
      End: () => this.#choose(shown.at(-1)),
      ArrowRight: () => this.#goIn(row, shown[at + 1]),
      ArrowLeft: () => this.#goOut(row),
    };
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  }

  #goIn(row: Row | undefined, next: Row | undefined): void {
    if (row === undefined || row.childCount === 0) return;
    if (this.collapsed.has(row.span.spanId)) this.#fold(row.span.spanId, false);
    else this.#choose(next);
  }

  #goOut(row: Row | undefined): void {
    if (row === undefined) return;
    if (row.childCount > 0 && !this.collapsed.has(row.span.spanId)) this.#fold(row.span.spanId, true);
    else this.#choose(this.#rows[row.parent]);
  }

  #bar({ span }: Row): unknown {
    const total = Math.max(this.total, Number.EPSILON);
    const left = Math.min(PERCENT, (PERCENT * span.offset) / total);
    const width = Math.min(PERCENT - left, (PERCENT * span.duration) / total);
    return html`<span class="lane"><span class="bar" style="left: ${left}%; width: ${width}%"></span></span>`;
  }

  #row(row: Row, place: number, count: number): unknown {
    const { span, childCount, isCritical, colour } = row;
    const { spanId, name, service, depth, failed, duration } = span;
    const isCollapsed = this.collapsed.has(spanId);
    const notes = [
      ...(failed ? ["failed"] : []),
      ...(isCritical ? ["on the critical path"] : []),
      ...(isOrphan(span) ? ["its parent has not come"] : []),
      ...(span.moved === 0 ? [] : ["moved, for clocks differ"]),
    ];
    const unseen = [foreignText(service), ...notes].join(", ");
    return html`<div
      id="span-${spanId}"
      class="row colour-${colour} ${isCritical ? "critical" : ""} ${failed ? "failed" : ""}"
      role="treeitem"
      aria-level=${depth + 1}
      aria-setsize=${count}
      aria-posinset=${place + 1}
      aria-expanded=${childCount === 0 ? nothing : String(!isCollapsed)}
      aria-selected=${String(spanId === this.chosen)}
      @click=${() => this.#choose(row)}
    >
      <span class="label" style="padding-left: ${Math.min(depth, MAX_INDENTS) * INDENT_PX}px">
        <span class="fold" aria-hidden="true" @click=${(event: Event) => this.#pressFold(event, row)}
          >${childCount === 0 ? nothing : isCollapsed ? "▶" : "▼"}</span
        >
        <span class="swatch"></span>
        ${isOrphan(span) ? html`<span class="orphan" aria-hidden="true">⌁</span>` : nothing}
        ${failed ? html`<span class="mark" aria-hidden="true">!</span>` : nothing}
        <span class="text" title="${foreignText(name)} · ${unseen}">${foreignText(name)}</span>
        <span class="unseen">${unseen}</span>
      </span>
      ${this.#bar(row)}
      <span class="duration">${formatDuration(duration)}</span>
    </div>`;
  }

  #pressFold(event: Event, { span, childCount }: Row): void {
    if (childCount === 0) return;
    event.stopPropagation();
    this.#fold(span.spanId, !this.collapsed.has(span.spanId));
  }

  #legend(): unknown {
    const services = new Map(this.#rows.map(({ span, colour }) => [span.service, colour]));
    return html`<div class="legend">
      ${[...services].map(
        ([service, colour]) =>
          html`<span class="colour-${colour}"><span class="swatch"></span>${foreignText(service)}</span>`,
      )}
      <span><span class="line"></span>critical path: what the whole waited for</span>
      ${this.#rows.some(({ span }) => isOrphan(span)) ? html`<span>⌁ its parent has not come</span>` : nothing}
      ${
        this.#rows.some(({ span }) => span.moved !== 0)
          ? html`<span>the clocks of services differ: what began before its caller is moved into it</span>`
          : nothing
      }
    </div>`;
  }

  protected override render(): unknown {
    const shown = this.#shown;
    const rowPx = this.#rowPx;
    const shownPx = this.renderRoot.querySelector(".scroll")?.clientHeight || 900;
    const { first, end } = rowsInSight({ count: shown.length, rowPx, scrolledPx: this.scrolledPx, shownPx });
    const isDrawn = shown.slice(first, end).some(({ span }) => span.spanId === this.chosen);
    return html`<div class="ruler" aria-hidden="true">
        <span>${this.#rows.length} spans</span>
        <span class="ticks">${TICKS.map((share) => html`<span>${formatDuration(share * this.total)}</span>`)}</span>
        <span></span>
      </div>
      <div
        class="scroll"
        role="tree"
        tabindex="0"
        aria-label="Spans of the trace"
        aria-activedescendant=${isDrawn ? `span-${this.chosen}` : nothing}
        @keydown=${this.#onKey}
        @scroll=${(event: Event) => {
          if (event.target instanceof HTMLElement) this.scrolledPx = event.target.scrollTop;
        }}
      >
        <div
          role="none"
          style="--span-height: ${rowPx}px; padding-block: ${first * rowPx}px ${(shown.length - end) * rowPx}px"
        >
          ${repeat(
            shown.slice(first, end),
            ({ span }) => span.spanId,
            (row, offset) => this.#row(row, first + offset, shown.length),
          )}
        </div>
      </div>
      ${this.#legend()}`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-waterfall": BnWaterfall;
  }
}
