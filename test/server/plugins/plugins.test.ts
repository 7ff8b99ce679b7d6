import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ApprovalView, PluginDetail } from "../../../server/plugins/model.ts";
import { tarGzOf } from "./discovery/archives.ts";
import { PluginApp } from "./plugin-app.ts";
import { manifest } from "./plugin-folder.ts";

let plugins: PluginApp;
beforeAll(async () => {
  plugins = await PluginApp.start();
});
afterAll(() => plugins[Symbol.asyncDispose]());

const json = async <T>(response: Response | Promise<Response>): Promise<T> =>
  (await response).json() as Promise<T>;

describe("hello world", () => {
  test("is one file, without a manifest: dropped in, it answers", async () => {
    await plugins.putFile("hello.ts", "execute: (input) => 'hello ' + input");
    expect(await plugins.plugin("hello")).toMatchObject({
      state: "loaded",
      status: "IDLE",
      enabled: true,
      pid: null,
      permissions: [],
      needsApproval: false,
      registeredBy: "binnacle",
    });
    expect(await plugins.execute("hello", "world")).toEqual([200, "hello world"]);
    const running = await plugins.plugin("hello");
    expect(running).toMatchObject({ state: "active", status: "RUNNING", calls: 1, errors: 0, block: null });
    expect(running.level).not.toBeNull();
    expect(running.pid).toBeGreaterThan(1);
  });

  test("is called at once, before anybody has looked; what is not there stays unknown", async () => {
    plugins.write(
      "fresh.ts",
      'import { definePlugin } from "binnacle";\nexport default definePlugin({ execute: () => "new" });\n',
    );
    expect(await plugins.execute("fresh")).toEqual([200, "new"]);
    const answers = await Promise.all([plugins.execute("none"), plugins.execute("none")]);
    expect(answers).toEqual([
      [404, "plugin_not_found"],
      [404, "plugin_not_found"],
    ]);
    await plugins.take("fresh.ts");
  });

  test("is listed right after it was dropped in", async () => {
    plugins.write(
      "dropped.ts",
      'import { definePlugin } from "binnacle";\nexport default definePlugin({ execute: () => 1 });\n',
    );
    const { items } = await json<{ items: { id: string }[] }>(plugins.admin.get("/api/plugins"));
    expect(items.map(({ id }) => id)).toContain("dropped");
    plugins.write("looked-up.ts", "export default { execute: () => 1 };\n");
    expect(await plugins.plugin("looked-up")).toMatchObject({ id: "looked-up", state: "loaded" });
    await plugins.take("looked-up.ts");
    await plugins.take("dropped.ts");
  });

  test("is told of as events", async () => {
    const { items } = await json<{ items: { type: string; payload: unknown }[] }>(
      plugins.admin.get("/api/v3/events?types=plugin.registered&types=plugin.started"),
    );
    expect(items.map(({ type }) => type)).toContain("plugin.registered");
    expect(items.map(({ type }) => type)).toContain("plugin.started");
  });

  test("is stopped, started, paused and resumed; each only where its state allows it", async () => {
    const before = await plugins.plugin("hello");
    const ending = plugins.ending("hello");
    const act = (verb: string) => plugins.admin.send("POST", `/api/plugins/hello/${verb}`, undefined);
    expect((await act("resume")).status).toBe(200);
    expect(await json(act("pause"))).toMatchObject({ state: "paused", status: "PAUSED" });
    expect(await plugins.execute("hello")).toEqual([503, "plugin_inactive"]);
    expect(await json(act("resume"))).toMatchObject({ state: "active", pid: before.pid });
    expect(await json(act("stop"))).toMatchObject({ state: "inactive", status: "STOPPED", pid: null });
    expect(await plugins.execute("hello")).toEqual([503, "plugin_inactive"]);
    const refused = await act("pause");
    expect([refused.status, (await json<{ code: string }>(refused)).code]).toEqual([
      409,
      "plugin_state_conflict",
    ]);
    expect(await json(act("start"))).toMatchObject({ state: "active" });
    await ending;
  });

  test("is disabled and enabled again, by its own path or among all", async () => {
    const put = (path: string) => plugins.admin.send("PUT", `/api/analytics/v1/plugins/hello/${path}`, {});
    expect(await json(put("disable"))).toMatchObject({ enabled: false, state: "inactive" });
    expect(await plugins.execute("hello")).toEqual([503, "plugin_inactive"]);
    expect(await json(put("enable"))).toMatchObject({ enabled: true, state: "loaded", changedBy: "admin-1" });
    const bulk = (path: string) => plugins.admin.send("POST", `/api/v3/plugins/${path}`, { all: true });
    const answer = await json<{ items: { id: string; outcome: string; error: unknown }[] }>(bulk("disable"));
    expect(answer.items).toContainEqual({ id: "hello", outcome: "done", error: null });
    const enabled = await json<typeof answer>(bulk("enable"));
    expect(enabled.items).toContainEqual({ id: "hello", outcome: "done", error: null });
    // Nobody agrees to the permissions of all that ship by one word.
    expect(enabled.items).toContainEqual({
      id: "webhook",
      outcome: "skipped",
      error: { code: "plugin_not_approved", message: expect.stringContaining("enable it by its name") },
    });
    expect((await plugins.plugin("webhook")).enabled).toBe(false);
    expect(await plugins.execute("hello", "again")).toEqual([200, "hello again"]);
  });

  test("that nobody knows is a 404", async () => {
    expect(await plugins.execute("nobody")).toEqual([404, "plugin_not_found"]);
    expect((await plugins.admin.get("/api/v3/plugins/nobody")).status).toBe(404);
  });
});

