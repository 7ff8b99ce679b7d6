import { expect, test } from "bun:test";
import { totalsOf, withLines } from "../../../web/lib/log-bars.ts";

const none = { debug: 0, info: 0, warning: 0, error: 0 };
const bars = {
  from: 1_000,
  to: 1_300,
  stepMs: 100,
  buckets: [1_000, 1_100, 1_200].map((at) => ({ at, ...none, info: 1 })),
};
const line = (atMs: number, level: "info" | "error" = "error") => ({
  at: new Date(atMs).toISOString(),
  level,
});

test("lines that come in are counted where they belong; what is counted is left as it was", () => {
  const after = withLines(bars, [line(1_050), line(1_299, "info")]);
  expect(after.buckets.map(({ error, info }) => [error, info])).toEqual([
    [1, 1],
    [0, 1],
    [0, 2],
  ]);
  expect(totalsOf(after)).toEqual({ ...none, info: 4, error: 1, lines: 5 });
  expect(totalsOf(bars).lines).toBe(3);
});

test("bars move on with time, and what lies before or far beyond them is not counted", () => {
  const after = withLines(bars, [line(1_450), line(900), line(999_999)]);
  expect(after.buckets.map(({ at }) => at)).toEqual([1_200, 1_300, 1_400]);
  expect([after.from, after.to]).toEqual([1_200, 1_500]);
  expect(totalsOf(after)).toMatchObject({ info: 1, error: 1 });
});
