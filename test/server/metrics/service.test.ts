import { describe, expect, test } from "bun:test";
import { AppError } from "../../../server/errors/app-error.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { machineOf, NumberedCollector, serveMetrics } from "./serve-metrics.ts";

const START = Date.UTC(2030, 0, 1);
const KEYS = [0, 1, 2].map((n) => `test_value{n="${n}"}`);

/** Three series sampled every 5 s for `seconds`: the values are 10 × series + call. */
async function sampled(seconds: number, settings: Record<string, unknown> = {}) {
  const clock = new ManualClock(START);
  const collector = new NumberedCollector(3, (n, call) => 10 * n + call);
  const server = await serveMetrics({ clock, machine: machineOf(collector), settings });
  await clock.advance(seconds * 1_000);
  return { ...server, clock, collector };
}

async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work();
    return "passed";
  } catch (thrown) {
    return thrown instanceof AppError ? thrown.code : String(thrown);
  }
}

describe("the present", () => {
  test("is the latest sampling, chosen by name, key or words", async () => {
    await using it = await sampled(10);
    const { at, items } = it.metrics.current([]);
    expect(at).toBe(START + 10_000);
    expect(items.map(({ value }) => value)).toEqual([3, 13, 23]);
    expect(it.metrics.current(["test_value"]).items).toHaveLength(3);
    expect(it.metrics.current([KEYS[1] ?? ""]).items.map(({ value }) => value)).toEqual([13]);
    expect(it.metrics.current([], 'VALUE "2"').items.map(({ value }) => value)).toEqual([23]);
    expect(it.metrics.current(["unknown_value"]).items).toEqual([]);
    expect(await codeOf(() => it.metrics.current(["{"]))).toBe("invalid_request");
    expect(await codeOf(() => it.metrics.current([], "x".repeat(201)))).toBe("validation_failed");
  });
});

describe("history", () => {
  test("is what was sampled", async () => {
    await using it = await sampled(60);
    const answer = await it.metrics.query({ series: [KEYS[1] ?? ""], from: START, to: "now" });
    expect(answer).toMatchObject({ from: START, to: START + 60_000 });
    const [series] = answer.series;
    expect(series).toMatchObject({ key: KEYS[1], resolution: "raw", stepMs: 5_000, last: 23 });
    expect(series?.t).toEqual(Array.from({ length: 12 }, (_, i) => START + 5_000 * (i + 1)));
    expect(series?.avg).toEqual(Array.from({ length: 12 }, (_, i) => 12 + i));
    expect(series?.min).toEqual(series?.avg ?? []);
  });

  test("takes times as numbers, ISO texts and relative, and labels in any order", async () => {
    await using it = await sampled(600);
    const end = START + 600_000;
    const ranges = [
      [end - 60_000, end],
      [String(end - 60_000), String(end)],
      ["2030-01-01T00:09:00Z", "2030-01-01T01:10:00+01:00"],
      ["-1m", "now"],
      ["now-60s", undefined],
      ["-60s", null],
    ] as const;
    const series = [KEYS[0] ?? ""];
    const answers = await Promise.all(ranges.map(([from, to]) => it.metrics.query({ series, from, to })));
    for (const answer of answers) expect(answer).toEqual(answers[0] as (typeof answers)[number]);
    expect(answers[0]?.series[0]?.t).toHaveLength(13);
  });

  test("is an hour long unless the range is said", async () => {
    await using it = await sampled(10);
    const answer = await it.metrics.query({ series: KEYS });
    expect(answer).toMatchObject({ from: START + 10_000 - 3_600_000, to: START + 10_000 });
  });

  test("draws no more points than asked for or allowed, and keeps the extremes", async () => {
    await using it = await sampled(3_600, { "metrics.maxHistoricalPoints": 50 });
    const series = [KEYS[0] ?? ""];
    const [few] = (await it.metrics.query({ series, points: 10 })).series;
    expect(few?.t.length).toBeLessThanOrEqual(10);
    expect(Math.max(...(few?.max ?? []).map(Number))).toBe(721);
    const [most] = (await it.metrics.query({ series })).series;
    expect(most?.t.length).toBeLessThanOrEqual(50);
    expect(await codeOf(() => it.metrics.query({ series, points: 51 }))).toBe("validation_failed");
    expect(await codeOf(() => it.metrics.query({ series, points: 1 }))).toBe("validation_failed");
    expect(await codeOf(() => it.metrics.query({ series, points: 2.5 }))).toBe("validation_failed");
  });

  test("leaves out series that are not there, and asks no series twice", async () => {
    await using it = await sampled(10);
    const { series } = await it.metrics.query({ series: ["swap_used_percent", ...KEYS, ...KEYS] });
    expect(series.map(({ key }) => key)).toEqual(KEYS);
  });

  test.each([
    ["no series", { series: [] }, "validation_failed"],
    ["too many series", { series: Array.from({ length: 21 }, (_, n) => `a_${n}`) }, "validation_failed"],
    ["what is no key", { series: ["a{"] }, "invalid_request"],
    ["an unreadable time", { series: ["a"], from: "yesterday" }, "validation_failed"],
    ["a time without a zone", { series: ["a"], from: "2030-01-01T00:00:00" }, "validation_failed"],
    ["a time out of range", { series: ["a"], from: -1 }, "validation_failed"],
    ["an infinite time", { series: ["a"], to: Number.POSITIVE_INFINITY }, "validation_failed"],
    ["an empty time", { series: ["a"], from: "" }, "validation_failed"],
    ["a range that ends before it begins", { series: ["a"], from: "now", to: "-1h" }, "validation_failed"],
  ])("refuses %s", async (_, request, code) => {
    await using it = await sampled(5);
    expect(await codeOf(() => it.metrics.query(request))).toBe(code);
  });
});

