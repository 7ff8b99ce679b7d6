import { describe, expect, test } from "bun:test";
import {
  DEFAULT_RANGE,
  panWindow,
  parseTimeRange,
  printTimeRange,
  resolveRange,
  type TimeRange,
  zoomWindow,
} from "../../../web/lib/time-range.ts";

const NOW = Date.UTC(2030, 0, 1);
const read = (query: string): TimeRange => parseTimeRange(new URLSearchParams(query));
const write = (range: TimeRange): string =>
  new URLSearchParams(
    Object.entries(printTimeRange(range)).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  ).toString();

describe("the address holds the time range", () => {
  test.each(["range=15m", "range=24h", "range=90s", "from=1893456000000&to=1893459600000"])(
    "%s survives reading and writing",
    (query) => {
      expect(write(read(query))).toBe(query);
    },
  );

  test("the default range leaves no trace in the address", () => {
    expect(write(DEFAULT_RANGE)).toBe("");
  });

  test.each([
    "",
    "range=soon",
    "range=0h",
    "range=99999w",
    "from=5&to=1",
    "from=a&to=b",
    "from=1893456000000",
    "from=-1&to=99999999",
  ])("%p is unusable and means the last hour", (query) => {
    expect(read(query)).toEqual(DEFAULT_RANGE);
  });
});

describe("moving in time", () => {
  const window = { fromMs: NOW - 7_200_000, toMs: NOW - 3_600_000 };

  test("a moving range ends now", () => {
    expect(resolveRange({ kind: "last", durationMs: 60_000 }, NOW)).toEqual({
      fromMs: NOW - 60_000,
      toMs: NOW,
    });
  });

  test("panning keeps the width and stops at now", () => {
    expect(panWindow(window, -0.5, NOW)).toEqual({ fromMs: NOW - 9_000_000, toMs: NOW - 5_400_000 });
    expect(panWindow(window, 40, NOW)).toEqual({ fromMs: NOW - 3_600_000, toMs: NOW });
  });

  test("zooming keeps the middle and never shows less than 10 s", () => {
    expect(zoomWindow(window, 0.5, NOW)).toEqual({ fromMs: NOW - 6_300_000, toMs: NOW - 4_500_000 });
    const closest = zoomWindow({ fromMs: NOW - 12_000, toMs: NOW - 1000 }, 0.01, NOW);
    expect(closest.toMs - closest.fromMs).toBe(10_000);
  });
});
