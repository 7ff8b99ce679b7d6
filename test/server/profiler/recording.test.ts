import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { HistoryView, SlowView, StatisticsView } from "../../../server/profiler/model.ts";
import { type RunningApp, startApp, type TestClient } from "../../support/start-app.ts";

let app: RunningApp;
let reader: TestClient;
let writer: TestClient;
beforeAll(async () => {
  app = await startApp({ settings: { "profiler.slowMs": 60_000 } });
  reader = await app.token(["profiler:read", "users:read"]);
  writer = await app.token(["profiler:write"]);
});
afterAll(() => app[Symbol.asyncDispose]());

const statistics = async (query = ""): Promise<StatisticsView[]> => {
  const answer = await reader.get(`/api/v3/profiler/stats?limit=1000&${query}`);
  return ((await answer.json()) as { items: StatisticsView[] }).items;
};
const slow = async (query: string): Promise<SlowView[]> =>
  ((await (await reader.get(`/api/v3/profiler/slow-operations?${query}`)).json()) as { items: SlowView[] })
    .items;
const statisticsOf = async (name: string): Promise<StatisticsView | undefined> =>
  (await statistics()).find(({ operation }) => operation === name);

describe("requests", () => {
  test("are counted by their route, whatever stands in the path", async () => {
    for (const id of ["a", "b", "c"]) await reader.get(`/api/v3/users/${id}`);
    expect(await statisticsOf("GET /api/v3/users/:id")).toMatchObject({
      kind: "http",
      service: "binnacle",
      callCount: 3,
      errorCount: 0,
    });
  });

  test("a hostile path or method makes no name", async () => {
    for (let n = 0; n < 20; n++) await reader.get(`/api/v3/nowhere/${n}`);
    await reader.get("/nowhere/%0d%0a%00");
    await fetch(`${app.address}/api/v3/users/x`, { method: "PURGE" });
    const names = (await statistics()).map(({ operation }) => operation);
    expect(names.filter((name) => name.includes("nowhere") || name.includes("PURGE"))).toEqual([]);
    expect((await statisticsOf("GET (no such path)"))?.callCount).toBe(20);
  });

  test("of GraphQL are counted by operation, a nameless one by what it asks for", async () => {
    await reader.graphql("query Watchers { operationStats { operation } }");
    await reader.graphql("{ slowOperations { operation } }");
    expect(await statisticsOf("query Watchers")).toMatchObject({ kind: "graphql", callCount: 1 });
    expect(await statisticsOf("query { slowOperations }")).toMatchObject({ callCount: 1 });
  });

  test("durations are seconds and agree with each other", async () => {
    const one = await statisticsOf("GET /api/v3/users/:id");
    expect(one?.minDuration).toBeGreaterThan(0);
    expect(one?.minDuration).toBeLessThanOrEqual(one?.p50Duration ?? 0);
    expect(one?.p50Duration).toBeLessThanOrEqual(one?.p99Duration ?? 0);
    expect(one?.p99Duration).toBeLessThanOrEqual(one?.maxDuration ?? 0);
    expect(one?.maxDuration).toBeLessThan(5);
    expect(one?.totalDuration).toBeCloseTo((one?.averageDuration ?? 0) * 3, 9);
  });
});

