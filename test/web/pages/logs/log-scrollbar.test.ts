import { describe, expect, test } from "bun:test";
import type { Segment } from "../../../../web/data/log-segment.ts";
import type { LogLine } from "../../../../web/data/logs.ts";
import type { Rows } from "../../../../web/lib/row-anchor.ts";
import { idAt, indexOfId, LogScrollbar } from "../../../../web/pages/logs/log-scrollbar.ts";
import { openDom } from "../../../support/dom.ts";

openDom();

const line = (id: number): LogLine => ({
  id,
  at: "2030-01-01T00:00:00.000Z",
  level: "info",
  source: "web",
  message: "",
  fields: {},
  correlationId: null,
  traceId: null,
  spanId: null,
});
const linesFrom = (first: number, count: number): LogLine[] =>
  Array.from({ length: count }, (_, index) => line(first + index));
const rowsOf = ({ lines }: Segment): Rows => ({ count: lines.length, heightOf: () => 20, shownPx: 200 });
const bar = new LogScrollbar({
  move: () => undefined,
  seek: () => undefined,
  share: () => ({ share: 0, hasAbove: false, hasBelow: false }),
});

const part: Segment = {
  lines: linesFrom(500_001, 1_000),
  olderStart: 500_001,
  newerStart: 501_001,
  firstId: 1,
  lastId: 1_000_001,
};
const whole: Segment = {
  lines: linesFrom(1, 100),
  olderStart: undefined,
  newerStart: undefined,
  firstId: 1,
  lastId: 100,
};

describe("the scrollbar of a log", () => {
  test("stands where the lines are in the whole", () => {
    const place = bar.shareOf(part, rowsOf(part), { index: 0, offsetPx: 0 });
    expect(place).toEqual({ share: 0.5, hasAbove: true, hasBelow: true });
    expect(bar.shareOf(whole, rowsOf(whole), { index: 45, offsetPx: 0 })).toEqual({
      share: 0.5,
      hasAbove: true,
      hasBelow: true,
    });
    expect(bar.shareOf(whole, rowsOf(whole), { index: 90, offsetPx: 0 }).share).toBe(1);
  });

  test("finds a place among what is held, and knows what is not", () => {
    expect(bar.anchorAt(part, rowsOf(part), 0.5005)).toEqual({ index: 500, offsetPx: 0 });
    expect(bar.anchorAt(part, rowsOf(part), 0.1)).toBeUndefined();
    expect(bar.anchorAt(part, rowsOf(part), 1)).toBeUndefined();
    expect(idAt(part, 0.1)).toBe(100_001);
    expect(idAt(part, 7)).toBe(1_000_001);
    expect(bar.anchorAt(whole, rowsOf(whole), 1)).toEqual({ index: 90, offsetPx: 0 });
  });

  test("that the browser put back to the top, as the lines became fewer, seeks nothing", () => {
    const sought: number[] = [];
    const few = new LogScrollbar({
      move: () => undefined,
      seek: (share) => sought.push(share),
      share: () => ({ share: 1, hasAbove: true, hasBelow: false }),
    });
    const scroller = document.createElement("div");
    const size = { scrollHeight: 4_000, clientHeight: 200 };
    for (const name of ["scrollHeight", "clientHeight"] as const) {
      Object.defineProperty(scroller, name, { get: () => size[name] });
    }
    few.attach(scroller);
    few.sync();
    expect(scroller.scrollTop).toBe(3_800);
    size.scrollHeight = 200;
    scroller.scrollTop = 0;
    scroller.dispatchEvent(new Event("scroll"));
    expect(sought).toEqual([]);
    few.release();
  });

  test("finds lines by their numbers, the next greater for one that is not there", () => {
    const lines = [line(2), line(4), line(8)];
    expect([1, 2, 3, 8, 9].map((id) => indexOfId(lines, id))).toEqual([0, 0, 1, 2, 2]);
    expect(indexOfId([], 3)).toBe(0);
  });
});
