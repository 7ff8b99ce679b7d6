import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { getIntrospectionQuery } from "graphql";
import { type Client, createClient } from "graphql-ws";
import { Exchange } from "../../../server/http/exchange.ts";
import { presentError } from "../../../server/http/graphql/errors.ts";
import { buildGraph } from "../../../server/http/graphql/schema.ts";
import { sha256Hex } from "../../../server/lib/ids.ts";
import { type RunningApp, startApp, type TestClient } from "../../support/start-app.ts";

let app: RunningApp;
let admin: TestClient;

beforeAll(async () => {
  app = await startApp();
  admin = await app.token(["*"]);
});
afterAll(() => app[Symbol.asyncDispose]());

/** Status and code of the first error. */
async function refusal(query: string, variables?: Record<string, unknown>) {
  const { status, result } = await admin.graphql(query, variables);
  const [error] = result.errors ?? [];
  return { status, code: error?.extensions.code, message: error?.message, hasData: "data" in result };
}

describe("access", () => {
  test("nobody is told to sign in, a token without the scope what it lacks", async () => {
    const guest = await app.guest().graphql("{ systemStatus { timestamp } }");
    expect(guest.status).toBe(401);
    expect(guest.result.errors?.[0]?.extensions.code).toBe("unauthenticated");
    const narrow = await (await app.token(["metrics:read"])).graphql("{ systemStatus { timestamp } }");
    expect(narrow.status).toBe(403);
    expect(narrow.result.errors?.[0]?.message).toContain("system:read");
  });

  test("a field that states no access stops the boot", () => {
    const bare = () =>
      buildGraph([
        (builder) => {
          // Written past the types, as a careless cast would.
          const options = { type: "Boolean", resolve: () => true } as {
            type: "Boolean";
            access: "open";
            resolve: () => boolean;
          };
          builder.queryField("bare", (t) => t.field(options));
        },
      ]);
    expect(bare).toThrow("Query.bare");
  });
});

