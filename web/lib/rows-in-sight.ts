/** From this many rows on, only those in sight are drawn. */
export const VIRTUAL_FROM = 200;
/** Rows drawn above and below what is in sight. */
const MARGIN_ROWS = 12;

/** Where a list of rows stands, in CSS pixels. */
export interface RowScroll {
  count: number;
  rowPx: number;
  scrolledPx: number;
  shownPx: number;
}

/** The first row to draw and the one after the last: all of them while they are few. */
export function rowsInSight({ count, rowPx, scrolledPx, shownPx }: RowScroll): {
  first: number;
  end: number;
} {
  if (count <= VIRTUAL_FROM) return { first: 0, end: count };
  const first = Math.max(0, Math.floor(scrolledPx / rowPx) - MARGIN_ROWS);
  const end = Math.ceil((scrolledPx + shownPx) / rowPx) + MARGIN_ROWS;
  // A list that has become shorter is scrolled back by the browser after it is drawn.
  return { first: Math.min(first, Math.max(0, count - MARGIN_ROWS)), end: Math.min(count, end) };
}
