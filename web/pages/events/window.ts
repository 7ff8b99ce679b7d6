/** Lists up to this length are drawn whole. */
export const WHOLE_LIMIT = 200;
/** Rows drawn beyond each edge of what is seen, so that a quick scroll meets no blank. */
const MARGIN_ROWS = 12;

/** The part of a long list that is drawn: `from` up to but without `to`. */
export interface RowWindow {
  from: number;
  to: number;
}

/** The rows to draw of `count` rows of `rowHeight` pixels, seen through `height` pixels from `top`. */
export function rowWindow(count: number, top: number, height: number, rowHeight: number): RowWindow {
  if (count <= WHOLE_LIMIT) return { from: 0, to: count };
  const from = Math.max(0, Math.min(count, Math.floor(top / rowHeight)) - MARGIN_ROWS);
  const to = Math.min(count, Math.ceil((top + height) / rowHeight) + MARGIN_ROWS);
  return { from, to };
}
