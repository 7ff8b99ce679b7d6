import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { NewLine } from "../../../server/logs/line.ts";
import type { LogStore } from "../../../server/logs/store.ts";
import { type RunningApp, startApp, type TestClient } from "../../support/start-app.ts";

const PATHS = [
  "/api/v3/logger/stats",
  "/api/v3/logger/recent-logs",
  "/api/v3/logs/window",
  "/api/v3/logs/histogram",
  "/api/v3/logs/sources",
  "/api/v3/logs/export",
  "/api/v3/logs/1/context",
];

let app: RunningApp;
let store: LogStore;
let reader: TestClient;
beforeAll(async () => {
  app = await startApp();
  const { logSystem } = app.parts;
  if (!logSystem) throw new Error("The logs are off.");
  store = logSystem.store;
  reader = await app.token(["logs:read"]);
  for (let n = 1; n <= 30; n++)
    await store.append([line(`order ${n} placed`, { source: n % 2 ? "shop" : "db" })]);
  await store.append([line("payment failed", { level: "error", fields: { correlationId: "abc-1" } })]);
});
afterAll(() => app[Symbol.asyncDispose]());

const line = (message: string, rest: Partial<NewLine> = {}): NewLine => ({
  at: Date.now(),
  level: "info",
  source: "shop",
  message,
  ...rest,
});

interface Shown {
  items: { id: number; message: string; correlationId: string | null }[];
  nextCursor: string | null;
}

const recent = async (query: string): Promise<Shown> =>
  (await (await reader.get(`/api/v3/logger/recent-logs?${query}`)).json()) as Shown;

/** A socket that collects frames until there are enough. */
async function frames(query: string, count: number, meanwhile: () => Promise<void>): Promise<unknown[]> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown[]>();
  const opened = Promise.withResolvers<void>();
  const got: unknown[] = [];
  const socket = new WebSocket(`${app.address.replace("http", "ws")}/api/v3/ws/logs?${query}`, {
    headers: reader.headers,
  } as unknown as string[]);
  socket.onopen = () => opened.resolve();
  socket.onerror = () => reject(new Error("The socket failed."));
  socket.onmessage = ({ data }) => {
    got.push(JSON.parse(String(data)));
    if (got.length === count) resolve(got);
  };
  await opened.promise;
  await meanwhile();
  const all = await promise;
  socket.close();
  return all;
}

describe("REST", () => {
  test.each(PATHS)("%s needs the right to read logs", async (path) => {
    expect((await app.guest().get(path)).status).toBe(401);
    expect((await (await app.token(["metrics:read"])).get(path)).status).toBe(403);
    expect((await reader.get(path)).status).toBe(200);
  });

  test("pages through lines, newest first, by a cursor that only this list takes", async () => {
    const first = await recent("limit=20&text=order");
    const second = await recent(`limit=20&text=order&cursor=${first.nextCursor}`);
    expect([first.items.length, second.items.length, second.nextCursor]).toEqual([20, 10, null]);
    expect(second.items.at(-1)?.message).toBe("order 1 placed");
    expect((await reader.get("/api/v3/logger/recent-logs?cursor=nonsense")).status).toBe(400);
  });

  test("finds the lines of one request", async () => {
    expect((await recent("correlationId=abc-1")).items).toMatchObject([
      { message: "payment failed", correlationId: "abc-1" },
    ]);
    expect((await recent("correlationId=abc-2")).items).toEqual([]);
  });

  test("shows what came before and after a line, of its own source unless asked otherwise", async () => {
    const around = async (query: string) => {
      const response = await reader.get(`/api/v3/logs/11/context?${query}`);
      const { before, after } = (await response.json()) as Record<string, { id: number }[]>;
      return [before?.map(({ id }) => id), after?.map(({ id }) => id)];
    };
    expect(await around("before=2&after=2")).toEqual([
      [7, 9],
      [13, 15],
    ]);
    expect(await around("before=2&after=1&everySource=true")).toEqual([[9, 10], [12]]);
    expect((await reader.get("/api/v3/logs/999/context")).status).toBe(404);
  });

  test("shows the lines before and after a place, and where to go on in both directions", async () => {
    const window = async (query: string): Promise<Record<string, unknown>> => {
      const response = await reader.get(`/api/v3/logs/window?${query}`);
      const { items, ...rest } = (await response.json()) as Record<string, unknown> & {
        items: { id: number }[];
      };
      return { ids: items.map(({ id }) => id), ...rest };
    };
    const kept = { firstId: 1, lastId: 31 };
    expect(await window("start=10&before=2&after=3")).toEqual({
      ids: [8, 9, 10, 11, 12],
      olderStart: 8,
      newerStart: 13,
      ...kept,
    });
    expect(await window("source=db&start=4&before=5&after=2")).toEqual({
      ids: [2, 4, 6],
      olderStart: null,
      newerStart: 8,
      ...kept,
    });
    expect(await window("before=2")).toMatchObject({ ids: [30, 31], olderStart: 30, newerStart: null });
    expect(await window("from=2100-01-01")).toEqual({
      ids: [],
      olderStart: null,
      newerStart: null,
      firstId: null,
      lastId: null,
    });
    expect((await reader.get("/api/v3/logs/window?before=501")).status).toBe(422);
  });

  test("exports CSV that no spreadsheet calculates, and text that steers no terminal", async () => {
    await store.append([
      line('=1+1, "quoted"', { source: "odd", fields: { colour: "\u001b[31mred\u0007" } }),
    ]);
    const exported = async (format: string) => {
      const response = await reader.get(`/api/v3/logs/export?source=odd&format=${format}`);
      return { type: response.headers.get("content-type"), text: await response.text() };
    };
    const csv = await exported("csv");
    expect(csv.type).toBe("text/csv; charset=utf-8");
    expect(csv.text.split("\r\n")[0]).toBe("id,at,level,source,message,correlationId,traceId,spanId,fields");
    expect(csv.text).toContain(`,odd,"'=1+1, ""quoted""",,,,`);
    const { text } = await exported("text");
    expect(text).toMatch(/^\S+ info {4}odd =1\+1, "quoted" colour="/);
    expect([...text].filter((character) => character < " ")).toEqual(["\n"]);
    expect((await reader.get("/api/v3/logs/export?format=xml")).status).toBe(422);
  });

  test("streams every line that passes, oldest first", async () => {
    const text = await (await reader.get("/api/v3/logs/export?source=db")).text();
    const lines = text
      .trim()
      .split("\n")
      .map((one) => JSON.parse(one) as { source: string; id: number });
    expect(lines).toHaveLength(15);
    expect(lines[0]).toMatchObject({ id: 2, source: "db" });
  });

  test.each([
    "level=loud",
    "limit=0",
    "limit=501",
    "from=yesterday",
    `text=${"a".repeat(501)}`,
    `text=${"a+".repeat(21)}`,
    "unknown=1",
    `source=${"s,".repeat(30)}`,
  ])("refuses %s", async (query) => {
    const response = await reader.get(`/api/v3/logger/recent-logs?${query}`);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: "validation_failed" });
  });

  test.each([
    "%22",
    "%27%3B--",
    "*",
    "-",
    "a%22%20OR%20%22b",
    "NEAR(a%20b)",
    "texts:a",
    "%5E",
    "a=",
    "=a",
    "(a",
  ])("takes %s for words, never for a query of the index", async (text) => {
    expect((await reader.get(`/api/v3/logger/recent-logs?text=${text}`)).status).toBe(200);
  });
});