describe("the list of series", () => {
  test("is paged by key", async () => {
    await using it = await sampled(5);
    const first = it.metrics.listSeries({ limit: 2 });
    expect(first.items.map(({ key }) => key)).toEqual(KEYS.slice(0, 2));
    expect(first.items[0]).toMatchObject({
      name: "test_value",
      labels: { n: "0" },
      unit: "count",
      kind: "gauge",
      help: "A value of the test",
      firstSeenAt: "2030-01-01T00:00:05.000Z",
    });
    const second = it.metrics.listSeries({ limit: 2, cursor: first.nextCursor ?? "" });
    expect(second.items.map(({ key }) => key)).toEqual(KEYS.slice(2));
    expect(second.nextCursor).toBeNull();
    expect(await codeOf(() => it.metrics.listSeries({ limit: 2, cursor: "abc" }))).toBe("invalid_cursor");
    expect(await codeOf(() => it.metrics.listSeries({ limit: 501 }))).toBe("validation_failed");
  });

  test("is searched by words of key and description", async () => {
    await using it = await sampled(5);
    expect(it.metrics.listSeries({ limit: 9, search: "of THE test" }).items).toHaveLength(3);
    expect(it.metrics.listSeries({ limit: 9, search: 'n="2" value' }).items).toHaveLength(1);
    expect(it.metrics.listSeries({ limit: 9, search: "nothing" }).items).toEqual([]);
  });
});

describe("watching", () => {
  test("gives the present at once and then each interval; a slow watcher only the newest", async () => {
    await using it = await sampled(10);
    const watch = it.metrics.watch(2, [KEYS[0] ?? ""]);
    const atOf = async () => (((await watch.next()).value?.at ?? 0) - START) / 1_000;
    expect(await atOf()).toBe(10);
    expect(it.sampler.status().samplingSeconds).toBe(1);
    await it.clock.advance(2_000);
    expect(await atOf()).toBe(12);
    await it.clock.advance(20_000);
    expect(await atOf()).toBe(32);
    await watch.return?.();
    expect(it.sampler.status().samplingSeconds).toBe(5);
  });

  test("ends at once when it is told to, also while it waits", async () => {
    await using it = await sampled(5);
    const watch = it.metrics.watch(60, []);
    await watch.next();
    const waiting = watch.next();
    await watch.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await watch.next()).toEqual({ done: true, value: undefined });
    expect(await codeOf(() => it.metrics.watch(0, []))).toBe("validation_failed");
  });

  test("that is never begun asks nothing of the sampler", async () => {
    await using it = await sampled(5);
    it.metrics.watch(1, []);
    expect(it.sampler.status().samplingSeconds).toBe(5);
  });
});
