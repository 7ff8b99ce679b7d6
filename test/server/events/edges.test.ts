import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type RunningApp, startApp, type TestClient } from "../../support/start-app.ts";

let app: RunningApp;
let reader: TestClient;
let writer: TestClient;
let admin: TestClient;
beforeAll(async () => {
  app = await startApp();
  reader = await app.token(["events:read"]);
  writer = await app.token(["events:write"]);
  admin = await app.token(["events:admin"]);
});
afterAll(() => app[Symbol.asyncDispose]());

interface Shown {
  seq: number;
  type: string;
  source: string;
  payload: unknown;
}

const publish = (client: TestClient, events: unknown[]) => client.send("POST", "/api/v3/events", { events });
const list = async (query: string): Promise<Shown[]> =>
  ((await (await reader.get(`/api/v3/events?${query}`)).json()) as { items: Shown[] }).items;

describe("REST", () => {
  test("publishes and lists; who lacks the scope does neither", async () => {
    const event = { type: "download_complete", payload: { file: "a" }, source: "bot" };
    expect((await publish(app.guest(), [event])).status).toBe(401);
    expect((await publish(reader, [event])).status).toBe(403);
    expect((await app.guest().get("/api/v3/events")).status).toBe(401);
    expect((await (await app.token(["metrics:read"])).get("/api/v3/events")).status).toBe(403);
    const answer = await publish(writer, [event]);
    expect(answer.status).toBe(201);
    const { items } = (await answer.json()) as { items: Shown[] };
    expect(items).toMatchObject([{ type: "download_complete", source: "app/bot", payload: { file: "a" } }]);
    expect(await list("types=download_complete")).toHaveLength(1);
  });

  test("chooses by patterns in either spelling, source and number", async () => {
    await publish(
      writer,
      ["a.x", "a.y", "b.x"].map((type) => ({ type, payload: 1, source: "choice" })),
    );
    const types = async (query: string) => (await list(`source=app/choice&${query}`)).map(({ type }) => type);
    expect(await types("types=a.*,b.x")).toEqual(["b.x", "a.y", "a.x"]);
    expect(await types("types=a.x&types=b.*")).toEqual(["b.x", "a.x"]);
    const [, second] = await list("source=app/choice");
    expect(await types(`since=${second?.seq}`)).toEqual(["b.x"]);
    expect((await reader.get("/api/v3/events?types=A")).status).toBe(422);
    expect((await reader.get("/api/v3/events?limit=0")).status).toBe(422);
  });

  test("finds the few events of one request among many, with whatever else is asked for", async () => {
    const [hit, other] = ["order-7", "order-8"];
    for (const correlationId of [hit, other, hit]) {
      await publish(writer, [
        { type: "order.paid", payload: 1, source: "till", correlationId },
        { type: "order.sent", payload: 1, source: "store", correlationId },
      ]);
    }
    const types = async (query: string) => (await list(query)).map(({ type }) => type);
    expect(await types(`correlationId=${hit}`)).toEqual([
      "order.sent",
      "order.paid",
      "order.sent",
      "order.paid",
    ]);
    expect(await types(`correlationId=${hit}&source=app/till`)).toEqual(["order.paid", "order.paid"]);
    expect(await types(`correlationId=${hit}&types=*.sent&limit=1`)).toEqual(["order.sent"]);
    const [, , , first] = await list(`correlationId=${hit}`);
    expect(await types(`correlationId=${hit}&since=${first?.seq}`)).toEqual([
      "order.sent",
      "order.paid",
      "order.sent",
    ]);
    expect(await list("correlationId=order-9")).toEqual([]);
    expect((await reader.get(`/api/v3/events?correlationId=${"x".repeat(129)}`)).status).toBe(422);
    expect((await reader.get("/api/v3/events?correlationId=")).status).toBe(422);
  });

  test("refuses what is wrong, all together, naming each place", async () => {
    const before = (await list("limit=1"))[0]?.seq;
    const answer = await publish(writer, [
      { type: "good", payload: 1 },
      { type: "good", payload: 1, source: "no good" },
      { type: "good", payload: 1, correlationId: "" },
    ]);
    expect(answer.status).toBe(422);
    const problem = (await answer.json()) as { code: string; errors: { path: string }[] };
    expect(problem.errors.map(({ path }) => path)).toEqual(["events.1.source", "events.2.correlationId"]);
    expect((await publish(writer, [{ type: "user.created", payload: {} }])).status).toBe(409);
    expect((await publish(writer, [])).status).toBe(422);
    expect((await publish(writer, new Array(101).fill({ type: "a", payload: 1 }))).status).toBe(422);
    expect((await list("limit=1"))[0]?.seq).toBe(before);
  });

  test("registers a type, checks its events, writes it into the audit log", async () => {
    const body = {
      description: "Sold",
      schema: { type: "object", properties: { price: { type: "number" } }, required: ["price"] },
    };
    expect((await writer.send("PUT", "/api/v3/event-types/shop.sold", body)).status).toBe(403);
    expect((await admin.send("PUT", "/api/v3/event-types/shop.sold", body)).status).toBe(200);
    expect((await publish(writer, [{ type: "shop.sold", payload: {} }])).status).toBe(422);
    expect((await publish(writer, [{ type: "shop.sold", payload: { price: 1 } }])).status).toBe(201);
    expect(await (await reader.get("/api/v3/event-types/shop.sold")).json()).toEqual({
      name: "shop.sold",
      ...body,
      origin: "registered",
    });
    expect((await admin.fetch("/api/v3/event-types/shop.sold", { method: "DELETE" })).status).toBe(204);
    expect((await reader.get("/api/v3/event-types/shop.sold")).status).toBe(404);
    expect((await admin.send("PUT", "/api/v3/event-types/user.created", body)).status).toBe(409);
    expect(await app.parts.auditLog.verify()).toBeUndefined();
  });

  test("shows the bus, parked events and the outbox", async () => {
    expect(await (await reader.get("/api/v3/event-bus")).json()).toMatchObject({
      durable: [
        {
          name: "alert-rules",
          pattern: "backup.failed, backup.completed, plugin.health_changed",
          failures: 0,
        },
      ],
    });
    expect(await (await reader.get("/api/v3/parked-events")).json()).toEqual({ items: [], nextCursor: null });
    expect((await writer.fetch("/api/v3/parked-events/none", { method: "DELETE" })).status).toBe(404);
    const target = { kind: "webhook", target: "https://example.com/a?b=c" };
    expect((await reader.send("PUT", "/api/v3/outbox-targets/pause", target)).status).toBe(403);
    expect((await writer.send("PUT", "/api/v3/outbox-targets/pause", target)).status).toBe(204);
    const targets = await (await reader.get("/api/v3/outbox-targets")).json();
    expect(targets).toEqual({
      items: [{ ...target, targetName: null, state: "paused", waiting: 0, failures: 0 }],
      nextCursor: null,
    });
    const query = new URLSearchParams(target);
    expect((await writer.fetch(`/api/v3/outbox-targets/pause?${query}`, { method: "DELETE" })).status).toBe(
      204,
    );
    expect(await list("types=outbox.*")).toMatchObject([{ type: "outbox.target_resumed", payload: target }]);
    expect(await (await reader.get("/api/v3/outbox")).json()).toEqual({ items: [], nextCursor: null });
  });
});

