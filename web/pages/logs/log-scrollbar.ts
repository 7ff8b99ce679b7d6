import type { Segment } from "../../data/log-segment.ts";
import type { LogLine } from "../../data/logs.ts";
import { type Anchor, endAnchor, isAtEnd, moveAnchor, type Rows, TOP } from "../../lib/row-anchor.ts";

/** Browsers draw no element higher than some 17 million pixels: a longer log moves its scrollbar less than its rows. */
const MAX_SPACE_PX = 8_000_000;
/** A step beyond so many screens is the scrollbar's thumb that was drawn. */
const SEEK_SCREENS = 3;
/** Nearer to an end of the scrollbar than this, with rows still beyond, it is moved away from there. */
const EDGE_PX = 400;
const SETTLE_MS = 160;

/** What the scrollbar moves. */
export interface Scrolled {
  move(byPx: number): void;
  /** Goes to a share (0 to 1) of the whole. */
  seek(share: number): void;
  /** Where that is now, and whether there is more beyond each end. */
  share(): Place;
}

export interface Place {
  share: number;
  hasAbove: boolean;
  hasBelow: boolean;
}

/**
 * The browser's own scrollbar over a log of any length. Small steps (wheel, finger) move rows pixel by pixel; large ones
 * are a place in the whole, by the lines' numbers. Once it rests it is set to where the rows are.
 */
