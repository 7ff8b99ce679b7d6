import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { SlowView, StatisticsView } from "../../../server/profiler/model.ts";
import type { TraceDetail, TraceView } from "../../../server/profiler/traces/model.ts";
import { openGraphSocket } from "../../support/graph-socket.ts";
import { type RunningApp, startApp, type TestClient } from "../../support/start-app.ts";

let app: RunningApp;
let client: TestClient;
beforeAll(async () => {
  app = await startApp({ settings: { "profiler.sampleEvery": 1, "profiler.slowMs": 1 } });
  client = await app.token(["*"]);
});
afterAll(() => app[Symbol.asyncDispose]());

const get = async <T>(path: string): Promise<T> => (await client.get(path)).json() as Promise<T>;
const statisticsOf = async (operation: string): Promise<StatisticsView | undefined> =>
  (
    await get<{ items: StatisticsView[] }>(
      `/api/v3/profiler/stats?kind=graphql&operation=${encodeURIComponent(operation)}`,
    )
  ).items[0];
/** The latest trace of a GraphQL operation, by the name that its root span says. */
async function traceOf(operation: string): Promise<TraceDetail | undefined> {
  const { items } = await get<{ items: TraceView[] }>("/api/v3/traces?service=binnacle&limit=200");
  for (const { traceId } of items) {
    const detail = await get<TraceDetail>(`/api/v3/traces/${traceId}`);
    if (detail.spans[0]?.attributes["graphql.operation.name"] === operation) return detail;
  }
  return undefined;
}
const shapeOf = (detail: TraceDetail | undefined) => detail?.spans.map(({ name, depth }) => [name, depth]);

describe("over a socket", () => {
  test("a query is counted, and traced with its resolvers, as over HTTP", async () => {
    const socket = openGraphSocket(client);
    const query = "query OverSocket { users(limit: 1) { items { name } } }";
    for (let n = 0; n < 3; n++) await socket.iterate({ query }).next();
    await client.graphql("query OverHttp { users(limit: 1) { items { name } } }");
    await socket.dispose();
    expect(await statisticsOf("query OverSocket")).toMatchObject({ callCount: 3, errorCount: 0 });
    const [bySocket, byHttp] = [await traceOf("query OverSocket"), await traceOf("query OverHttp")];
    expect(shapeOf(bySocket)?.slice(0, 3)).toEqual([
      ["WS /graphql", 0],
      ["query OverSocket", 1],
      ["Query.users", 2],
    ]);
    expect(shapeOf(byHttp)?.slice(0, 3)).toEqual([
      ["POST /graphql", 0],
      ["query OverHttp", 1],
      ["Query.users", 2],
    ]);
    expect(bySocket?.spans[0]?.attributes).toMatchObject({ status: 200, path: "/graphql" });
    expect(bySocket?.spans[0]?.attributes.principal).toBe(byHttp?.spans[0]?.attributes.principal ?? "");
  });

  test("what goes wrong is counted as failed: a fault of the server, a refusal; what is no sound document makes no name", async () => {
    const { users } = app.parts;
    const list = users.list.bind(users);
    const socket = openGraphSocket(client);
    users.list = () => Promise.reject(new Error("a fault"));
    await socket.iterate({ query: "query Faulty { users(limit: 1) { items { name } } }" }).next();
    users.list = list;
    await expect(socket.iterate({ query: "query Unsound { nothing }" }).next()).rejects.toBeDefined();
    await socket.dispose();
    expect(await statisticsOf("query Faulty")).toMatchObject({ callCount: 1, errorCount: 1 });
    expect(await statisticsOf("query Unsound")).toBeUndefined();
    expect(await traceOf("query Faulty")).toMatchObject({
      spans: [{ name: "WS /graphql", failed: true, attributes: { status: 500, code: "internal" } }, {}, {}],
    });
  });

  test("a slow one is kept with who asked", async () => {
    const { users } = app.parts;
    const list = users.list.bind(users);
    users.list = async (...args) => {
      const endMs = performance.now() + 2;
      while (performance.now() < endMs);
      return list(...args);
    };
    const socket = openGraphSocket(client);
    await socket.iterate({ query: "query Slowly { users(limit: 1) { items { name } } }" }).next();
    users.list = list;
    await socket.dispose();
    const path = "/api/v3/profiler/slow-operations?kind=graphql&operation=query%20Slowly";
    const { items } = await get<{ items: SlowView[] }>(path);
    expect(items).toMatchObject([
      { operation: "query Slowly", failed: false, attributes: { status: "200" } },
    ]);
    expect(items[0]?.principal).not.toBeNull();
    expect(items[0]?.traceId).toMatch(/^[0-9a-f]{32}$/);
  });

  test("a subscription is counted once, by how long it took to open; its events are not", async () => {
    for (let n = 0; n < 2; n++)
      await client.send("POST", "/api/v3/events", { events: [{ type: "shop.sold", payload: {} }] });
    const socket = openGraphSocket(client);
    const query = 'subscription Watch { events(types: ["shop.sold"], since: 0) { type } }';
    const events = socket.iterate({ query });
    for (let n = 0; n < 2; n++) expect((await events.next()).value.data).toBeDefined();
    await socket.dispose();
    expect(await statisticsOf("subscription Watch")).toMatchObject({ callCount: 1, errorCount: 0 });
  });
});

test("as an event stream a query is counted once, and traced with its resolvers", async () => {
  const answer = await client.fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ query: "query Streamed { users(limit: 1) { items { name } } }" }),
  });
  expect(await answer.text()).toContain("event: next");
  expect(await statisticsOf("query Streamed")).toMatchObject({ callCount: 1, errorCount: 0 });
  expect(shapeOf(await traceOf("query Streamed"))?.slice(0, 3)).toEqual([
    ["POST /graphql", 0],
    ["query Streamed", 1],
    ["Query.users", 2],
  ]);
});