describe("a changed file", () => {
  test("takes over; a broken one leaves the old one running and says why", async () => {
    await plugins.putFile("edited.ts", "execute: () => 1");
    expect(await plugins.execute("edited")).toEqual([200, 1]);
    const ending = plugins.ending("edited");
    await plugins.putFile("edited.ts", "execute: () => 2");
    expect(await plugins.execute("edited")).toEqual([200, 2]);
    await ending;
    await plugins.putFile("edited.ts", "execute: () => { throw }");
    expect(await plugins.execute("edited")).toEqual([200, 2]);
    const { block, state, verbs } = await plugins.plugin("edited");
    expect([state, block?.code, verbs.includes("reload")]).toEqual(["active", "failed", true]);
    expect(block?.message).toContain("edited.ts");
    await plugins.putFile("edited.ts", "execute: () => 3");
    expect(await plugins.execute("edited")).toEqual([200, 3]);
    expect((await plugins.plugin("edited")).block).toBeNull();
  });

  test("that is gone ends what ran of it, and is said until somebody removes it", async () => {
    await plugins.putFile("gone.ts", "execute: () => 1");
    await plugins.execute("gone");
    const ending = plugins.ending("gone");
    await plugins.take("gone.ts");
    expect(await plugins.plugin("gone")).toMatchObject({ state: "unloaded", pid: null });
    await ending;
    expect((await plugins.admin.fetch("/api/v3/plugins/gone", { method: "DELETE" })).status).toBe(204);
    expect((await plugins.admin.get("/api/v3/plugins/gone")).status).toBe(404);
  });
});

describe("failures", () => {
  test("of the plugin's own code are a 500 with its words, kept as its last error", async () => {
    await plugins.putFile("failing.ts", "execute: () => { throw new Error('no such thing'); }");
    expect(await plugins.execute("failing")).toEqual([500, "plugin_execution_failed"]);
    const { lastError, errors, errorRate, state } = await plugins.plugin("failing");
    expect([errors, errorRate, state]).toEqual([1, 1, "active"]);
    expect(lastError).toMatchObject({ code: "plugin_execution_failed" });
    expect(lastError?.message).toContain("no such thing");
  });

  test("of a manifest are shown on the plugin, and all others load", async () => {
    plugins.write("odd/plugin.json", '{ "id": "odd", "version": "one", "type": "custom", "main": "a.ts" }');
    await plugins.system.look();
    const odd = await plugins.plugin("odd");
    expect([odd.state, odd.block?.code]).toEqual(["unloaded", "invalid"]);
    expect(odd.block?.message).toContain("version");
    expect(await plugins.execute("hello", "still")).toEqual([200, "hello still"]);
  });

  test("of dependencies keep that plugin alone from running", async () => {
    await plugins.put("lonely", {
      manifest: { dependencies: { absent: "^1.0.0" } },
      definition: "execute: () => 1",
    });
    const { block, dependencies } = await plugins.plugin("lonely");
    expect(block?.code).toBe("missing_dependency");
    expect(dependencies).toEqual([{ id: "absent", range: "^1.0.0", satisfied: false }]);
    expect(await plugins.execute("lonely")).toEqual([503, "plugin_inactive"]);
  });
});