export class LogScrollbar {
  readonly #scrolled: Scrolled;
  #scroller: HTMLElement | undefined;
  #topPx = 0;
  #spacePx = 0;
  #frame: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(scrolled: Scrolled) {
    this.#scrolled = scrolled;
  }

  attach(scroller: HTMLElement): void {
    this.#scroller = scroller;
    scroller.addEventListener("scroll", () => this.#onScroll(), { passive: true });
  }

  release(): void {
    clearTimeout(this.#timer);
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
  }

  /** Gives the scrollbar the height of all rows, as far as that can be told. */
  fit(segment: Segment | undefined, rows: Rows): void {
    const space = this.#scroller?.querySelector<HTMLElement>(".space");
    if (space === null || space === undefined) return;
    const heightPx = segment === undefined ? rows.shownPx : spacePx(segment, rows);
    if (heightPx === this.#spacePx) return;
    const isLower = heightPx < this.#spacePx;
    this.#spacePx = heightPx;
    space.style.height = `${heightPx}px`;
    // The browser moves a scrollbar that has become too long by itself, which must not move rows.
    if (isLower) this.sync();
    else this.syncSoon();
  }

  /** As {@link sync}, once before the next frame however often it is asked for: each forces a layout. */
  syncSoon(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.sync();
    });
  }

  /** What all rows take; infinite while some are not held. */
  wholePx(segment: Segment | undefined, rows: Rows): number {
    const isHeld = segment !== undefined && isWhole(segment);
    return isHeld ? pixelsTo(rows, { index: rows.count, offsetPx: 0 }) : Number.POSITIVE_INFINITY;
  }

  /** Sets the scrollbar to where the rows are; rows do not move by it. */
  sync(): void {
    const scroller = this.#scroller;
    if (scroller === undefined) return;
    const roomPx = scroller.scrollHeight - scroller.clientHeight;
    const { share, hasAbove, hasBelow } = this.#scrolled.share();
    const keptPx = Math.min(2 * EDGE_PX, roomPx / 4);
    const wantedPx = Math.max(
      hasAbove ? keptPx : 0,
      Math.min(hasBelow ? roomPx - keptPx : roomPx, share * roomPx),
    );
    if (Math.abs(wantedPx - scroller.scrollTop) >= 1) scroller.scrollTop = wantedPx;
    this.#topPx = scroller.scrollTop;
  }

  #onScroll(): void {
    const scroller = this.#scroller;
    if (scroller === undefined) return;
    const byPx = scroller.scrollTop - this.#topPx;
    this.#topPx = scroller.scrollTop;
    const roomPx = scroller.scrollHeight - scroller.clientHeight;
    // Without room the browser itself went back to the top, as lines became fewer: rows do not move by it.
    if (byPx === 0 || roomPx <= 0) return;
    if (Math.abs(byPx) > SEEK_SCREENS * scroller.clientHeight) this.#scrolled.seek(this.#topPx / roomPx);
    else this.#scrolled.move(byPx);
    clearTimeout(this.#timer);
    if (this.#isCramped(roomPx)) this.sync();
    else this.#timer = setTimeout(() => this.sync(), SETTLE_MS);
  }

  /** Whether the scrollbar is about to end where rows do not. */
  #isCramped(roomPx: number): boolean {
    const { hasAbove, hasBelow } = this.#scrolled.share();
    return (hasAbove && this.#topPx < EDGE_PX) || (hasBelow && this.#topPx > roomPx - EDGE_PX);
  }

  /** Where an anchor is in the whole. */
  shareOf(segment: Segment | undefined, rows: Rows, anchor: Anchor): Place {
    const line = segment?.lines[anchor.index];
    if (segment === undefined || line === undefined) return { share: 1, hasAbove: false, hasBelow: false };
    const hasAbove = segment.olderStart !== undefined || anchor.index > 0 || anchor.offsetPx > 0;
    const hasBelow = segment.newerStart !== undefined || !isAtEnd(rows, anchor);
    if (!hasBelow) return { share: 1, hasAbove, hasBelow };
    if (!hasAbove) return { share: 0, hasAbove, hasBelow };
    if (isWhole(segment)) {
      const end = endAnchor(rows);
      const share = pixelsTo(rows, anchor) / Math.max(1, pixelsTo(rows, end));
      return { share, hasAbove, hasBelow };
    }
    const range = Math.max(1, segment.lastId - segment.firstId);
    const share = Math.min(1, Math.max(0, (line.id - segment.firstId) / range));
    return { share, hasAbove, hasBelow };
  }

  /** The anchor of a share of the whole; undefined when the lines there are not held. */
  anchorAt(segment: Segment, rows: Rows, share: number): Anchor | undefined {
    if (isWhole(segment)) return moveAnchor(rows, TOP, share * pixelsTo(rows, endAnchor(rows)));
    const id = idAt(segment, share);
    const [first, last] = [segment.lines[0], segment.lines.at(-1)];
    const isHeld =
      first !== undefined &&
      last !== undefined &&
      (id >= first.id || segment.olderStart === undefined) &&
      (id <= last.id || segment.newerStart === undefined);
    if (!isHeld) return undefined;
    return moveAnchor(rows, { index: indexOfId(segment.lines, id), offsetPx: 0 }, 0);
  }
}

const isWhole = ({ olderStart, newerStart }: Segment): boolean =>
  olderStart === undefined && newerStart === undefined;

/** The number at a share of the whole. */
export const idAt = ({ firstId, lastId }: Segment, share: number): number =>
  Math.round(firstId + Math.min(1, Math.max(0, share)) * (lastId - firstId));

/** The place of a number among lines in the order of their numbers; that of the next greater when it is not there. */
export function indexOfId(lines: readonly LogLine[], id: number): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle]?.id ?? 0) < id) low = middle + 1;
    else high = middle;
  }
  return Math.min(low, Math.max(0, lines.length - 1));
}

function pixelsTo(rows: Rows, { index, offsetPx }: Anchor): number {
  let px = offsetPx;
  for (let row = 0; row < index; row++) px += rows.heightOf(row);
  return px;
}

/** What all rows would take; of those not held as many are taken for granted as the held ones are dense. */
function spacePx(segment: Segment, rows: Rows): number {
  const { lines, firstId, lastId } = segment;
  const heldPx = pixelsTo(rows, { index: rows.count, offsetPx: 0 });
  if (isWhole(segment)) return Math.max(heldPx, rows.shownPx);
  const heldIds = Math.max(1, (lines.at(-1)?.id ?? 1) - (lines[0]?.id ?? 0) + 1);
  const wholePx = heldPx * Math.max(1, (lastId - firstId + 1) / heldIds);
  return Math.round(Math.min(MAX_SPACE_PX, Math.max(wholePx, rows.shownPx * 4)));
}
