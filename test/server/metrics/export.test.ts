import { describe, expect, test } from "bun:test";
import { ManualClock } from "../../support/manual-clock.ts";
import { until } from "../../support/until.ts";
import { machineOf, NumberedCollector, serveMetrics } from "./serve-metrics.ts";

const START = Date.UTC(2030, 0, 1);

/** `count` series sampled every 5 s for `seconds`. */
async function sampled(count: number, seconds: number) {
  const clock = new ManualClock(START);
  const collector = new NumberedCollector(count, (n, call) => n + call);
  const server = await serveMetrics({ clock, machine: machineOf(collector) });
  await clock.advance(seconds * 1_000);
  return { ...server, clock };
}

const path = (query: Record<string, string>) => `/api/metrics/export?${new URLSearchParams(query)}`;

describe("an export", () => {
  test("as CSV has a header, quoted fields and CRLF", async () => {
    await using it = await sampled(2, 10);
    const response = await it.get(path({ format: "csv" }));
    expect(response.headers.get("content-type")).toStartWith("text/csv");
    expect(response.headers.get("content-disposition")).toContain("binnacle-metrics.csv");
    const at = START + 5_000;
    expect((await response.text()).split("\r\n")).toEqual([
      "time,at,series,unit,value",
      `2030-01-01T00:00:05.000Z,${at},"test_value{n=""0""}",count,2`,
      `2030-01-01T00:00:10.000Z,${at + 5_000},"test_value{n=""0""}",count,3`,
      `2030-01-01T00:00:05.000Z,${at},"test_value{n=""1""}",count,3`,
      `2030-01-01T00:00:10.000Z,${at + 5_000},"test_value{n=""1""}",count,4`,
      "",
    ]);
  });

  test("as JSON is one array", async () => {
    await using it = await sampled(3, 10);
    const response = await it.get(path({ format: "json", series: 'test_value{n="2"}' }));
    expect(await response.json()).toEqual([
      { at: START + 5_000, key: 'test_value{n="2"}', value: 4 },
      { at: START + 10_000, key: 'test_value{n="2"}', value: 5 },
    ]);
  });

  test("of minutes has minimum, maximum, mean and count", async () => {
    await using it = await sampled(1, 115);
    const query = { from: String(START), resolution: "1m" };
    const json = await (await it.get(path({ ...query, format: "json" }))).json();
    expect(json[0]).toEqual({ at: START, key: 'test_value{n="0"}', min: 2, max: 12, avg: 7, count: 11 });
    const csv = await (await it.get(path({ ...query, format: "csv" }))).text();
    expect(csv.split("\r\n").slice(0, 2)).toEqual([
      "time,at,series,unit,min,max,avg,count",
      `2030-01-01T00:00:00.000Z,${START},"test_value{n=""0""}",count,2,12,7,11`,
    ]);
  });

  test("of an empty range is empty but whole", async () => {
    await using it = await sampled(1, 10);
    const query = { from: "2029-01-01", to: "2029-01-02" };
    expect(await (await it.get(path({ ...query, format: "json" }))).json()).toEqual([]);
    expect(await (await it.get(path({ ...query, format: "csv" }))).text()).toBe(
      "time,at,series,unit,value\r\n",
    );
  });

  test("of a series that is not there is a 404, of a bad format a 422", async () => {
    await using it = await sampled(1, 10);
    expect((await it.get(path({ series: "nothing" }))).status).toBe(404);
    expect((await it.get(path({ format: "xml" }))).status).toBe(422);
    expect((await it.get(path({ from: "now", to: "-1h" }))).status).toBe(422);
    expect((await it.get(path({}), "nobody")).status).toBe(401);
  });

  test("that is aborted half-way frees everything", async () => {
    await using it = await sampled(200, 3_600);
    for (let i = 0; i < 6; i += 1) {
      const abort = new AbortController();
      const response = await fetch(it.url(path({ format: "csv" })), { signal: abort.signal });
      await response.body?.getReader().read();
      expect(it.metrics.openExports).toBe(1);
      abort.abort();
      await until(() => it.metrics.openExports === 0);
    }
  });

  test("that is not read holds one batch, is not read ahead, and ends after a minute", async () => {
    await using it = await sampled(200, 3_600);
    const before = process.memoryUsage.rss();
    const stream = it.metrics.export("ada", { format: "json", resolution: "raw", series: [] });
    const reader = stream.getReader();
    await reader.read();
    await reader.read();
    expect(process.memoryUsage.rss() - before).toBeLessThan(32 * 1024 * 1024);
    await it.clock.advance(60_000);
    expect(it.metrics.openExports).toBe(0);
    await expect(reader.read()).rejects.toThrow("stalled");
  });

  test("beyond the fourth at once is refused until one has ended", async () => {
    await using it = await sampled(200, 3_600);
    const begin = (caller: string) =>
      it.metrics.export(caller, { format: "csv", resolution: "raw", series: [] });
    const streams = [begin("ada"), begin("ada"), begin("eve"), begin("eve")];
    const refused = await it.get(path({ format: "csv" }));
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("5");
    await streams[0]?.cancel();
    expect(it.metrics.openExports).toBe(3);
    expect((await it.get(path({ format: "csv", from: "-1m" }))).status).toBe(200);
    for (const stream of streams.slice(1)) await stream.cancel();
  });

  test("beyond the second of one user is refused, whoever else exports", async () => {
    await using it = await sampled(200, 3_600);
    const begin = (caller: string) =>
      it.metrics.export(caller, { format: "csv", resolution: "raw", series: [] });
    const streams = [begin("eve"), begin("eve")];
    expect(() => begin("eve")).toThrow("2 of one user");
    streams.push(begin("ada"));
    for (const stream of streams) await stream.cancel();
  });

  test("carries every row of an hour of 200 series", async () => {
    await using it = await sampled(200, 3_600);
    const text = await (await it.get(path({ format: "csv" }))).text();
    expect(text.split("\r\n")).toHaveLength(1 + 200 * 720 + 1);
    expect(it.metrics.openExports).toBe(0);
  });
});