describe("permissions", () => {
  const asking = {
    permissions: { net: [{ host: "example.com", why: "To look whether it is up" }] },
    config: {
      type: "object",
      properties: {
        greeting: { type: "string", default: "hi" },
        apiKey: { type: "string", writeOnly: true },
      },
      additionalProperties: false,
    },
  };
  const definition = "execute: async (_input, ctx) => ctx.config.get()";

  test("wait for an approval of exactly the files that were looked at", async () => {
    await plugins.put("asking", { manifest: asking, definition });
    expect(await plugins.plugin("asking")).toMatchObject({
      state: "unloaded",
      needsApproval: true,
      block: { code: "awaiting_approval" },
      permissions: [
        { kind: "net", text: "example.com:443", why: "To look whether it is up", granted: false },
      ],
    });
    expect(await plugins.execute("asking")).toEqual([409, "plugin_not_approved"]);
    const asked = await json<ApprovalView>(plugins.admin.get("/api/v3/plugins/asking/approval"));
    expect(asked).toMatchObject({ isNeeded: true, approved: null });
    expect(asked.permissions).toMatchObject([{ kind: "net", now: null, change: "added" }]);
    expect(asked.files.map(({ path, change }) => [path, change])).toEqual([
      ["main.ts", "added"],
      ["plugin.json", "added"],
    ]);
    const approve = (digest: string, permissions: string[]) =>
      plugins.admin.send("PUT", "/api/v3/plugins/asking/approval", { digest, permissions });
    expect((await approve("0".repeat(64), ["net"])).status).toBe(409);
    expect((await approve(asked.digest, [])).status).toBe(422);
    const operator = await plugins.app.session("operator");
    const body = { digest: asked.digest, permissions: ["net"] };
    expect((await operator.send("PUT", "/api/v3/plugins/asking/approval", body)).status).toBe(403);
    expect((await approve(asked.digest, ["net"])).status).toBe(200);
    expect(await plugins.plugin("asking")).toMatchObject({
      state: "loaded",
      needsApproval: false,
      block: null,
      permissions: [{ granted: true }],
    });
  });

  test("configuration reaches the process; secrets are never shown", async () => {
    expect(await plugins.execute("asking")).toEqual([200, { greeting: "hi" }]);
    const set = (values: unknown) => plugins.admin.send("PUT", "/api/v3/plugins/asking/config", { values });
    expect((await set({ greeting: 5 })).status).toBe(422);
    const detail = await json<PluginDetail>(set({ greeting: "ahoy", apiKey: "canary-of-a-plugin" }));
    expect(detail.config).toMatchObject({
      values: { greeting: "ahoy" },
      secrets: [{ path: "apiKey", isSet: true }],
    });
    expect(JSON.stringify(detail)).not.toContain("canary-of-a-plugin");
    expect(await plugins.execute("asking")).toEqual([200, { greeting: "ahoy", apiKey: "[redacted]" }]);
    const viewer = await plugins.app.session("viewer");
    expect(await json(viewer.get("/api/v3/plugins/asking"))).toMatchObject({ config: null, stderrTail: [] });
  });

  test("changed code waits while the approved one runs on; so do wider permissions", async () => {
    await plugins.put("asking", { manifest: asking, definition: "execute: () => 'changed'" });
    expect(await plugins.plugin("asking")).toMatchObject({
      state: "active",
      needsApproval: true,
      block: { code: "awaiting_approval" },
    });
    expect(await plugins.execute("asking")).toEqual([200, { greeting: "ahoy", apiKey: "[redacted]" }]);
    const asked = await json<ApprovalView>(plugins.admin.get("/api/v3/plugins/asking/approval"));
    expect(asked.files.find(({ path }) => path === "main.ts")?.change).toBe("changed");
  });
});

