import { afterEach, beforeEach, expect, test } from "bun:test";
import { Api } from "../../../web/data/api.ts";
import { Metrics } from "../../../web/data/metrics.ts";
import { FakeApi } from "../../support/fake-api.ts";
import { FAKE_SERIES } from "../../support/fake-series.ts";

let server: FakeApi;
let metrics: Metrics;
const WINDOW = { fromMs: 1_893_456_000_000, toMs: 1_893_459_600_000, points: 100 };

beforeEach(() => {
  server = new FakeApi();
  metrics = new Metrics(new Api((path, init) => fetch(server.url + path, init)));
});

afterEach(() => server.stop());

test("charts that ask for the same window in one turn share one request", async () => {
  const [cpu, load] = await Promise.all([
    metrics.history({ ...WINDOW, keys: ["memory_used_percent"] }),
    metrics.history({ ...WINDOW, keys: ["swap_used_percent", "memory_used_percent"] }),
  ]);
  expect(server.requests).toEqual(["GET /api/v3/metrics/query"]);
  expect([...cpu.keys()]).toEqual(["memory_used_percent"]);
  expect([...load.keys()].sort()).toEqual(["memory_used_percent", "swap_used_percent"]);
});

test("more than twenty series are asked for in several requests", async () => {
  const keys = FAKE_SERIES.slice(0, 25).map(({ key }) => key);
  expect((await metrics.history({ ...WINDOW, keys })).size).toBe(25);
  expect(server.requests).toHaveLength(2);
});

test("unknown series are absent, not an error", async () => {
  expect((await metrics.history({ ...WINDOW, keys: ["nothing"] })).size).toBe(0);
});

test("an export names the series and whole milliseconds", () => {
  const href = metrics.exportHref("csv", {
    ...WINDOW,
    fromMs: 1000.4,
    toMs: 2000.6,
    keys: ['a{b="c"}', "d"],
  });
  expect(href).toBe("/api/metrics/export?format=csv&series=a%7Bb%3D%22c%22%7D&series=d&from=1000&to=2001");
});
