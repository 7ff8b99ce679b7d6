import { describe, expect, test } from "bun:test";
import { judge, type Situation } from "../../../web/data/attention-rules.ts";
import type { Series } from "../../../web/data/types.ts";
import { seriesKey } from "../../../web/lib/series-key.ts";

type Reading = [name: string, labels: Record<string, string>, value: number];

function situation(readings: Reading[], change: Partial<Situation> = {}): Situation {
  const series = new Map<string, Series>();
  const values = new Map<string, number>();
  for (const [name, labels, value] of readings) {
    const key = seriesKey(name, labels);
    series.set(key, { key, name, labels, unit: "percent" });
    values.set(key, value);
  }
  return {
    series,
    values,
    cores: 2,
    sampleAgeMs: 1000,
    intervalSeconds: 5,
    isConnectionLost: false,
    ...change,
  };
}

const CALM: Reading[] = [
  ["disk_used_percent", { mount: "/" }, 84.9],
  ["memory_used_percent", {}, 89],
  ["swap_used_percent", {}, 10],
  ["load_average", { period: "5m" }, 2.9],
  ["file_descriptors_open", {}, 2000],
  ["file_descriptors_limit", {}, 100_000],
];

test("a calm machine needs nobody", () => {
  expect(judge(situation(CALM))).toEqual([]);
});

describe("a condition is raised at its level", () => {
  test.each<[Reading, string, string]>([
    [["disk_used_percent", { mount: "/var" }, 85], "watch", "Disk /var is filling up"],
    [["disk_used_percent", { mount: "/var" }, 95], "alarm", "Disk /var is almost full"],
    [["disk_inodes_used_percent", { mount: "/" }, 96], "alarm", "Disk / runs out of inodes"],
    [["memory_used_percent", {}, 90], "watch", "Memory is nearly used up"],
    [["memory_used_percent", {}, 97], "alarm", "Memory is nearly used up"],
    [["swap_used_percent", {}, 90], "alarm", "The machine is swapping"],
    [["load_average", { period: "5m" }, 3], "watch", "More work than the processors can do"],
    [["load_average", { period: "5m" }, 8], "alarm", "More work than the processors can do"],
  ])("%p: %s", (reading, severity, title) => {
    const items = judge(situation([reading]));
    expect(items.map((item) => [item.severity, item.title])).toEqual([[severity, title]]);
  });

  test("descriptors are judged against their limit", () => {
    const items = judge(
      situation([
        ["file_descriptors_open", {}, 96],
        ["file_descriptors_limit", {}, 100],
      ]),
    );
    expect(items[0]).toMatchObject({ id: "descriptors", severity: "alarm" });
  });

  test("load is not judged before the number of cores is known", () => {
    expect(judge(situation([["load_average", { period: "5m" }, 80]], { cores: undefined }))).toEqual([]);
  });
});

test("the worst comes first, and each has its next step", () => {
  const items = judge(
    situation([
      ["memory_used_percent", {}, 91],
      ["disk_used_percent", { mount: "/" }, 99],
    ]),
  );
  expect(items.map((item) => item.severity)).toEqual(["alarm", "watch"]);
  expect(items[0]?.action.href).toBe("/metrics?series=disk_used_percent%7Bmount%3D%22%2F%22%7D&range=7d");
});

test("open faults inside lead to the one, or to all of them", () => {
  const fault = { id: "f1", headline: "Error: gone", place: "GET /a" };
  expect(judge(situation(CALM, { openErrors: [] }))).toEqual([]);
  expect(judge(situation(CALM, { openErrors: [fault] }))[0]).toMatchObject({
    id: "errors",
    severity: "watch",
    detail: "Error: gone (GET /a).",
    action: { href: "/errors?id=f1" },
  });
  const [both] = judge(situation(CALM, { openErrors: [fault, { ...fault, id: "f2" }] }));
  expect(both?.title).toBe("2 faults inside Binnacle are open");
  expect(both?.action.href).toBe("/errors?kind=internal");
});

describe("what this page cannot see", () => {
  test("a lost connection is an alarm and says how old the last sample is", () => {
    const [item] = judge(situation(CALM, { isConnectionLost: true, sampleAgeMs: 65_000 }));
    expect(item).toMatchObject({ id: "connection", severity: "alarm" });
    expect(item?.detail).toContain("1\u00a0min\u00a05\u00a0s old");
  });

  test("an open connection without samples is told apart", () => {
    expect(judge(situation(CALM, { sampleAgeMs: 15_001 }))[0]).toMatchObject({
      id: "sampling",
      severity: "watch",
    });
    expect(judge(situation(CALM, { sampleAgeMs: 15_000 }))).toEqual([]);
  });
});
