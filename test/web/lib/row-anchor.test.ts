import { describe, expect, test } from "bun:test";
import { endAnchor, isAtEnd, moveAnchor, type Rows, showRow, TOP } from "../../../web/lib/row-anchor.ts";

const even = (count: number, shownPx = 100): Rows => ({ count, heightOf: () => 20, shownPx });
const uneven: Rows = { count: 6, heightOf: (index) => [20, 60, 20, 120, 20, 20][index] ?? 20, shownPx: 100 };

describe("a list that is scrolled by its anchor", () => {
  test("moves by pixels through rows of any height and comes back to where it was", () => {
    const there = moveAnchor(uneven, TOP, 90);
    expect(there).toEqual({ index: 2, offsetPx: 10 });
    expect(moveAnchor(uneven, there, -90)).toEqual(TOP);
  });

  test("stops at both ends", () => {
    expect(moveAnchor(uneven, TOP, -50)).toEqual(TOP);
    expect(moveAnchor(uneven, TOP, 10_000)).toEqual(endAnchor(uneven));
    expect(endAnchor(uneven)).toEqual({ index: 3, offsetPx: 60 });
    expect(endAnchor(even(3))).toEqual(TOP);
    expect(endAnchor(even(0))).toEqual(TOP);
    expect(moveAnchor(even(0), TOP, 40)).toEqual(TOP);
  });

  test("knows when the last row is seen whole", () => {
    const rows = even(50);
    expect(isAtEnd(rows, endAnchor(rows))).toBe(true);
    expect(isAtEnd(rows, moveAnchor(rows, endAnchor(rows), -2))).toBe(false);
    expect(isAtEnd(even(3), TOP)).toBe(true);
  });

  test("shows a row by moving as little as may be", () => {
    const rows = even(50);
    const here = { index: 10, offsetPx: 5 };
    expect(showRow(rows, here, 12)).toEqual(here);
    expect(showRow(rows, here, 10)).toEqual({ index: 10, offsetPx: 0 });
    expect(showRow(rows, here, 3)).toEqual({ index: 3, offsetPx: 0 });
    expect(showRow(rows, here, 20)).toEqual({ index: 16, offsetPx: 0 });
  });
});