test("an approval says what a placeholder gives now, to those who may see the configuration", async () => {
  await plugins.put("placed", {
    manifest: {
      permissions: {
        net: [{ host: `\${config.url}`, private: true, why: "Asks the address of its configuration" }],
        write: [{ path: `\${config.folder}`, why: "Writes there" }],
      },
      config: {
        type: "object",
        properties: {
          url: { type: "string", default: "https://a.example:8443/x" },
          folder: { type: "string" },
        },
      },
    },
    definition: "execute: () => 1",
  });
  const asked = await json<ApprovalView>(plugins.admin.get("/api/v3/plugins/placed/approval"));
  expect(asked.permissions.map(({ kind, text, now }) => [kind, text, now])).toEqual([
    ["net", `\${config.url} private`, ["a.example:8443 private"]],
    ["write", `\${config.folder}`, []],
  ]);
  const viewer = await plugins.app.session("viewer");
  const seen = await json<ApprovalView>(viewer.get("/api/v3/plugins/placed/approval"));
  expect(seen.permissions.map(({ now }) => now)).toEqual([null, null]);
  await plugins.take("placed");
});

test("another function than that of its type is called by its name", async () => {
  await plugins.put("two-ways", {
    manifest: { type: "backup" },
    definition: "backup: () => 'a copy', execute: () => 'a look'",
  });
  const execute = async (more: object) => {
    const body = { name: "two-ways", ...more };
    const response = await plugins.admin.send("POST", "/api/v3/plugins/execute", body);
    return [response.status, (await json<{ result?: unknown }>(response)).result];
  };
  expect(await execute({})).toEqual([200, "a copy"]);
  expect(await execute({ verb: "execute" })).toEqual([200, "a look"]);
  expect(await execute({ verb: "collect" })).toEqual([500, undefined]);
  expect(await execute({ verb: "shutdown" })).toEqual([422, undefined]);
  await plugins.take("two-ways");
});

describe("hooks", () => {
  test("events that a plugin was granted reach it; those that its filter leaves out do not", async () => {
    await plugins.put("listening", {
      manifest: {
        permissions: { hooks: [{ event: "order_placed", why: "To count orders" }] },
        hooks: [{ event: "order_placed", filter: { country: "NZ" } }],
      },
      definition: `
        onEvent: async (event, ctx) => { await ctx.events.publish("plugin.listening.heard", event.payload); },
        execute: () => 1`,
    });
    const { digest } = await json<ApprovalView>(plugins.admin.get("/api/v3/plugins/listening/approval"));
    await plugins.admin.send("PUT", "/api/v3/plugins/listening/approval", { digest, permissions: ["hooks"] });
    const heard = plugins.app.parts.events.follow({
      patterns: [{ text: "", matches: (type) => type.endsWith(".heard") }],
    });
    const publish = (country: string) =>
      plugins.admin.send("POST", "/api/v3/events", {
        events: [{ type: "order_placed", payload: { country } }],
      });
    await publish("DE");
    expect((await publish("NZ")).ok).toBe(true);
    const { value } = await heard.next();
    expect(value).toMatchObject({ source: "plugin:listening", payload: { country: "NZ" } });
    await heard.return?.();
  });
});

