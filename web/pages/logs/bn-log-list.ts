import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { Busy, Segment } from "../../data/log-reader.ts";
import type { LogLine } from "../../data/logs.ts";
import type { Marker } from "../../lib/log-query.ts";
import {
  type Anchor,
  endAnchor,
  isAtEnd,
  moveAnchor,
  type Rows,
  showRow,
  TOP,
} from "../../lib/row-anchor.ts";
import { baseStyles, controlStyles } from "../../styles/shared.ts";
import type { OptionalColumn } from "./address.ts";
import { drawRow, rowColumns } from "./line-row.ts";
import { levelStyles, listStyles } from "./list-styles.ts";
import { idAt, indexOfId, LogScrollbar } from "./log-scrollbar.ts";

const DESKTOP_ROW = 24;
const PHONE_ROW = 56;
const PHONE = "(max-width: 720px)";
const MIN_HEIGHT_PX = 320;
/** Room left below the list for the edge of the page. */
const BELOW_PX = 26;
const PHONE_SHARE = 0.7;
/** Rows drawn beyond each edge: in a list with wrapped rows their heights are known before they are seen. */
const MARGIN_ROWS = 10;
/** Nearer to an end of what is held than so many rows, more is asked for. */
const AHEAD_ROWS = 250;

/**
 * Rows of a log of any length. Only those in sight are drawn; scrolling moves a row at the upper edge, its anchor,
 * through what is held, and asks for more before an end is reached.
 *
 * Fires `older`, `newer`, `jump` (CustomEvent<number>: a line's number), `newest`, `select` (CustomEvent<number |
 * undefined>) and `follow` (CustomEvent<boolean>: whether the newest line is in sight and stays so).
 */
@customElement("bn-log-list")
export class BnLogList extends LitElement {
  static override styles = [baseStyles, controlStyles, levelStyles, listStyles];