describe("live", () => {
  test("a socket is sent the lines it asks for, as they come in", async () => {
    const got = await frames("level=error&text=disk", 1, async () => {
      await store.append([
        line("disk full"),
        line("disk full", { level: "error" }),
        line("net", { level: "error" }),
      ]);
    });
    expect(got).toMatchObject([{ type: "line", line: { message: "disk full", level: "error" } }]);
  });

  test("a socket answers pings, and takes no other word", async () => {
    const socket = new WebSocket(`${app.address.replace("http", "ws")}/api/v3/ws/logs?text=nothing-like-it`, {
      headers: reader.headers,
    } as unknown as string[]);
    const closed = Promise.withResolvers<number>();
    const got: string[] = [];
    socket.onopen = () => socket.send('{"type":"ping"}');
    socket.onmessage = ({ data }) => {
      got.push(String(data));
      socket.send("hello");
    };
    socket.onclose = ({ code }) => closed.resolve(code);
    expect(await closed.promise).toBe(4400);
    expect(got).toEqual(['{"type":"pong"}']);
  });

  test.each([
    "level=loud",
    "colour=red",
    `text=${"x".repeat(501)}`,
    `source=${Array.from({ length: 21 }, (_, n) => `s${n}`).join()}`,
  ])("a socket with a filter that is none is refused before it opens: %s", async (query) => {
    const response = await reader.fetch(`/api/v3/ws/logs?${query}`, {
      headers: {
        upgrade: "websocket",
        connection: "Upgrade",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      },
    });
    expect(response.status).toBe(422);
  });
});

describe("GraphQL", () => {
  test("answers as REST does, and refuses who may not", async () => {
    const query =
      '{ loggerStats { enabled lines } recentLogs(text: "payment", level: ["error"]) { items { message } } logWindow(start: 5, before: 1, after: 1) { items { id } olderStart newerStart } }';
    const { result } = await reader.graphql(query);
    expect(result.data).toMatchObject({
      loggerStats: { enabled: true },
      recentLogs: { items: [{ message: "payment failed" }] },
      logWindow: { items: [{ id: 4 }, { id: 5 }], olderStart: 4, newerStart: 6 },
    });
    const refused = await (await app.token(["metrics:read"])).graphql(query);
    expect(refused.result.errors?.[0]?.extensions.code).toBe("scope_missing");
    const wrong = await reader.graphql('{ recentLogs(level: ["loud"]) { items { id } } }');
    expect(wrong.result.errors?.[0]?.extensions.code).toBe("validation_failed");
  });
});