describe("middleware", () => {
  test("sees requests without credentials, refuses, adds headers; the data folder's owner is not asked", async () => {
    await plugins.put("gate", {
      manifest: {
        type: "middleware",
        permissions: { middleware: [{ why: "To guard a path" }] },
        middleware: { failure: "open", paths: ["/api/v3/roles"], timeBudgetMs: 2_000 },
      },
      definition: `onRequest: ({ method, path, headers }) =>
        path.endsWith("/secret-path")
          ? { refuse: { status: 418, message: "Not here" } }
          : { headers: { "x-seen": [method, "cookie" in headers, "authorization" in headers].join(" "), "set-cookie": "a=b" } }`,
    });
    const { digest } = await json<ApprovalView>(plugins.admin.get("/api/v3/plugins/gate/approval"));
    const approval = { digest, permissions: ["middleware"] };
    await plugins.admin.send("PUT", "/api/v3/plugins/gate/approval", approval);
    expect((await plugins.plugin("gate")).state).toBe("active");
    const tried = { method: "GET", path: "/api/v3/roles/secret-path", headers: {} };
    expect(await plugins.execute("gate", tried)).toEqual([
      200,
      { refuse: { status: 418, message: "Not here" } },
    ]);
    const seen = await plugins.admin.get("/api/v3/roles");
    expect(seen.status).toBe(200);
    expect(seen.headers.get("x-seen")).toBe("GET false false");
    expect(seen.headers.get("set-cookie")).toBeNull();
    const refused = await plugins.admin.get("/api/v3/roles/secret-path");
    expect(refused.status).toBe(418);
    expect(await json(refused)).toMatchObject({ code: "refused_by_plugin", status: 418 });
    const owner = await plugins.app.app.handle(new Request("http://localhost/api/v3/roles/secret-path"));
    expect(owner.status).not.toBe(418);
    await plugins.admin.send("POST", "/api/v3/plugins/disable", { name: "gate" });
    expect((await plugins.admin.get("/api/v3/roles")).headers.has("x-seen")).toBe(false);
  });
});

test("health under /api/analytics/v1 is as it is written down", async () => {
  await plugins.putFile(
    "well.ts",
    `execute: () => 1, health: () => ({ status: "degraded", message: "slow",
    dependencies: [{ name: "db", status: "healthy", responseMs: 3 }] })`,
  );
  await plugins.execute("well");
  const { unit } = plugins.system.verbs.plugins.get("well");
  await plugins.system.verbs.checks.check(unit);
  expect(await json(plugins.admin.get("/api/analytics/v1/plugins/well/health"))).toEqual({
    status: "degraded",
    plugin_id: "well",
    version: "0.0.0",
    uptime: "0h0m",
    queries_executed: 1,
    error_rate: 0,
    last_error: null,
    dependencies: [{ name: "db", status: "healthy", response_time: 3 }],
  });
  expect(await json(plugins.admin.get("/api/v3/plugins/well/health"))).toMatchObject({
    status: "degraded",
    items: [{ status: "degraded", message: "slow" }],
    nextCursor: null,
  });
});

test("a removed plugin can be brought back", async () => {
  await plugins.putFile("boomerang.ts", "execute: () => 'back'");
  await plugins.execute("boomerang");
  const ending = plugins.ending("boomerang");
  const remove = () => plugins.admin.fetch("/api/analytics/v1/plugins/boomerang", { method: "DELETE" });
  expect((await remove()).status).toBe(204);
  await ending;
  expect(await plugins.execute("boomerang")).toEqual([404, "plugin_not_found"]);
  const { items } = await json<{ items: { id: string }[] }>(plugins.admin.get("/api/v3/plugins/removed"));
  expect(items.map(({ id }) => id)).toContain("boomerang");
  const restored = await plugins.admin.send("PUT", "/api/v3/plugins/boomerang/restoration", undefined);
  expect(restored.status).toBe(200);
  expect(await plugins.execute("boomerang")).toEqual([200, "back"]);
});

test("GraphQL does and says the same", async () => {
  const ask = async (query: string) => (await plugins.admin.graphql(query)).result;
  expect(await ask('mutation { pausePlugin(id: "hello") { id state status } }')).toEqual({
    data: { pausePlugin: { id: "hello", state: "paused", status: "PAUSED" } },
  });
  await ask('mutation { resumePlugin(id: "hello") { id } }');
  expect(await ask('mutation { executePlugin(id: "hello", input: "graph") { result } }')).toEqual({
    data: { executePlugin: { result: "hello graph" } },
  });
  const { data } = await ask('{ plugin(id: "hello") { id verbs detail { digest config { values } } } }');
  expect(data?.plugin).toMatchObject({ id: "hello", detail: { config: { values: {} } } });
});

