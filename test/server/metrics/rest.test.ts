import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import { systemClock } from "../../../server/lib/clock.ts";
import { collectors } from "../../../server/metrics/collect/collectors.ts";
import * as model from "../../../server/metrics/model.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { machineOf, NumberedCollector, serveMetrics } from "./serve-metrics.ts";

const START = Date.UTC(2030, 0, 1);

async function sampled(seconds: number) {
  const clock = new ManualClock(START);
  const server = await serveMetrics({
    clock,
    machine: machineOf(new NumberedCollector(3, (n, call) => n + call)),
  });
  await clock.advance(seconds * 1_000);
  return { ...server, clock };
}

/** The machine this test runs on, with the real collectors, sampled every second. */
async function thisMachine() {
  const machine = collectors({ clock: systemClock, statistics: { read: () => ({}) } });
  return serveMetrics({
    clock: systemClock,
    machine,
    processes: machine.processes,
    settings: { "metrics.intervalSeconds": 1 },
  });
}

const read = (path: string) => readFileSync(path, "utf8");
const meminfoBytes = (name: string) =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(read("/proc/meminfo"))?.[1]) * 1_024;

describe("the routes of metrics", () => {
  test.each([
    "/api/metrics",
    "/api/metrics/export",
    "/api/v3/metrics/series",
    "/api/v3/metrics/query?series=test_value",
    "/api/v3/processes",
    "/api/v3/metrics/status",
  ])("%s needs metrics:read", async (path) => {
    await using it = await sampled(5);
    expect((await it.get(path, "nobody")).status).toBe(401);
    expect((await it.get(path, "stranger")).status).toBe(403);
    expect((await it.get(path, "viewer")).status).toBe(200);
  });

  test.each([
    ["/api/metrics", model.CurrentMetrics],
    ["/api/v3/metrics/series?limit=2", model.SeriesPage],
    [`/api/v3/metrics/query?series=${encodeURIComponent('test_value{n="1"}')}`, model.MetricHistory],
    ["/api/v3/processes", model.ProcessList],
    ["/api/v3/metrics/status", model.MetricsStatus],
  ])("%s answers in its documented shape", async (path, shape) => {
    await using it = await sampled(30);
    const body = await (await it.get(path)).json();
    expect([...TypeCompiler.Compile(shape).Errors(body)]).toEqual([]);
  });

  test("take series repeated or as a comma list, keys with several labels among them", async () => {
    await using it = await sampled(10);
    const keys = ['test_value{n="0"}', 'test_value{n="2"}'];
    const labels = 'disk_bytes{mount="/a,b",state="used"}';
    const repeated = new URLSearchParams([...keys, labels].map((key) => ["series", key]));
    const listed = new URLSearchParams({ series: [labels, ...keys].join() });
    for (const query of [repeated, listed]) {
      const answer = await (await it.get(`/api/v3/metrics/query?${query}`)).json();
      expect(answer.series.map((one: { key: string }) => one.key)).toEqual(keys);
    }
  });

  test.each([
    ["a key of 3 kB", "a".repeat(3_000), 400],
    ["a list of 16 kB", "a,".repeat(8_000), 400],
    ["21 series", Array.from({ length: 21 }, (_, n) => `a${n}`).join(), 422],
    ["a number", "1", 400],
    ["an array of JSON", "[1,2]", 400],
    ["an open quote", 'a{b="c', 400],
    ["a NUL", "%00", 400],
  ])("refuse %s as series", async (_, series, status) => {
    await using it = await sampled(5);
    expect((await it.get(`/api/v3/metrics/query?series=${series}`)).status).toBe(status);
  });

  test.each([
    ["/api/metrics?serie=a", 422, "validation_failed"],
    ["/api/metrics?series=%7B", 400, "invalid_request"],
    ["/api/v3/metrics/query", 422, "validation_failed"],
    ["/api/v3/metrics/query?series=a&points=0", 422, "validation_failed"],
    ["/api/v3/metrics/query?series=a&points=501", 422, "validation_failed"],
    ["/api/v3/metrics/query?series=a&from=yesterday", 422, "validation_failed"],
    ["/api/v3/metrics/query?series=a&from=5&to=4", 422, "validation_failed"],
    ["/api/v3/metrics/query?series=a&from=1e400", 422, "validation_failed"],
    ["/api/v3/metrics/series?limit=0", 422, "validation_failed"],
    ["/api/v3/metrics/series?limit=501", 422, "validation_failed"],
    ["/api/v3/metrics/series?cursor=AAAA", 400, "invalid_cursor"],
    ["/api/metrics/export?resolution=5m", 422, "validation_failed"],
  ])("refuse %s", async (path, status, code) => {
    await using it = await sampled(5);
    const response = await it.get(path);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({ status, code });
  });
});

describe.if(process.platform === "linux")("figures of this machine", () => {
  test("agree with /proc within one sample", async () => {
    await using it = await thisMachine();
    const before = { total: meminfoBytes("MemTotal"), available: meminfoBytes("MemAvailable") };
    const seen = await it.get("/api/metrics").then((response) => response.json());
    const uptime = Number(read("/proc/uptime").split(" ")[0]);
    const load = Number(read("/proc/loadavg").split(" ")[0]);
    const value = (key: string): number => {
      const item = seen.items.find((one: { key: string }) => one.key === key);
      if (!item) throw new Error(`${key} is not among ${seen.items.length} series`);
      return item.value;
    };
    expect(value('memory_bytes{state="total"}')).toBe(before.total);
    expect(Math.abs(value('memory_bytes{state="available"}') - before.available) / before.total).toBeLessThan(
      0.02,
    );
    expect(Math.abs(value("host_uptime_seconds") - uptime)).toBeLessThan(2);
    expect(Math.abs(value('load_average{period="1m"}') - load)).toBeLessThan(0.5);
  });

  test("have rates from the second sample on, and processes with this one among them", async () => {
    await using it = await thisMachine();
    const feed = it.metrics.watch(1, []);
    await feed.next();
    const busyUntil = performance.now() + 300;
    while (performance.now() < busyUntil) Math.sqrt(busyUntil);
    const { value: sample } = await feed.next();
    await feed.return?.();
    const find = (key: string) => sample?.items.find((one: { key: string }) => one.key === key)?.value;
    expect(find('cpu_usage_percent{mode="total"}')).toBeGreaterThan(100 / cpus().length / 20);
    expect(find('cpu_usage_percent{mode="total"}')).toBeLessThanOrEqual(100);
    const { items } = await (await it.get("/api/v3/processes")).json();
    expect(items.length).toBeGreaterThan(0);
    expect(items.map((one: { pid: number }) => one.pid)).toContain(process.pid);
    expect([...TypeCompiler.Compile(model.ProcessList).Errors({ at: 0, items })]).toEqual([]);
  });
});