describe("what applications report", () => {
  const report = (operations: unknown[]) => writer.send("POST", "/api/v3/operations", { operations });

  test("appears beside our own, under its service", async () => {
    const answer = await report([
      { operation: "resize", service: "thumbnailer", duration: 0.25 },
      { operation: "resize", service: "thumbnailer", duration: 0.75, failed: true },
    ]);
    expect(await answer.json()).toEqual({ accepted: 2 });
    const [one, ...rest] = await statistics("kind=app&operation=resize");
    expect(rest).toEqual([]);
    expect(one).toMatchObject({
      service: "thumbnailer",
      callCount: 2,
      errorCount: 1,
      averageDuration: 0.5,
      minDuration: 0.25,
      maxDuration: 0.75,
    });
  });

  test("cannot pass for ours, and hostile names are cleaned", async () => {
    await report([
      { operation: "GET /api/v3/users/:id", service: "Binnacle", duration: 9 },
      { operation: "a\u0000\u202eb\nc", service: "\u001b[31m", duration: 1 },
      { operation: "\u0007", duration: 1 },
    ]);
    const apps = await statistics("kind=app");
    expect(apps.map(({ service }) => service)).toContain("Binnacle (reported)");
    expect(apps.map(({ operation }) => operation)).toContain("a  b c");
    expect(apps.map(({ operation }) => operation)).toContain("(unnamed)");
    expect(JSON.stringify(apps)).not.toMatch(/\\u00|\u202e/);
  });

  test.each([
    ["no operations", []],
    ["a negative duration", [{ operation: "x", duration: -1 }]],
    ["a duration that is no number", [{ operation: "x", duration: "1" }]],
    ["a name that is too long", [{ operation: "x".repeat(201), duration: 1 }]],
    ["a trace id of zeros", [{ operation: "x", duration: 1, traceId: "0".repeat(32) }]],
    ["an unknown field", [{ operation: "x", duration: 1, wat: true }]],
    ["too many at once", Array.from({ length: 1_001 }, () => ({ operation: "x", duration: 1 }))],
  ])("is refused with %s", async (_what, operations) => {
    expect((await report(operations)).status).toBe(422);
  });

  test("needs profiler:write; reading needs profiler:read", async () => {
    const body = { operations: [{ operation: "x", duration: 1 }] };
    expect((await app.guest().send("POST", "/api/v3/operations", body)).status).toBe(401);
    expect((await reader.send("POST", "/api/v3/operations", body)).status).toBe(403);
    const stranger = await app.token(["metrics:read"]);
    expect((await stranger.get("/api/v3/profiler/stats")).status).toBe(403);
    expect((await stranger.get("/api/v3/profiler/slow-ops")).status).toBe(403);
  });
});

describe("slow operations", () => {
  test("are kept with their context, the slowest first, and told as an event", async () => {
    const heard: unknown[] = [];
    const id = app.parts.events.subscribe("operation.slow", ({ payload }) => void heard.push(payload), {
      name: "listener",
    });
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    await writer.send("POST", "/api/v3/operations", {
      operations: [
        { operation: "export", service: "shop", duration: 90, traceId, attributes: { rows: 7 } },
        { operation: "export", service: "shop", duration: 120, correlationId: "order-9", failed: true },
      ],
    });
    const [first, second, ...rest] = await slow("threshold=80");
    expect(rest).toEqual([]);
    expect(first).toMatchObject({
      operation: "export",
      kind: "app",
      service: "shop",
      duration: 120,
      threshold: 60,
      failed: true,
      correlationId: "order-9",
      traceId: null,
    });
    expect(second).toMatchObject({ duration: 90, traceId, attributes: { rows: "7" } });
    expect(await slow("threshold=121")).toEqual([]);
    expect(await slow("limit=1")).toHaveLength(1);
    app.parts.events.unsubscribe(id);
    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatchObject({ operation: "export", durationMs: 90_000, traceId, untold: 0 });
  });

  test("are the same over the older path and GraphQL", async () => {
    const path = await (await reader.get("/api/v3/profiler/slow-ops?threshold=80")).json();
    const { result } = await reader.graphql(
      "{ slowOperations(threshold: 80, limit: 5) { id operation duration attributes } }",
    );
    expect(result.data?.slowOperations).toEqual(
      (path as { items: SlowView[] }).items.map(({ id, operation, duration, attributes }) => ({
        id,
        operation,
        duration,
        attributes,
      })),
    );
  });
});

test("operationStats of GraphQL says what REST says", async () => {
  const { result } = await reader.graphql(
    '{ operationStats(operation: "resize") { operation callCount errorCount averageDuration minDuration maxDuration p95Duration } }',
  );
  const [one] = await statistics("operation=resize");
  const { operation, callCount, errorCount, averageDuration, minDuration, maxDuration, p95Duration } =
    one ?? ({} as StatisticsView);
  expect(result.data?.operationStats).toEqual([
    { operation, callCount, errorCount, averageDuration, minDuration, maxDuration, p95Duration },
  ]);
});

