import { expect, test } from "bun:test";
import type { Series } from "../../../web/data/types.ts";
import { graphqlQuery, groupByUnit } from "../../../web/pages/metrics/comparison.ts";

const series = (name: string, labels: Record<string, string>, unit: string): [string, Series] => {
  const key =
    Object.keys(labels).length === 0
      ? name
      : `${name}{${Object.entries(labels).map(([k, v]) => `${k}="${v}"`)}}`;
  return [key, { key, name, labels, unit }];
};

const KNOWN = new Map([
  series("cpu_usage_percent", { mode: "user" }, "percent"),
  series("cpu_usage_percent", { mode: "system" }, "percent"),
  series("memory_used_percent", {}, "percent"),
  series("swap_bytes", {}, "bytes"),
]);

test("series of one unit share a chart; colours follow the order of choice", () => {
  const groups = groupByUnit(["memory_used_percent", "swap_bytes", 'cpu_usage_percent{mode="user"}'], KNOWN);
  expect(groups.map(({ unit, heading }) => [unit, heading])).toEqual([
    ["percent", "Memory used, CPU usage"],
    ["bytes", "Swap"],
  ]);
  expect(groups[0]?.lines.map(({ colour, label }) => [colour, label])).toEqual([
    [0, "Memory used"],
    [2, "CPU usage · user"],
  ]);
});

test("lines of one family are named by their labels alone", () => {
  const [group] = groupByUnit(['cpu_usage_percent{mode="user"}', 'cpu_usage_percent{mode="system"}'], KNOWN);
  expect(group?.lines.map(({ label }) => label)).toEqual(["user", "system"]);
});

test("a series the server no longer knows keeps its key, its unit read from its name", () => {
  const [group] = groupByUnit(['network_sent_bytes_per_second{interface="old"}'], KNOWN);
  expect(group).toMatchObject({
    unit: "bytes_per_second",
    lines: [{ label: 'network_sent_bytes_per_second{interface="old"}' }],
  });
});

test("the GraphQL query quotes keys", () => {
  expect(graphqlQuery(['a{b="c"}'], 1000.7, 2000)).toContain(
    'metricSeries(series: ["a{b=\\"c\\"}"], from: 1001, to: 2000',
  );
});
