import { describe, expect, test } from "bun:test";
import type { SeriesHistory } from "../../../web/data/types.ts";
import { appendSample, frameOf, ratesOf, summarise } from "../../../web/lib/frame.ts";

function historyOf(key: string, t: number[], values: (number | null)[]): SeriesHistory {
  return {
    key,
    name: key,
    labels: {},
    unit: "count",
    resolution: "raw",
    stepMs: 5000,
    t,
    min: values,
    max: values,
    avg: values,
    last: null,
  };
}

const framed = (...histories: SeriesHistory[]) =>
  frameOf(
    histories.map(({ key }) => key),
    new Map(histories.map((history) => [history.key, history])),
  );

describe("histories on one time axis", () => {
  test("a shared axis is taken as it is, gaps stay gaps", () => {
    const frame = framed(
      historyOf("a", [0, 5000, 10_000], [1, null, 3]),
      historyOf("b", [0, 5000, 10_000], [4, 5, 6]),
    );
    expect(frame.t).toEqual([0, 5000, 10_000]);
    expect(frame.lines[0]?.avg).toEqual([1, null, 3]);
  });

  test("differing axes are merged; a bucket that is not there is no gap", () => {
    const frame = framed(historyOf("a", [0, 10_000], [1, 3]), historyOf("b", [5000, 10_000], [5, 6]));
    expect(frame.t).toEqual([0, 5000, 10_000]);
    expect(frame.lines[0]?.avg).toEqual([1, undefined, 3]);
    expect(frame.lines[1]?.avg).toEqual([undefined, 5, 6]);
  });

  test("axes that differ only inside are merged, too", () => {
    const frame = framed(
      historyOf("a", [0, 5000, 15_000], [1, 2, 3]),
      historyOf("b", [0, 10_000, 15_000], [4, 5, 6]),
    );
    expect(frame.t).toEqual([0, 5000, 10_000, 15_000]);
    expect(frame.lines[1]?.avg).toEqual([4, undefined, 5, 6]);
  });

  test("a series without samples keeps its place, empty", () => {
    const frame = frameOf(["a", "gone"], new Map([["a", historyOf("a", [0], [1])]]));
    expect(frame.lines[1]).toMatchObject({ key: "gone", avg: [undefined] });
  });
});

describe("a live sample", () => {
  const frame = framed(historyOf("a", [0, 5000, 10_000], [1, 2, 3]));
  const sampleAt = (at: number, value?: number) => ({
    at,
    values: new Map(value === undefined ? [] : [["a", value]]),
  });

  test("lengthens the line, and what left the window is cut but for the point before its edge", () => {
    const next = appendSample(frame, sampleAt(15_000, 4), 8000, 5000);
    expect(next.t).toEqual([5000, 10_000, 15_000]);
    expect(next.lines[0]?.max).toEqual([2, 3, 4]);
  });

  test("that comes late leaves a gap before it", () => {
    const next = appendSample(frame, sampleAt(60_000, 4), 0, 5000);
    expect(next.t).toEqual([0, 5000, 10_000, 15_000, 60_000]);
    expect(next.lines[0]?.avg).toEqual([1, 2, 3, null, 4]);
  });

  test("without the series is a gap, an old one changes nothing", () => {
    expect(appendSample(frame, sampleAt(15_000), 0, 5000).lines[0]?.avg.at(-1)).toBeNull();
    expect(appendSample(frame, sampleAt(10_000, 9), 0, 5000)).toBe(frame);
  });
});

test("a summary counts the bands' extremes and skips gaps", () => {
  const line = { key: "a", min: [1, null, 0], avg: [2, null, 4], max: [3, null, 9] };
  expect(summarise(line)).toEqual({ last: 4, min: 0, avg: 3, max: 9 });
  expect(summarise({ key: "a", min: [], avg: [], max: [] })).toEqual({
    last: null,
    min: null,
    avg: null,
    max: null,
  });
});

test("rates of counters: growth a second, and nothing at the beginning, after gaps and where they began anew", () => {
  const values = [10, 20, null, 40, 45, 3, 13];
  const line = { key: "calls", min: values, avg: values, max: values };
  const t = [0, 5_000, 10_000, 15_000, 20_000, 25_000, 30_000];
  expect(ratesOf({ t, lines: [line] }).lines[0]?.avg).toEqual([null, 2, null, null, 1, null, 2]);
});
