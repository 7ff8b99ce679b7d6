import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type RunningApp, startApp, type TestClient } from "../../support/start-app.ts";

let app: RunningApp;
let admin: TestClient;
let operator: TestClient;
let viewer: TestClient;

beforeAll(async () => {
  app = await startApp({ files: { "binnacle.yaml": "log:\n  level: warning\n" } });
  [admin, operator, viewer] = [
    await app.session("admin"),
    await app.session("operator"),
    await app.session("viewer"),
  ];
});
afterAll(() => app[Symbol.asyncDispose]());

const json = async (response: Response) => {
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>;
};

describe("who may", () => {
  test.each([
    ["GET", "/api/v3/config", undefined, 403, 200],
    ["GET", "/api/v3/config/status", undefined, 403, 200],
    ["GET", "/api/v3/config/schema", undefined, 403, 200],
    ["GET", "/api/v3/config/history", undefined, 403, 200],
    ["GET", "/api/v3/config/export", undefined, 403, 200],
    ["POST", "/api/v3/config/diff", { set: {} }, 403, 200],
    ["POST", "/api/v3/config/validation", { text: "" }, 403, 200],
    ["PATCH", "/api/v3/config", { set: {} }, 403, 403],
    ["POST", "/api/v3/config/rollback", { revision: 0 }, 403, 403],
    ["POST", "/api/v3/config/import", { text: "" }, 403, 403],
  ] as const)("%s %s", async (method, path, body, asViewer, asOperator) => {
    const ask = (client: TestClient) => (body ? client.send(method, path, body) : client.get(path));
    expect((await ask(app.guest())).status).toBe(401);
    expect((await ask(viewer)).status).toBe(asViewer);
    expect((await ask(operator)).status).toBe(asOperator);
    expect((await ask(admin)).status).toBe(200);
  });
});

