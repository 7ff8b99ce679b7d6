import type { Segment } from "../../data/log-segment.ts";
import type { LogLine } from "../../data/logs.ts";
import { type Anchor, endAnchor, isAtEnd, moveAnchor, type Rows, TOP } from "../../lib/row-anchor.ts";
import { indexOfId } from "./log-scrollbar.ts";

/** Rows drawn beyond each edge: in a list with wrapped rows their heights are known before they are seen. */
const MARGIN_ROWS = 10;
const FIRST_SHOWN_PX = 600;

/** Rows that are drawn: `first` up to but without `end`. */
export interface DrawnRows {
  first: number;
  end: number;
}

/** What rows are laid out by. */
interface RowLayout {
  /** Height of a row that is not wrapped, in CSS pixels. */
  rowPx: number;
  wraps: boolean;
}

/**
 * Where a reader is in the lines that are held: the row at the upper edge, its anchor, and whether the newest line is
 * followed. Knows no element; who draws asks which rows, and how far the first of them is above the edge.
 */
export class LogPlace {
  /** Height of what is seen, in CSS pixels. */
  shownPx = FIRST_SHOWN_PX;
  readonly #followed: (isFollowing: boolean) => void;
  #segment: Segment | undefined;
  #layout: RowLayout = { rowPx: 1, wraps: false };
  #anchor: Anchor = TOP;
  #anchorId: number | undefined;
  /** A number that was jumped to, until its lines are there. */
  #soughtId: number | undefined;
  #isFollowing = true;
  #heights = new WeakMap<LogLine, number>();

  /** @param followed hears when the newest line begins or ends to be followed. */
  constructor(followed: (isFollowing: boolean) => void) {
    this.#followed = followed;
  }

  get anchor(): Anchor {
    return this.#anchor;
  }

  get lines(): readonly LogLine[] {
    return this.#segment?.lines ?? [];
  }

  get rows(): Rows {
    const lines = this.lines;
    const { rowPx, wraps } = this.#layout;
    const heightOf = (index: number): number => {
      const line = lines[index];
      return (wraps && line !== undefined ? this.#heights.get(line) : undefined) ?? rowPx;
    };
    return { count: lines.length, heightOf, shownPx: this.shownPx };
  }

  /** Takes how rows are laid out; heights measured before no longer hold when `isOther`. */
  layOut(layout: RowLayout, isOther: boolean): void {
    this.#layout = layout;
    if (isOther) this.#heights = new WeakMap();
  }

  /** Takes lines that have changed, and stays with what is read. @param pivotId the line to show in the middle. */
  hold(segment: Segment | undefined, pivotId: number | undefined): void {
    this.#segment = segment;
    const sought = this.#soughtId;
    if (segment === undefined) {
      this.#anchorId = undefined;
      if (sought === undefined) this.setFollowing(true);
      return;
    }
    const rows = this.rows;
    if (sought !== undefined && rows.count > 0) {
      this.#soughtId = undefined;
      const anchor = { index: Math.min(indexOfId(segment.lines, sought), rows.count - 1), offsetPx: 0 };
      // A line that was asked for stands in the middle, what is around it beside it.
      this.#anchor = moveAnchor(rows, anchor, sought === pivotId ? -Math.floor(this.shownPx / 2) : 0);
    } else if (this.#isFollowing) this.#anchor = endAnchor(rows);
    else if (this.#anchorId !== undefined) {
      const index = indexOfId(segment.lines, this.#anchorId);
      this.#anchor = moveAnchor(rows, { index, offsetPx: this.#anchor.offsetPx }, 0);
    }
    this.#anchorId = segment.lines[this.#anchor.index]?.id;
  }

  /** Waits for the lines around a number. */
  seek(id: number): void {
    this.#soughtId = id;
    this.setFollowing(false);
  }

  /** Waits for the newest lines. */
  seekNewest(): void {
    this.#soughtId = undefined;
    this.setFollowing(true);
  }

  setFollowing(isFollowing: boolean): void {
    if (isFollowing === this.#isFollowing) return;
    this.#isFollowing = isFollowing;
    this.#followed(isFollowing);
  }

  /** Goes to an anchor. Who reaches the newest line downwards follows it; who goes up from it no longer does. */
  stand(anchor: Anchor, isUp: boolean): void {
    this.#anchor = anchor;
    this.#anchorId = this.lines[anchor.index]?.id;
    const isAtNewest = this.#segment?.newerStart === undefined && isAtEnd(this.rows, anchor);
    this.setFollowing(isAtNewest && (this.#isFollowing || !isUp));
  }

  /** Takes another height of what is seen. */
  show(shownPx: number): void {
    this.shownPx = shownPx;
    this.#anchor = this.#isFollowing ? endAnchor(this.rows) : moveAnchor(this.rows, this.#anchor, 0);
  }

  /** Takes the heights of drawn rows as they were measured, in CSS pixels. */
  measure(first: number, heightsPx: readonly number[]): void {
    const { lines, rows } = this;
    let isChanged = false;
    for (const [place, heightPx] of heightsPx.entries()) {
      const line = lines[first + place];
      if (line === undefined || rows.heightOf(first + place) === heightPx) continue;
      this.#heights.set(line, heightPx);
      isChanged = true;
    }
    if (isChanged && this.#isFollowing) this.#anchor = endAnchor(this.rows);
  }

  /** The rows to draw: those in sight and a margin. */
  chooseDrawn(): DrawnRows {
    const rows = this.rows;
    const { index, offsetPx } = this.#anchor;
    let end = index;
    for (let px = -offsetPx; px < this.shownPx && end < rows.count; end++) px += rows.heightOf(end);
    return { first: Math.max(0, index - MARGIN_ROWS), end: Math.min(rows.count, end + MARGIN_ROWS) };
  }

  /** Whether all rows in sight are among the drawn ones. */
  isWithin({ first, end }: DrawnRows): boolean {
    const { index } = this.#anchor;
    const lastNeeded = index + Math.ceil(this.shownPx / this.#layout.rowPx) + 1;
    return (first === 0 || index > first) && (end === this.lines.length || lastNeeded < end);
  }

  /** How far the first drawn row begins above the upper edge, in CSS pixels. */
  abovePx({ first }: DrawnRows): number {
    const { heightOf } = this.rows;
    let px = this.#anchor.offsetPx;
    for (let index = first; index < this.#anchor.index; index++) px += heightOf(index);
    return px;
  }
}
