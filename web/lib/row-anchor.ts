/** The row at the upper edge of what is seen, and how much of it is scrolled out, in CSS pixels. */
export interface Anchor {
  index: number;
  offsetPx: number;
}

/** Rows one below the other, of which only few are drawn. */
export interface Rows {
  count: number;
  /** Height of a row in CSS pixels; what it is taken for while it was not drawn yet. */
  heightOf(index: number): number;
  /** Height of what is seen. */
  shownPx: number;
}

export const TOP: Anchor = { index: 0, offsetPx: 0 };

/** The anchor that shows the last row at the lower edge; the top when all rows are seen at once. */
export function endAnchor({ count, heightOf, shownPx }: Rows): Anchor {
  let leftPx = shownPx;
  for (let index = count - 1; index >= 0; index--) {
    leftPx -= heightOf(index);
    if (leftPx <= 0) return { index, offsetPx: -leftPx };
  }
  return TOP;
}

/** Moves by pixels, up when negative, and stops at both ends. */
export function moveAnchor(rows: Rows, anchor: Anchor, byPx: number): Anchor {
  let { index } = anchor;
  let offsetPx = anchor.offsetPx + byPx;
  while (offsetPx < 0 && index > 0) {
    index -= 1;
    offsetPx += rows.heightOf(index);
  }
  while (index < rows.count - 1 && offsetPx >= rows.heightOf(index)) {
    offsetPx -= rows.heightOf(index);
    index += 1;
  }
  return earlier({ index, offsetPx: Math.max(0, offsetPx) }, endAnchor(rows));
}

const earlier = (a: Anchor, b: Anchor): Anchor =>
  a.index < b.index || (a.index === b.index && a.offsetPx <= b.offsetPx) ? a : b;

/** Whether the last row is seen to its lower edge; a pixel of rounding does not count. */
export function isAtEnd(rows: Rows, anchor: Anchor): boolean {
  const end = endAnchor(rows);
  return anchor.index > end.index || (anchor.index === end.index && anchor.offsetPx >= end.offsetPx - 1);
}

/** The anchor that shows a row entirely, moved as little as may be. */
export function showRow(rows: Rows, anchor: Anchor, index: number): Anchor {
  if (index < anchor.index || (index === anchor.index && anchor.offsetPx > 0)) return { index, offsetPx: 0 };
  let bottomPx = -anchor.offsetPx;
  for (let row = anchor.index; row <= index; row++) bottomPx += rows.heightOf(row);
  return bottomPx <= rows.shownPx ? anchor : moveAnchor(rows, anchor, bottomPx - rows.shownPx);
}