describe("GraphQL", () => {
  test("publishes, lists and names types by the same rules", async () => {
    const mutation = `mutation ($events: [EventInput!]!) { publishEvents(events: $events) { seq type source payload } }`;
    const events = [{ type: "graph.said", payload: { deep: [1, null] } }];
    const done = await writer.graphql(mutation, { events });
    expect(done.result.data).toMatchObject({
      publishEvents: [{ type: "graph.said", payload: { deep: [1, null] } }],
    });
    const refused = await reader.graphql(mutation, { events });
    expect(refused.result.errors?.[0]?.extensions.code).toBe("scope_missing");
    const found = await reader.graphql(
      `{ events(types: ["graph.*"]) { items { type time } nextCursor } eventTypes { name origin } }`,
    );
    expect(found.result.data?.events).toMatchObject({ items: [{ type: "graph.said" }], nextCursor: null });
    expect(found.result.data?.eventTypes).toContainEqual({ name: "user.created", origin: "binnacle" });
  });

  test("the subscription replays and goes on", async () => {
    const since = (await list("limit=1"))[0]?.seq ?? 0;
    await publish(writer, [{ type: "sub.one", payload: 1 }]);
    const socket = new WebSocket(`${app.address.replace("http", "ws")}/graphql`, {
      protocols: "graphql-transport-ws",
      headers: reader.headers,
    } as unknown as string[]);
    const frames = framesOf(socket);
    await frames.opened;
    socket.send(JSON.stringify({ type: "connection_init" }));
    expect(await frames.next()).toMatchObject({ type: "connection_ack" });
    const query = `subscription { events(types: ["sub.*"], since: ${since}) { type } }`;
    socket.send(JSON.stringify({ id: "1", type: "subscribe", payload: { query } }));
    expect(await frames.next()).toMatchObject({ payload: { data: { events: { type: "sub.one" } } } });
    await publish(writer, [{ type: "sub.two", payload: 1 }]);
    expect(await frames.next()).toMatchObject({ payload: { data: { events: { type: "sub.two" } } } });
    socket.close();
  });
});

