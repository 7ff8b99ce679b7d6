import { describe, expect, test } from "bun:test";
import type { OperationHistory } from "../../../../web/data/operations.ts";
import {
  courseFrame,
  ERROR_LINES,
  LATENCY_LINES,
  RATE_LINES,
} from "../../../../web/pages/performance/course.ts";
import {
  kindsOf,
  performanceHref,
  printSorting,
  readPerformanceQuery,
  readSorting,
  serverOrder,
} from "../../../../web/pages/performance/filters.ts";
import { evidenceValue, nextStep } from "../../../../web/pages/performance/suggestion-words.ts";

const read = (text: string) => readPerformanceQuery(new URLSearchParams(text));

describe("the address", () => {
  test("holds what is shown, and nothing of what is usual", () => {
    expect(performanceHref(read(""))).toBe("/performance");
    const href = performanceHref(read(""), {
      tab: "traces",
      window: "24h",
      service: "shop",
      name: "POST /orders",
    });
    expect(href).toBe("/performance?tab=traces&window=24h&service=shop&name=POST+%2Forders");
    expect(performanceHref(read(href.split("?")[1] ?? ""))).toBe(href);
  });

  test("with words that mean nothing shows what is usual", () => {
    expect(read("tab=wat&window=9y")).toMatchObject({ tab: "operations", window: "1h" });
    expect(kindsOf("wat")).toEqual([]);
  });

  test("holds the order, by which the server also chooses", () => {
    expect(readSorting("-calls")).toEqual({ column: "calls", isDescending: true });
    expect(printSorting(readSorting("operation"))).toBe("operation");
    expect(printSorting(readSorting(""))).toBe("");
    expect([serverOrder("-p95"), serverOrder("operation"), serverOrder("-wat")]).toEqual([
      "p95",
      "name",
      "total",
    ]);
  });
});

test("a course has steps as wide as its windows, and a gap where nothing ran", () => {
  const point = (at: number, callCount: number, errorCount: number) => ({
    ...{
      at,
      callCount,
      errorCount,
      throughput: callCount / 60,
      averageDuration: 1,
      minDuration: 1,
      maxDuration: 1,
    },
    ...{ p50Duration: 0.1, p95Duration: 0.2, p99Duration: 0.3 },
  });
  const history = {
    from: new Date(0).toISOString(),
    to: new Date(230_000).toISOString(),
    windowSeconds: 60,
    points: [point(60_000, 4, 1), point(180_000, 2, 0)],
  } as OperationHistory;
  const { t, lines } = courseFrame(history, LATENCY_LINES);
  expect(t).toEqual([60_000, 119_999, 120_000, 179_999, 180_000, 229_999]);
  expect(lines[1]?.avg).toEqual([0.2, 0.2, null, null, 0.2, 0.2]);
  expect(courseFrame(history, RATE_LINES).lines[0]?.avg[2]).toBe(0);
  expect(courseFrame(history, ERROR_LINES).lines[0]?.avg.slice(0, 3)).toEqual([25, 25, null]);
});

test("evidence is written in its unit, and each suggestion leads on", () => {
  expect(evidenceValue("p95SecondsBefore", 0.02)).toBe("20.0\u00a0ms");
  expect(evidenceValue("failedPercent", 5)).toBe("5.0\u00a0%");
  expect(evidenceValue("rows", 12_000)).toBe("12,000");
  expect(nextStep("plugin_near_limit", "a b").href).toBe("/plugins/a%20b");
  expect(nextStep("slower_than_before", "GET /x").href).toContain("q=GET+%2Fx");
});
