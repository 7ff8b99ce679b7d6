import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { Busy } from "../../data/log-reader.ts";
import type { Segment } from "../../data/log-segment.ts";
import type { Marker } from "../../lib/log-query.ts";
import { type Anchor, endAnchor, moveAnchor, showRow, TOP } from "../../lib/row-anchor.ts";
import { baseStyles, controlStyles } from "../../styles/shared.ts";
import type { OptionalColumn } from "./address.ts";
import { drawRow, rowColumns } from "./line-row.ts";
import { drawFoot } from "./list-foot.ts";
import { type ListVerbs, runListKey } from "./list-keys.ts";
import { levelStyles, listStyles } from "./list-styles.ts";
import { LogPlace } from "./log-place.ts";
import { idAt, indexOfId, LogScrollbar } from "./log-scrollbar.ts";
import { RowSlots } from "./row-slots.ts";

const DESKTOP_ROW = 24;
const PHONE_ROW = 56;
const PHONE = "(max-width: 720px)";
const MIN_HEIGHT_PX = 320;
/** Room left below the list for the edge of the page. */
const BELOW_PX = 26;
const PHONE_SHARE = 0.7;
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
  readonly #place = new LogPlace((isFollowing) =>
    this.dispatchEvent(new CustomEvent("follow", { detail: isFollowing })),
  );
  readonly #slots = new RowSlots();
  readonly #phone = matchMedia(PHONE);
  #fittedWholePx = 0;
  readonly #bar = new LogScrollbar({
    move: (byPx) => this.#move(byPx),
    seek: (share) => this.#seek(share),
    share: () => this.#bar.shareOf(this.segment, this.#place.rows, this.#place.anchor),
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

  get #rowPx(): number {
    return this.#phone.matches ? PHONE_ROW : DESKTOP_ROW;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    this.#layOut(changed.has("wraps") || changed.has("columns"));
    if (changed.has("pivotId") && this.pivotId !== undefined) {
      this.#place.seek(this.pivotId);
      this.activeId = this.pivotId;
    }
    if (changed.has("segment")) this.#place.hold(this.segment, this.pivotId);
    const { first, end } = this.#place.chooseDrawn();
    if (first !== this.drawn.first || end !== this.drawn.end) this.drawn = { first, end };
  }

  #layOut(isOther: boolean): void {
    this.#place.layOut({ rowPx: this.#rowPx, wraps: this.wraps }, isOther);
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
    this.#bar.fit(this.segment, this.#place.rows);
    // Measuring forces a layout: only a list whose height may have changed pays for it.
    const wholePx = this.#bar.wholePx(this.segment, this.#place.rows);
    if (wholePx !== this.#fittedWholePx) this.#fitWindow();
    this.#applyAnchor();
    this.#askForMore();
  }

  #measure(): void {
    const rows = this.renderRoot.querySelectorAll<HTMLElement>(".row");
    this.#place.measure(
      this.drawn.first,
      Array.from(rows, ({ offsetHeight }) => offsetHeight),
    );
  }

  /** As high as there is room below what stands above it, and no higher than its rows. */
  #fitWindow(): void {
    const topPx = this.getBoundingClientRect().top + scrollY;
    const roomPx = innerHeight - topPx - BELOW_PX;
    const mostPx = this.#phone.matches ? innerHeight * PHONE_SHARE : Math.max(MIN_HEIGHT_PX, roomPx);
    this.#fittedWholePx = this.#bar.wholePx(this.segment, this.#place.rows);
    const heightPx = Math.min(mostPx, this.#fittedWholePx);
    this.style.setProperty("--list-height", `${Math.round(heightPx)}px`);
  }

  #resize(): void {
    this.#fitWindow();
    const heightPx = this.#scroller?.clientHeight ?? 0;
    if (heightPx === 0 || heightPx === this.#place.shownPx) return;
    this.#layOut(false);
    this.#place.show(heightPx);
    // A window of another height may have moved the scrollbar by itself.
    this.#bar.sync();
    this.requestUpdate();
  }

  /** Moves what is drawn to where the anchor wants it; set here because the page's policy forbids style attributes. */
  #applyAnchor(): void {
    const view = this.renderRoot.querySelector<HTMLElement>(".view");
    const layer = this.renderRoot.querySelector<HTMLElement>(".layer");
    if (view === null || layer === null) return;
    view.style.height = `${this.#place.shownPx}px`;
    layer.style.transform = `translateY(${-this.#place.abovePx(this.drawn)}px)`;
  }

  #move(byPx: number): void {
    this.#stand(moveAnchor(this.#place.rows, this.#place.anchor, byPx), byPx < 0);
  }

  /** Takes a new place; draws again only when it leaves what is drawn. */
  #stand(anchor: Anchor, isUp: boolean): void {
    this.#place.stand(anchor, isUp);
    if (!this.#place.isWithin(this.drawn)) this.requestUpdate();
    else {
      this.#applyAnchor();
      this.#askForMore();
    }
  }

  #askForMore(): void {
    const { segment, busy } = this;
    if (segment === undefined || busy !== undefined) return;
    const { index } = this.#place.anchor;
    if (segment.olderStart !== undefined && index < AHEAD_ROWS) this.dispatchEvent(new Event("older"));
    else if (segment.newerStart !== undefined && index > segment.lines.length - AHEAD_ROWS)
      this.dispatchEvent(new Event("newer"));
  }

  /** Goes to a share of the whole, as the scrollbar says. */
  #seek(share: number): void {
    const { segment } = this;
    if (segment === undefined) return;
    const anchor = this.#bar.anchorAt(segment, this.#place.rows, share);
    if (anchor !== undefined) this.#stand(anchor, anchor.index < this.#place.anchor.index);
    else if (share >= 1) this.#toNewest();
    else this.#toId(idAt(segment, share));
  }

  #toId(id: number): void {
    this.#place.seek(id);
    this.dispatchEvent(new CustomEvent("jump", { detail: id }));
  }

  #toNewest(): void {
    this.#place.seekNewest();
    if (this.segment?.newerStart === undefined) {
      this.#stand(endAnchor(this.#place.rows), false);
      this.#bar.syncSoon();
    } else this.dispatchEvent(new Event("newest"));
  }

  #toOldest(): void {
    const { segment } = this;
    if (segment?.olderStart !== undefined) this.#toId(segment.firstId);
    else {
      this.#stand(TOP, true);
      this.#bar.syncSoon();
    }
  }

  #page(direction: 1 | -1): void {
    this.#move(direction * Math.max(this.#rowPx, this.#place.shownPx - this.#rowPx));
    this.#bar.syncSoon();
  }

  #step(by: 1 | -1): void {
    const { rows, lines } = this.#place;
    const known = this.activeId === undefined ? undefined : indexOfId(lines, this.activeId);
    const edge = by < 0 ? rows.count - 1 : this.#place.anchor.index;
    const index = known === undefined ? edge : Math.max(0, Math.min(rows.count - 1, known + by));
    const line = lines[index];
    if (line === undefined) return;
    this.activeId = line.id;
    this.#stand(showRow(rows, this.#place.anchor, index), by < 0);
    if (by < 0) this.#place.setFollowing(false);
    this.#bar.syncSoon();
    // What is open follows the keys.
    if (this.selectedId !== undefined) this.#select(line.id);
  }

  #select(id: number | undefined): void {
    this.dispatchEvent(new CustomEvent("select", { detail: id }));
  }

  readonly #verbs: ListVerbs = {
    step: (by) => this.#step(by),
    page: (direction) => this.#page(direction),
    toOldest: () => this.#toOldest(),
    toNewest: () => this.#toNewest(),
    toggle: () => this.#select(this.activeId === this.selectedId ? undefined : this.activeId),
    close: () => this.#select(undefined),
  };

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
    const lines = this.#place.lines.slice(first, end);
    const slots = this.#slots.assign(lines.map(({ id }) => id));
    const { columns, wraps, marker, activeId, selectedId } = this;
    const look = { columns, wraps, marker, activeId, selectedId };
    const isActiveDrawn = lines.some(({ id }) => id === this.activeId);
    return html`<div
        class="scroll"
        role="listbox"
        tabindex="0"
        aria-label="Log lines, oldest first"
        aria-activedescendant=${isActiveDrawn ? `line-${this.activeId}` : nothing}
        @keydown=${(event: KeyboardEvent) => runListKey(event, this.#verbs)}
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
                ({ id }) => slots.get(id),
                (line) => drawRow(line, look),
              )}
            </div>
          </div>
        </div>
      </div>
      ${drawFoot(this, () => this.#toNewest())}`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "bn-log-list": BnLogList;
  }
}