  @property({ attribute: false }) segment: Segment | undefined;
  @property({ attribute: false }) busy: Busy;
  @property({ attribute: false }) marker: Marker = (text) => [{ text, isHit: false }];
  @property({ attribute: false }) columns: readonly OptionalColumn[] = [];
  @property({ type: Boolean }) wraps = false;
  @property({ attribute: false }) selectedId: number | undefined;
  /** The line to show when the list begins around one. */
  @property({ attribute: false }) pivotId: number | undefined;
  /** Lines that came in while the reader looks elsewhere. */
  @property({ type: Number }) unseen = 0;
  @state() private activeId: number | undefined;
  @state() private drawn = { first: 0, end: 0 };
  #anchor: Anchor = TOP;
  #anchorId: number | undefined;
  /** A number that was jumped to, until its lines are there. */
  #soughtId: number | undefined;
  #isFollowing = true;
  #heights = new WeakMap<LogLine, number>();
  #shownPx = 600;
  #fittedWholePx = 0;
  readonly #bar = new LogScrollbar({
    move: (byPx) => this.#move(byPx),
    seek: (share) => this.#seek(share),
    share: () => this.#bar.shareOf(this.segment, this.#rows, this.#anchor),
  });
  readonly #sizes = new ResizeObserver(() => this.#resize());

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#sizes.disconnect();
    this.#bar.release();
  }

  /** Puts the focus on the rows. */
  override focus(): void {
    this.#scroller?.focus();
  }

  get #scroller(): HTMLElement | null {
    return this.renderRoot.querySelector(".scroll");
  }

  get #lines(): readonly LogLine[] {
    return this.segment?.lines ?? [];
  }

  get #rowPx(): number {
    return matchMedia(PHONE).matches ? PHONE_ROW : DESKTOP_ROW;
  }

  get #rows(): Rows {
    const lines = this.#lines;
    const rowPx = this.#rowPx;
    const heightOf = (index: number): number => {
      const line = lines[index];
      return (this.wraps && line !== undefined ? this.#heights.get(line) : undefined) ?? rowPx;
    };
    return { count: lines.length, heightOf, shownPx: this.#shownPx };
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("wraps") || changed.has("columns")) this.#heights = new WeakMap();
    if (changed.has("pivotId") && this.pivotId !== undefined) {
      this.#soughtId = this.pivotId;
      this.#setFollowing(false);
      this.activeId = this.pivotId;
    }
    if (changed.has("segment")) this.#place();
    this.#chooseDrawn();
  }

  /** Where the reader is in lines that have changed. */
  #place(): void {
    const rows = this.#rows;
    if (this.segment === undefined) {
      this.#anchorId = undefined;
      if (this.#soughtId === undefined) this.#setFollowing(true);
      return;
    }
    const sought = this.#soughtId;
    if (sought !== undefined && this.#lines.length > 0) {
      this.#soughtId = undefined;
      const isPivot = sought === this.pivotId;
      const anchor = { index: Math.min(indexOfId(this.#lines, sought), rows.count - 1), offsetPx: 0 };
      // A line that was asked for stands in the middle, what is around it beside it.
      this.#anchor = moveAnchor(rows, anchor, isPivot ? -Math.floor(this.#shownPx / 2) : 0);
    } else if (this.#isFollowing) this.#anchor = endAnchor(rows);
    else if (this.#anchorId !== undefined) {
      const index = indexOfId(this.#lines, this.#anchorId);
      this.#anchor = moveAnchor(rows, { index, offsetPx: this.#anchor.offsetPx }, 0);
    }
    this.#anchorId = this.#lines[this.#anchor.index]?.id;
  }

  #chooseDrawn(): void {
    const rows = this.#rows;
    const first = Math.max(0, this.#anchor.index - MARGIN_ROWS);
    let end = this.#anchor.index;
    for (let px = -this.#anchor.offsetPx; px < this.#shownPx && end < rows.count; end++)
      px += rows.heightOf(end);
    end = Math.min(rows.count, end + MARGIN_ROWS);
    if (first !== this.drawn.first || end !== this.drawn.end) this.drawn = { first, end };
  }

  protected override firstUpdated(): void {
    const scroller = this.#scroller;
    if (scroller === null) return;
    this.#bar.attach(scroller);
    this.#sizes.observe(scroller);
    this.#sizes.observe(document.documentElement);
    if (this.parentElement !== null) this.#sizes.observe(this.parentElement);
  }

  protected override updated(): void {
    this.style.setProperty("--row-columns", rowColumns(this.columns));
    if (this.wraps) this.#measure();
    this.#bar.fit(this.segment, this.#rows);
    // Measuring forces a layout: only a list whose height may have changed pays for it.
    const wholePx = this.#bar.wholePx(this.segment, this.#rows);
    if (wholePx !== this.#fittedWholePx) this.#fitWindow();
    this.#applyAnchor();
    this.#askForMore();
  }

  #measure(): void {
    const rows = this.renderRoot.querySelectorAll<HTMLElement>(".row");
    const [first, before] = [this.drawn.first, this.#rows];
    let isChanged = false;
    for (const [place, row] of rows.entries()) {
      const line = this.#lines[first + place];
      if (line === undefined || before.heightOf(first + place) === row.offsetHeight) continue;
      this.#heights.set(line, row.offsetHeight);
      isChanged = true;
    }
    if (isChanged && this.#isFollowing) this.#anchor = endAnchor(this.#rows);
  }

  /** As high as there is room below what stands above it, and no higher than its rows. */
  #fitWindow(): void {
    const topPx = this.getBoundingClientRect().top + scrollY;
    const isPhone = matchMedia(PHONE).matches;
    const roomPx = innerHeight - topPx - BELOW_PX;
    const mostPx = isPhone ? innerHeight * PHONE_SHARE : Math.max(MIN_HEIGHT_PX, roomPx);
    this.#fittedWholePx = this.#bar.wholePx(this.segment, this.#rows);
    const heightPx = Math.min(mostPx, this.#fittedWholePx);
    this.style.setProperty("--list-height", `${Math.round(heightPx)}px`);
  }

  #resize(): void {
    this.#fitWindow();
    const heightPx = this.#scroller?.clientHeight ?? 0;
    if (heightPx === 0 || heightPx === this.#shownPx) return;
    this.#shownPx = heightPx;
    this.#anchor = this.#isFollowing ? endAnchor(this.#rows) : moveAnchor(this.#rows, this.#anchor, 0);
    // A window of another height may have moved the scrollbar by itself.
    this.#bar.sync();
    this.requestUpdate();
  }

  /** Moves what is drawn to where the anchor wants it; set here because the page's policy forbids style attributes. */
  #applyAnchor(): void {
    const view = this.renderRoot.querySelector<HTMLElement>(".view");
    const layer = this.renderRoot.querySelector<HTMLElement>(".layer");
    if (view === null || layer === null) return;
    const rows = this.#rows;
    let abovePx = this.#anchor.offsetPx;
    for (let index = this.drawn.first; index < this.#anchor.index; index++) abovePx += rows.heightOf(index);
    view.style.height = `${this.#shownPx}px`;
    layer.style.transform = `translateY(${-abovePx}px)`;
  }

  #move(byPx: number): void {
    this.#stand(moveAnchor(this.#rows, this.#anchor, byPx), byPx < 0);
  }

  /** Takes a new place; draws again only when it leaves what is drawn. */
  #stand(anchor: Anchor, isUp: boolean): void {
    const rows = this.#rows;
    this.#anchor = anchor;
    this.#anchorId = this.#lines[anchor.index]?.id;
    const isAtNewest = this.segment?.newerStart === undefined && isAtEnd(rows, anchor);
    this.#setFollowing(isAtNewest && (this.#isFollowing || !isUp));
    const { first, end } = this.drawn;
    const lastNeeded = anchor.index + Math.ceil(this.#shownPx / this.#rowPx) + 1;
    const isDrawn = (first === 0 || anchor.index > first) && (end === rows.count || lastNeeded < end);
    if (!isDrawn) this.requestUpdate();
    else {
      this.#applyAnchor();
      this.#askForMore();
    }
  }

  #askForMore(): void {
    const { segment, busy } = this;
    if (segment === undefined || busy !== undefined) return;
    if (segment.olderStart !== undefined && this.#anchor.index < AHEAD_ROWS)
      this.dispatchEvent(new Event("older"));
    else if (segment.newerStart !== undefined && this.#anchor.index > segment.lines.length - AHEAD_ROWS)
      this.dispatchEvent(new Event("newer"));
  }

  #setFollowing(isFollowing: boolean): void {
    if (isFollowing === this.#isFollowing) return;
    this.#isFollowing = isFollowing;
    this.dispatchEvent(new CustomEvent("follow", { detail: isFollowing }));
  }

  /** Goes to a share of the whole, as the scrollbar says. */
  #seek(share: number): void {
    const { segment } = this;
    if (segment === undefined) return;
    const anchor = this.#bar.anchorAt(segment, this.#rows, share);
    if (anchor !== undefined) this.#stand(anchor, anchor.index < this.#anchor.index);
    else if (share >= 1) this.#toNewest();
    else this.#toId(idAt(segment, share));
  }

  #toId(id: number): void {
    this.#soughtId = id;
    this.#setFollowing(false);
    this.dispatchEvent(new CustomEvent("jump", { detail: id }));
  }

  #toNewest(): void {
    this.#soughtId = undefined;
    this.#setFollowing(true);
    if (this.segment?.newerStart === undefined) {
      this.#stand(endAnchor(this.#rows), false);
      this.#bar.sync();
    } else this.dispatchEvent(new Event("newest"));
  }

  #toOldest(): void {
    const { segment } = this;
    if (segment?.olderStart !== undefined) this.#toId(segment.firstId);
    else {
      this.#stand(TOP, true);
      this.#bar.sync();
    }
  }

  #page(direction: 1 | -1): void {
    this.#move(direction * Math.max(this.#rowPx, this.#shownPx - this.#rowPx));
    this.#bar.sync();
  }

  #step(by: 1 | -1): void {
    const rows = this.#rows;
    const known = this.activeId === undefined ? undefined : indexOfId(this.#lines, this.activeId);
    const edge = by < 0 ? rows.count - 1 : this.#anchor.index;
    const index = known === undefined ? edge : Math.max(0, Math.min(rows.count - 1, known + by));
    const line = this.#lines[index];
    if (line === undefined) return;
    this.activeId = line.id;
    const anchor = showRow(rows, this.#anchor, index);
    this.#stand(anchor, by < 0);
    if (by < 0) this.#setFollowing(false);
    this.#bar.sync();
    // What is open follows the keys.
    if (this.selectedId !== undefined) this.#select(line.id);
  }

  #select(id: number | undefined): void {
    this.dispatchEvent(new CustomEvent("select", { detail: id }));
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const keys: Record<string, () => void> = {
      ArrowDown: () => this.#step(1),
      j: () => this.#step(1),
      ArrowUp: () => this.#step(-1),
      k: () => this.#step(-1),
      PageDown: () => this.#page(1),
      " ": () => this.#page(event.shiftKey ? -1 : 1),
      PageUp: () => this.#page(-1),
      Home: () => this.#toOldest(),
      End: () => this.#toNewest(),
      G: () => this.#toNewest(),
      Enter: () => this.#select(this.activeId === this.selectedId ? undefined : this.activeId),
      Escape: () => this.#select(undefined),
    };
    const run = keys[event.key];
    if (run === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  }

  #onClick(event: MouseEvent): void {
    // A press that ends the marking of text is not meant for the row.
    if (document.getSelection()?.type === "Range") return;
    const row = event
      .composedPath()
      .find((node): node is HTMLElement => node instanceof HTMLElement && node.classList.contains("row"));
    const id = Number(row?.dataset.id ?? Number.NaN);
    if (!Number.isSafeInteger(id)) return;
    this.activeId = id;
    this.#select(id === this.selectedId ? undefined : id);
  }

  protected override render(): unknown {
    const { first, end } = this.drawn;
    const lines = this.#lines.slice(first, end);
    const { columns, wraps, marker, activeId, selectedId } = this;
    const look = { columns, wraps, marker, activeId, selectedId };
    const isActiveDrawn = lines.some(({ id }) => id === this.activeId);
    const isElsewhere =
      this.segment !== undefined && (this.unseen > 0 || this.segment.newerStart !== undefined);
    return html`<div
        class="scroll"
        role="listbox"
        tabindex="0"
        aria-label="Log lines, oldest first"
        aria-activedescendant=${isActiveDrawn ? `line-${this.activeId}` : nothing}
        @keydown=${this.#onKey}
        @click=${this.#onClick}
      >
        <div class="space" role="presentation">
          <div class="view" role="presentation">
            <div
              class="layer ${this.wraps ? "wraps" : ""} ${this.busy === "jump" ? "dim" : ""}"
              role="presentation"
            >
              ${repeat(
                lines,
                ({ id }) => id,
                (line) => drawRow(line, look),
              )}
            </div>
          </div>
        </div>
      </div>
      ${this.busy === undefined ? nothing : html`<span class="edge" role="status">${BUSY_WORDS[this.busy]}</span>`}
      ${
        isElsewhere
          ? html`<button class="button primary pill" type="button" @click=${this.#toNewest}>
            ${this.unseen === 0 ? "To the newest" : `${this.unseen.toLocaleString("en-GB")} new ${this.unseen === 1 ? "line" : "lines"}`} ↓
          </button>`
          : nothing
      }`;
  }
}

const BUSY_WORDS = { jump: "Going there…", older: "Reading older lines…", newer: "Reading newer lines…" };

declare global {
  interface HTMLElementTagNameMap {
    "bn-log-list": BnLogList;
  }
}
