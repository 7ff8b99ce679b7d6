import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Logger, logContext, silentLogger } from "../../../../server/logs/logger.ts";
import type { StatisticsView } from "../../../../server/profiler/model.ts";
import type { TraceDetail, TraceView } from "../../../../server/profiler/traces/model.ts";
import { type RunningApp, startApp, type TestClient } from "../../../support/start-app.ts";

const CALLER = "00f067aa0ba902b7";
const parentOf = (trace: string, flags = "01"): string => `00-${trace}-${CALLER}-${flags}`;

/** The context that lines were written in. */
const contexts: (Record<string, unknown> | undefined)[] = [];
const listening: Logger = {
  ...silentLogger,
  error: () => void contexts.push(logContext.getStore()),
  child: () => listening,
};

describe("a request whose caller records a trace", () => {
  let app: RunningApp;
  let reader: TestClient;
  beforeAll(async () => {
    app = await startApp({ settings: { "profiler.sampleEvery": 0 }, log: listening });
    reader = await app.token(["profiler:read", "users:read", "events:write"]);
  });
  afterAll(() => app[Symbol.asyncDispose]());

  const ask = (client: TestClient, path: string, traceparent: string, init: RequestInit = {}) =>
    client.fetch(path, { ...init, headers: { "content-type": "application/json", traceparent } });
  const detail = async (trace: string): Promise<TraceDetail> =>
    (await (await reader.get(`/api/v3/traces/${trace}`)).json()) as TraceDetail;

  test("joins it, and the answer says where it stands in it", async () => {
    const trace = "a".repeat(32);
    const answer = await ask(reader, "/api/v3/users?limit=2", parentOf(trace));
    const [, , own] = (answer.headers.get("traceresponse") ?? "").split("-");
    expect(answer.headers.get("traceresponse")).toBe(`00-${trace}-${own}-01`);
    const { spans, service } = await detail(trace);
    expect(service).toBe("binnacle");
    expect(spans).toMatchObject([
      {
        spanId: own,
        parentId: CALLER,
        name: "GET /api/v3/users",
        kind: "server",
        failed: false,
        attributes: { status: 200, path: "/api/v3/users", correlation_id: trace },
      },
    ]);
  });

  test("shows its GraphQL operation, the resolvers within, and units of work on a database", async () => {
    const trace = "b".repeat(32);
    const body = JSON.stringify({ query: "query People { users(limit: 1) { items { name } } }" });
    const answer = await ask(reader, "/graphql", parentOf(trace), { method: "POST", body });
    expect(await answer.json()).toMatchObject({ data: { users: { items: [{}] } } });
    const { spans } = await detail(trace);
    expect(spans.map(({ name, depth }) => [name, depth]).slice(0, 3)).toEqual([
      ["POST /graphql", 0],
      ["query People", 1],
      ["Query.users", 2],
    ]);
    const stats = await reader.get("/api/v3/profiler/stats?kind=resolver&operation=Query.users");
    expect(await stats.json()).toMatchObject({
      items: [{ callCount: 1, errorCount: 0, service: "binnacle" }],
    });

    const writing = "c".repeat(32);
    const change = {
      method: "POST",
      body: JSON.stringify({ events: [{ type: "shop.sold", payload: {} }] }),
    };
    await ask(reader, "/api/v3/events", parentOf(writing), change);
    const made = (await detail(writing)).spans.map(({ name }) => name);
    expect(made).toContain("write state");
  });

  test("is not recorded when the caller does not, when the header is unsound, and for strangers", async () => {
    const silent = "d".repeat(32);
    const unsampled = await ask(reader, "/api/v3/users", parentOf(silent, "00"));
    expect(unsampled.headers.get("traceresponse")).toBeNull();
    expect(unsampled.headers.get("x-correlation-id")).toBe(silent);
    for (const wrong of [
      `00-${"0".repeat(32)}-${CALLER}-01`,
      `ff-${silent}-${CALLER}-01`,
      `${silent}`,
      "00-x-y-01",
    ])
      expect((await ask(reader, "/api/v3/users", wrong)).headers.get("traceresponse")).toBeNull();
    const stranger = "e".repeat(32);
    expect((await ask(app.guest(), "/api/v3/users", parentOf(stranger))).status).toBe(401);
    for (const trace of [silent, stranger])
      expect((await reader.get(`/api/v3/traces/${trace}`)).status).toBe(404);
  });

  test("that fails is marked, and what is logged of it carries the trace", async () => {
    const trace = "f".repeat(32);
    const { users } = app.parts;
    const list = users.list.bind(users);
    users.list = () => Promise.reject(new Error("a fault"));
    const answer = await ask(reader, "/api/v3/users", parentOf(trace));
    users.list = list;
    expect(answer.status).toBe(500);
    expect(await detail(trace)).toMatchObject({
      errorCount: 1,
      spans: [{ failed: true, attributes: { status: 500 } }],
    });
    expect(contexts).toContainEqual(expect.objectContaining({ traceId: trace, correlationId: trace }));
  });
});

describe("of other requests", () => {
  const traced = async (client: TestClient): Promise<TraceView[]> =>
    ((await (await client.get("/api/v3/traces?service=binnacle&limit=200")).json()) as { items: TraceView[] })
      .items;

  test("one of so many is looked at", async () => {
    await using app = await startApp({ settings: { "profiler.sampleEvery": 5 } });
    const reader = await app.token(["profiler:read", "users:read"]);
    for (let n = 0; n < 15; n++) await reader.get("/api/v3/users");
    expect((await traced(reader)).filter(({ name }) => name === "GET /api/v3/users")).toHaveLength(3);
  });

  test("a few are kept for the long run, however many there are", async () => {
    await using app = await startApp({ settings: { "profiler.sampleEvery": 1 } });
    const reader = await app.token(["profiler:read", "users:read"]);
    for (let n = 0; n < 60; n++) await reader.get("/api/v3/users");
    const kept = await traced(reader);
    expect(kept.length).toBeGreaterThanOrEqual(20);
    expect(kept.length).toBeLessThanOrEqual(25);
    const { items } = (await (await reader.get("/api/v3/profiler/stats?kind=http")).json()) as {
      items: StatisticsView[];
    };
    expect(items.find(({ operation }) => operation === "GET /api/v3/users")?.callCount).toBe(60);
  });

  test("a query asked again and again with the same answer is named as one to be kept", async () => {
    await using app = await startApp({
      settings: { "profiler.sampleEvery": 1, "features.queryCache": false },
    });
    const reader = await app.token(["profiler:read", "users:read"]);
    for (let n = 0; n < 25; n++) await reader.graphql("query Again { users(limit: 1) { items { name } } }");
    for (let n = 0; n < 25; n++)
      await reader.graphql('query Moving { operationStats(operation: "POST /graphql") { callCount } }');
    const { items } = (await (await reader.get("/api/v3/profiler/suggestions")).json()) as {
      items: { kind: string; subject: string; evidence: object }[];
    };
    expect(items.filter(({ kind }) => kind === "cacheable_query")).toMatchObject([
      { subject: "query Again", evidence: { lookedAt: 25, unchanged: 24, unchangedPercent: 100 } },
    ]);
  });
});