describe("the socket", () => {
  const open = (query: string, client = reader) =>
    new WebSocket(`${app.address.replace("http", "ws")}/api/v3/ws/events${query}`, {
      headers: client.headers,
    } as unknown as string[]);

  test("replays from a number and goes on without a gap", async () => {
    const since = (await list("limit=1"))[0]?.seq ?? 0;
    await publish(writer, [
      { type: "ws.one", payload: 1 },
      { type: "other", payload: 1 },
    ]);
    const socket = open(`?types=ws.*,nothing&since=${since}`);
    const frames = framesOf(socket);
    expect(await frames.next()).toEqual({ type: "ready", seq: since });
    expect(await frames.next()).toMatchObject({ type: "event", event: { type: "ws.one", seq: since + 1 } });
    await publish(writer, [{ type: "ws.two", payload: 1 }]);
    expect(await frames.next()).toMatchObject({ type: "event", event: { type: "ws.two", seq: since + 3 } });
    socket.send(JSON.stringify({ type: "ping" }));
    expect(await frames.next()).toMatchObject({ type: "pong" });
    socket.send("nonsense");
    expect(await frames.closed).toBe(4400);
  });

  test("is closed to who lacks the scope, and to a wrong URL", async () => {
    const other = await app.token(["metrics:read"]);
    for (const socket of [open("", app.guest()), open("", other), open("?since=x"), open("?types=A")]) {
      expect(await framesOf(socket).closed).not.toBe(1000);
    }
  });
});

/** The frames of a socket one by one, as they come. */
function framesOf(socket: WebSocket) {
  const kept: unknown[] = [];
  const waiting: ((frame: unknown) => void)[] = [];
  const opened = new Promise<void>((resolve) => socket.addEventListener("open", () => resolve()));
  const closed = new Promise<number>((resolve) =>
    socket.addEventListener("close", ({ code }) => resolve(code)),
  );
  socket.addEventListener("message", ({ data }) => {
    const frame: unknown = JSON.parse(String(data));
    const first = waiting.shift();
    if (first) first(frame);
    else kept.push(frame);
  });
  return {
    opened,
    closed,
    async next(): Promise<unknown> {
      if (kept.length > 0) return kept.shift();
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}