describe("an archive", () => {
  const send = (bytes: Uint8Array, type = "application/gzip") =>
    plugins.admin.fetch("/api/v3/plugins/install", {
      method: "POST",
      headers: { "content-type": type },
      body: new Blob([new Uint8Array(bytes)]),
    });
  const archive = (version: string) =>
    tarGzOf([
      { name: "plugin.json", content: manifest("parcel", { version }) },
      {
        name: "main.ts",
        content: `import { definePlugin } from "binnacle";\nexport default definePlugin({ execute: () => "${version}" });`,
      },
    ]);

  test("is installed, and a newer one takes its place", async () => {
    const installed = await send(await archive("1.0.0"));
    expect([installed.status, await json(installed)]).toMatchObject([
      201,
      { id: "parcel", origin: "installed", registeredBy: "admin-1" },
    ]);
    expect(await plugins.execute("parcel")).toEqual([200, "1.0.0"]);
    expect((await send(await archive("1.1.0"))).status).toBe(201);
    expect(await plugins.execute("parcel")).toEqual([200, "1.1.0"]);
  });

  test("may be larger than other bodies, up to a limit of its own", async () => {
    const noise = new Uint8Array(3 * 1024 * 1024);
    for (let at = 0; at < noise.length; at += 65_536) crypto.getRandomValues(noise.subarray(at, at + 65_536));
    const files = [
      { name: "plugin.json", content: manifest("bulky") },
      { name: "main.ts", content: "export default { execute: () => 'bulky' };" },
      { name: "noise.bin", content: noise },
    ];
    expect((await send(await tarGzOf(files))).status).toBe(201);
    const tooLarge = await send(new Uint8Array(25 * 1024 * 1024));
    expect([tooLarge.status, (await json<{ code: string }>(tooLarge)).code]).toEqual([413, "body_too_large"]);
    const other = await plugins.admin.send("POST", "/api/v3/plugins/execute", {
      name: "hello",
      input: "x".repeat(2 * 1024 * 1024),
    });
    expect(other.status).toBe(413);
  });

  test("of another type, or that is none, is refused; so is somebody who may not install", async () => {
    expect((await send(await archive("2.0.0"), "application/json")).status).toBe(415);
    expect((await send(new Uint8Array([1, 2, 3]))).status).toBe(422);
    const operator = await plugins.app.session("operator");
    const body = new Blob([new Uint8Array(await archive("2.0.0"))]);
    const headers = { "content-type": "application/gzip" };
    const refused = await operator.fetch("/api/v3/plugins/install", { method: "POST", headers, body });
    expect(refused.status).toBe(403);
    expect(await plugins.execute("parcel")).toEqual([200, "1.1.0"]);
  });
});

describe("subscriptions", () => {
  /** Reads what a subscription gives, from `cause` on, up to the value that holds these fields. */
  async function valueWith(
    query: string,
    fields: Record<string, unknown>,
    cause: () => Promise<unknown>,
  ): Promise<void> {
    const stream = await plugins.admin
      .with({ accept: "text/event-stream" })
      .send("POST", "/graphql", { query: `subscription { value: ${query} }` });
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    if (!reader) throw new Error("There is no stream.");
    // The stream begins with a comment once the subscription is there.
    let text = (await reader.read()).value ?? "";
    const caused = cause();
    const isThere = () =>
      [...text.matchAll(/^data: (\{.*\})$/gm)].some(([, value = "{}"]) =>
        Bun.deepMatch({ data: { value: fields } }, JSON.parse(value)),
      );
    while (!isThere()) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`The stream ended: ${text}`);
      text += value;
    }
    await caused;
    await reader.cancel();
  }

  test("say what happens to a plugin, and what it writes", async () => {
    await plugins.putFile(
      "speaking.ts",
      "execute: (_input, ctx) => { ctx.logger.info('spoken'); return 1; }",
    );
    await valueWith(
      'pluginChanged(id: "speaking") { id plugin { state } }',
      { id: "speaking", plugin: { state: "paused" } },
      () => plugins.admin.send("POST", "/api/plugins/speaking/pause", undefined),
    );
    await plugins.admin.send("POST", "/api/plugins/speaking/resume", undefined);
    await plugins.execute("speaking");
    await valueWith(
      'pluginLogLines(id: "speaking") { source level message }',
      { source: "plugin", level: "info", message: "spoken" },
      () => plugins.execute("speaking"),
    );
  });
});