test("an operation can be followed over time; an unknown one is not found", async () => {
  const [one] = await statistics("operation=resize");
  const answer = await reader.get(`/api/v3/profiler/operations/${one?.id}/history?window=1h`);
  const history = (await answer.json()) as HistoryView;
  expect(history).toMatchObject({ operation: "resize", callCount: 2, maxDuration: 0.75, windowSeconds: 60 });
  expect(history.distribution.filter(({ count }) => count > 0)).toHaveLength(2);
  const [first] = history.distribution;
  expect([first?.count, (first?.from ?? 1) < 0.25, (first?.to ?? 0) >= 0.25]).toEqual([1, true, true]);
  expect(history.points.reduce((sum, point) => sum + point.callCount, 0)).toBe(2);
  expect((await reader.get("/api/v3/profiler/operations/999999/history")).status).toBe(404);
  const within = async (fromMs: number, toMs: number) => {
    const span = new URLSearchParams({
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
    });
    return reader.get(`/api/v3/profiler/operations/${one?.id}/history?${span}`);
  };
  const now = Date.now();
  expect(await (await within(now - 600_000, now + 600_000)).json()).toMatchObject({ callCount: 2 });
  expect(await (await within(now - 7_000_000, now - 600_000)).json()).toMatchObject({ callCount: 0 });
  expect((await within(now, now - 1)).status).toBe(400);
});

test("a list is searched by name and service, and shows the course of each if asked", async () => {
  const named = async (text: string) => (await statistics(`text=${text}`)).map(({ operation }) => operation);
  expect(await named("RESIZ")).toEqual(["resize"]);
  expect(await named("thumbnailer")).toEqual(["resize"]);
  expect(await named("no%25such")).toEqual([]);
  expect((await statistics("service=shop")).map(({ operation }) => operation)).toEqual(["export"]);
  const [one] = await statistics("operation=resize&course=true&window=1h");
  expect(one?.course?.reduce((sum, { callCount }) => sum + callCount, 0)).toBe(2);
  expect(one?.course?.at(-1)?.p95Duration).toBeGreaterThan(0.2);
  const kinds = new Set((await statistics("kind=app&kind=graphql")).map(({ kind }) => kind));
  expect(kinds).toEqual(new Set(["app", "graphql"]));
  const soon = encodeURIComponent(new Date(Date.now() - 3_600_000).toISOString());
  expect(await slow(`service=shop&threshold=80&until=${soon}`)).toEqual([]);
  expect(await slow("service=shop&threshold=80")).toHaveLength(2);
  expect(await slow("service=other&threshold=80")).toEqual([]);
});

test("pages are joined by cursors; one of another list is refused", async () => {
  const page = async (cursor: string) =>
    (await (await reader.get(`/api/v3/profiler/stats?sort=name&limit=2&window=1h${cursor}`)).json()) as {
      items: StatisticsView[];
      nextCursor: string;
    };
  const first = await page("");
  const second = await page(`&cursor=${first.nextCursor}`);
  const names = [...first.items, ...second.items].map(({ operation }) => operation);
  expect(names).toEqual(names.toSorted());
  expect(new Set(names).size).toBe(4);
  expect((await reader.get("/api/v3/profiler/stats?cursor=bm9wZQ")).status).toBe(400);
});

test("with the feature off there is neither route nor field, and nobody listens to the probe", async () => {
  await using without = await startApp({ settings: { "features.profiler": false } });
  const somebody = await without.token(["*"]);
  expect((await somebody.get("/api/v3/profiler/stats")).status).toBe(404);
  expect((await somebody.graphql("{ operationStats { operation } }")).result.errors).toHaveLength(1);
  expect(without.parts.probe.observer).toBeUndefined();
  expect(await Bun.file(without.parts.folder.paths.profilerDatabase).exists()).toBe(false);
});