describe("limits, each before anything runs", () => {
  test("depth", async () => {
    const deep = `{ ${"users { items { ".repeat(6)} id ${"} }".repeat(6)} }`;
    expect(await refusal(deep)).toMatchObject({ status: 400, code: "query_too_complex", hasData: false });
  });

  test("aliases", async () => {
    const many = `{ ${Array.from({ length: 31 }, (_, index) => `a${index}: cacheStats { hits }`).join(" ")} }`;
    expect(await refusal(many)).toMatchObject({ status: 400, code: "query_too_complex" });
    expect((await refusal(many)).message).toContain("31 aliases");
  });

  test("tokens and directives", async () => {
    const long = `{ ${"cacheStats { hits } ".repeat(500)} }`;
    expect((await refusal(long)).message).toContain("2000 tokens");
    const directives = `{ cacheStats { hits ${"@include(if: true) ".repeat(60)} } }`;
    expect((await refusal(directives)).code).toBe("query_too_complex");
  });

  test("lists cost what their limit says, given as a literal or a variable", async () => {
    const literal = "{ users(limit: 200) { items { id name role createdAt disabled } } }";
    expect((await refusal(literal)).code).toBe("query_too_complex");
    const byVariable = "query ($n: Int) { users(limit: $n) { items { id name role createdAt disabled } } }";
    expect((await refusal(byVariable, { n: 200 })).code).toBe("query_too_complex");
    expect(await refusal(byVariable, { n: 10 })).toMatchObject({ status: 200, code: undefined });
    expect((await refusal(byVariable, { n: 200 })).code).toBe("query_too_complex");
  });

  test("fields whose work their answer does not tell cost what they do, however little is asked of them", async () => {
    const five = (field: string) =>
      `{ ${Array.from({ length: 5 }, (_, index) => `a${index}: ${field}`).join(" ")} }`;
    const rule = '{kind: "threshold"}';
    const scans = ["logHistogram { stepMs }", `alertRulePreview(rule: ${rule}) { fired }`];
    for (const scan of scans) {
      expect(await refusal(five(scan))).toMatchObject({
        code: "query_too_complex",
        message: "The query has 1010 cost in fields; at most 1000 are allowed.",
        hasData: false,
      });
    }
    expect(await refusal(five("recentLogs(limit: 1) { nextCursor }"))).toMatchObject({ status: 200 });
    const twenty = Array.from({ length: 20 }, (_, index) => `a${index}: recentLogs(limit: 1) { nextCursor }`);
    expect((await refusal(`{ ${twenty.join(" ")} }`)).code).toBe("query_too_complex");
  });

  test("a window costs what the longer of its sides says", async () => {
    const window = "query ($n: Int) { logWindow(before: 1, after: $n) { items { id level message } } }";
    expect((await refusal(window, { n: 400 })).message).toContain("1252 cost");
    expect(await refusal(window, { n: 10 })).toMatchObject({ status: 200, code: undefined });
  });

  test("fragments that multiply each other are measured, not expanded", async () => {
    const bomb = Array.from(
      { length: 25 },
      (_, index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`,
    ).join(" ");
    const query = `{ ...F0 } ${bomb} fragment F25 on Query { cacheStats { hits } }`;
    expect((await refusal(query)).code).toBe("query_too_complex");
    const circle = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }";
    expect((await refusal(circle)).message).toContain("spreads itself");
  });

  test("introspection passes the limits, and can be switched off", async () => {
    expect((await admin.graphql(getIntrospectionQuery())).status).toBe(200);
    await using closed = await startApp({ settings: { "graphql.introspection": false } });
    const { result } = await (await closed.token(["*"])).graphql("{ __schema { types { name } } }");
    expect(result.errors?.[0]?.message).toContain("introspection");
  });
});

describe("errors", () => {
  test("a domain error keeps its code and sentence; the id joins it with the log", async () => {
    const { result, headers } = await admin.graphql(
      '{ user(id: "01a1fd42-0000-7000-8000-000000000000") { id } }',
    );
    expect(result.errors?.[0]).toMatchObject({ extensions: { code: "user_not_found" }, path: ["user"] });
    expect(result.errors?.[0]?.extensions.correlationId).toBe(headers.get("x-correlation-id") ?? "");
  });

  test("a bug is masked for the caller and kept for the log", () => {
    const exchange = new Exchange({
      request: new Request("http://localhost/graphql"),
      correlationId: "c-1",
      carrier: { requestIP: () => null },
      startedAtMs: 0,
      isSecure: false,
      bodyLimitBytes: 100,
    });
    const cause = new Error("password=hunter2");
    const presented = presentError({ message: cause.message, originalError: cause }, exchange);
    expect(presented.extensions).toEqual({ code: "internal", correlationId: "c-1" });
    expect(JSON.stringify(presented)).not.toContain("hunter2");
    expect(exchange.error?.cause).toBe(cause);
  });

  test("several operations at once and wrong parameters are refused", async () => {
    const list = await admin.send("POST", "/graphql", [{ query: "{ cacheStats { hits } }" }]);
    expect(list.status).toBe(400);
    for (const body of [
      {},
      { query: 7 },
      { query: "{ x }", variables: "a" },
      { query: "{ x }", extensions: 1 },
    ]) {
      expect((await admin.send("POST", "/graphql", body)).status).toBe(400);
    }
    const form = await admin.fetch("/graphql", { method: "POST", body: new FormData() });
    expect(form.status).toBe(415);
  });

  test("a mutation is not run by GET", async () => {
    const query = encodeURIComponent("mutation { clearCache { hits } }");
    expect((await admin.get(`/graphql?query=${query}`)).status).toBe(405);
  });
});

describe("persisted operations", () => {
  const query = "query Kept { cacheStats { misses } }";
  const extensions = { persistedQuery: { version: 1, sha256Hash: sha256Hex(query) } };
  const send = (client: TestClient, body: unknown) => client.send("POST", "/graphql", body);

  test("are unknown until sent once with their text, and then known by hash", async () => {
    const unknown = await send(admin, { extensions });
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({
      errors: [{ message: "PersistedQueryNotFound", extensions: { code: "persisted_operation_unknown" } }],
    });
    expect((await send(admin, { query, extensions })).status).toBe(200);
    expect((await send(admin, { extensions })).status).toBe(200);
    expect(
      (await admin.get(`/graphql?extensions=${encodeURIComponent(JSON.stringify(extensions))}`)).status,
    ).toBe(200);
  });

  test("a hash of another text is refused, and strangers cannot fill the store", async () => {
    expect((await send(admin, { query: "{ x }", extensions })).status).toBe(400);
    const stray = "query Stray { cacheStats { hits } }";
    const strayHash = { persistedQuery: { version: 1, sha256Hash: sha256Hex(stray) } };
    await send(app.guest(), { query: stray, extensions: strayHash });
    expect((await send(admin, { extensions: strayHash })).status).toBe(404);
  });
});

describe("the cache of answers", () => {
  const list = "{ users(limit: 5) { items { name } } }";
  const names = async (client: TestClient): Promise<string[]> => {
    const { result } = await client.graphql(list);
    const { users } = (result.data ?? {}) as { users: { items: { name: string }[] } };
    return users.items.map(({ name }) => name);
  };
  const newUser = (name: string) => ({ name, password: "correct horse battery staple", role: "viewer" });

  test("serves the same answer again, never a stale one after one's own change", async () => {
    await using fresh = await startApp();
    const client = await fresh.token(["*"]);
    expect(await names(client)).toEqual(["admin-1"]);
    await names(client);
    expect(fresh.parts.answers.statistics.hits).toBe(1);
    const made = await client.send("POST", "/api/v3/users", newUser("by-rest"));
    const { id } = (await made.json()) as { id: string };
    expect(await names(client)).toContain("by-rest");
    await client.graphql("mutation ($id: ID!) { removeUser(id: $id) }", { id });
    expect(await names(client)).not.toContain("by-rest");
  });

  test("an answer for one set of scopes is not given to another", async () => {
    await names(admin);
    const { status } = await (await app.token(["metrics:read"])).graphql(list);
    expect(status).toBe(403);
  });
});

describe("subscriptions", () => {
  const subscription = "subscription { liveMetrics(intervalSeconds: 1) { at } }";

  function connect(client: TestClient): Client {
    class WithHeaders extends WebSocket {
      constructor(address: string, protocols: string | string[]) {
        super(address, { protocols, headers: client.headers } as unknown as string[]);
      }
    }
    const url = `${client.address.replace("http", "ws")}/graphql`;
    return createClient({ url, webSocketImpl: WithHeaders, retryAttempts: 0, lazy: true });
  }

  test("arrive over WebSocket and over an event stream", async () => {
    await using live = await startApp({ withJobs: true });
    const client = await live.token(["metrics:read"]);
    const socket = connect(client);
    const results = socket.iterate({ query: subscription });
    expect((await results.next()).value).toMatchObject({ data: { liveMetrics: { at: expect.any(Number) } } });
    await results.return?.();
    await socket.dispose();

    const stream = await client
      .with({ accept: "text/event-stream" })
      .send("POST", "/graphql", { query: subscription });
    expect(stream.headers.get("content-type")).toContain("text/event-stream");
    let text = "";
    for await (const chunk of stream.body ?? []) {
      text += new TextDecoder().decode(chunk);
      if (text.includes("liveMetrics")) break;
    }
    expect(text).toContain("event: next");
  });

  test("limits and access hold there too", async () => {
    const socket = connect(await app.token(["system:read"]));
    const refused = await socket.iterate({ query: subscription }).next();
    expect(JSON.stringify(refused.value)).toContain("scope_missing");
    await socket.dispose();
  });

  test("end with the token that opened them", async () => {
    await using live = await startApp({ withJobs: true });
    const client = await live.token(["*"]);
    const socket = new WebSocket(`${live.address.replace("http", "ws")}/graphql`, {
      protocols: "graphql-transport-ws",
      headers: client.headers,
    } as unknown as string[]);
    await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
    const closed = new Promise<CloseEvent>((resolve) =>
      socket.addEventListener("close", resolve, { once: true }),
    );
    const { result } = await client.graphql("{ tokens { items { id } } }");
    const { tokens } = (result.data ?? {}) as { tokens: { items: { id: string }[] } };
    await client.fetch(`/api/v3/tokens/${tokens.items[0]?.id}`, { method: "DELETE" });
    expect((await closed).code).toBe(4401);
  }, 15_000);
});

describe("the explorer", () => {
  test("is a page of our own files", async () => {
    const page = await admin.with({ accept: "text/html" }).get("/graphql");
    const html = await page.text();
    expect(html).toContain("/viewers/graphiql.js");
    expect(html).not.toMatch(/https?:\/\//);
    const script = await admin.get("/viewers/graphiql.js");
    expect(script.status).toBe(200);
    expect(script.headers.get("content-type")).toContain("javascript");
    await script.body?.cancel();
  });
});