describe("the configuration over REST", () => {
  test("tells of every setting: value, origin with its place, limits, names of the environment", async () => {
    const { items } = (await json(await operator.get("/api/v3/config"))) as { items: { key: string }[] };
    expect(items.find(({ key }) => key === "log.level")).toMatchObject({
      value: "warning",
      default: "info",
      type: "choice",
      values: ["debug", "info", "warning", "error"],
      origin: { kind: "file", origin: expect.stringContaining("binnacle.yaml"), line: 2, column: 3 },
      environmentNames: ["BINNACLE_LOG__LEVEL"],
      locked: false,
    });
    expect(items.find(({ key }) => key === "server.port")).toMatchObject({
      origin: { kind: "flags" },
      locked: true,
    });
  });

  test("shows a change before it is made, makes it, lists it, takes it back", async () => {
    const edit = { set: { "metrics.rawDays": 30 } };
    expect(await json(await admin.send("POST", "/api/v3/config/diff", edit))).toMatchObject({
      changes: [{ key: "metrics.rawDays", before: 15, after: 30, needsRestart: false }],
    });
    const { revision } = await json(await admin.get("/api/v3/config"));
    const edited = await json(
      await admin.send("PATCH", "/api/v3/config", { ...edit, expectedRevision: revision, note: "a month" }),
    );
    expect(edited).toMatchObject({ revision: Number(revision) + 1 });
    const conflict = await admin.send("PATCH", "/api/v3/config", { ...edit, expectedRevision: revision });
    expect(conflict.status).toBe(409);
    expect(await conflict.json()).toMatchObject({ code: "revision_conflict" });
    const { items } = (await json(await admin.get("/api/v3/config/history?limit=1"))) as { items: unknown[] };
    expect(items).toMatchObject([{ actor: "admin-1", note: "a month", at: expect.stringMatching(/T.*Z$/) }]);
    expect(items[0]).not.toHaveProperty("overrides");
    await json(await admin.send("POST", "/api/v3/config/rollback", { revision: 0 }));
    expect(app.parts.configuration.settings.metrics.rawDays).toBe(15);
  });

  test("a refusal says what is wrong, key by key", async () => {
    const response = await admin.send("PATCH", "/api/v3/config", {
      set: { "metrics.rawDays": 0, "log.levle": "x" },
    });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      code: "invalid_configuration",
      errors: [
        { path: "metrics.rawDays", message: expect.stringContaining("a whole number from 1 to 3650") },
        { path: "log.levle", message: expect.stringContaining('"log.level"') },
      ],
    });
    const locked = await admin.send("PATCH", "/api/v3/config", { set: { "server.port": 1 } });
    expect(locked.status).toBe(409);
    expect(await locked.json()).toMatchObject({ code: "setting_locked" });
  });

  test("exports what another server reads", async () => {
    await json(await admin.send("PATCH", "/api/v3/config", { set: { "metrics.hourDays": 100 } }));
    const response = await operator.get("/api/v3/config/export?content=overrides");
    expect(response.headers.get("content-type")).toContain("application/yaml");
    const text = await response.text();
    expect(text).toBe("# yaml-language-server: $schema=settings.schema.json\nmetrics:\n  hourDays: 100\n");
    expect(
      await json(await admin.send("POST", "/api/v3/config/import", { text, dryRun: true })),
    ).toMatchObject({
      changes: [],
      problems: [],
    });
  });

  test("is the same as a graph", async () => {
    const { result } = await admin.graphql(`mutation {
      updateConfig(set: { metrics: 1 }) { revision }
    }`);
    expect(result.errors?.[0]?.extensions.code).toBe("invalid_configuration");
    const changed = await admin.graphql(
      "mutation ($set: JSON) { updateConfig(set: $set) { changes { key before after } needsRestart } }",
      { set: { "log.level": "debug" } },
    );
    expect(changed.result.data?.updateConfig).toEqual({
      changes: [{ key: "log.level", before: null, after: "debug" }],
      needsRestart: [],
    });
    const read = await operator.graphql(
      "{ config { revision items { key value origin { kind } } } configHistory(limit: 1) { items { actor } } configStatus { rejections { message } } }",
    );
    expect(read.result.errors).toBeUndefined();
    expect(read.result.data).toMatchObject({ configHistory: { items: [{ actor: "admin-1" }] } });
    expect((await viewer.graphql("{ config { revision } }")).result.errors?.[0]?.extensions.code).toBe(
      "scope_missing",
    );
  });
});

describe("preferences", () => {
  test("are each person's own, whatever their role; a token has its person's", async () => {
    expect(await json(await viewer.get("/api/v3/preferences"))).toEqual({
      theme: "system",
      timeZone: "",
      units: "binary",
      startPage: "/",
    });
    const changed = await viewer.send("PATCH", "/api/v3/preferences", {
      theme: "dark",
      timeZone: "Europe/Berlin",
    });
    expect(await json(changed)).toMatchObject({ theme: "dark", timeZone: "Europe/Berlin", units: "binary" });
    expect(await json(await viewer.get("/api/v3/preferences"))).toMatchObject({ theme: "dark" });
    expect(await json(await admin.get("/api/v3/preferences"))).toMatchObject({ theme: "system" });
    const graph = await viewer.graphql('mutation { updatePreferences(units: "decimal") { theme units } }');
    expect(graph.result.data?.updatePreferences).toEqual({ theme: "dark", units: "decimal" });
  });

  test.each([
    [{ theme: "pink" }],
    [{ timeZone: "Mars/Olympus" }],
    [{ startPage: "//evil.example" }],
    [{ startPage: "https://evil.example" }],
    [{ colour: "red" }],
  ])("%j is refused", async (preferences) => {
    expect((await viewer.send("PATCH", "/api/v3/preferences", preferences)).status).toBe(422);
  });

  test("go with the user", async () => {
    const { id } = (await json(await viewer.get("/api/v3/session"))).user as { id: string };
    expect((await admin.fetch(`/api/v3/users/${id}`, { method: "DELETE" })).status).toBe(204);
    const rows = app.parts.databases.state.reader.$client.query("SELECT * FROM user_preferences").all();
    expect(rows).toEqual([]);
  });
});
