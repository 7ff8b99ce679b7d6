import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { startLogging, stopLogging } from "../../../server/logs/logger.ts";
import { Redactor } from "../../../server/secrets/redactor.ts";
import { type RunningApp, startApp, type TestClient } from "../../support/start-app.ts";
import { TempFolder } from "../../support/temp-folder.ts";
import { CANARY, FORMS, Lookout } from "./canary.ts";

const NAME = "CANARY";

const lookout = new Lookout();
const { sightings } = lookout;
const look = lookout.look.bind(lookout);

interface Operation {
  parameters?: { name: string; in: string }[];
}
interface Description {
  paths: Record<string, Record<string, Operation>>;
}

describe("a canary secret", () => {
  let folder: TempFolder;
  let app: RunningApp;
  let admin: TestClient;

  beforeAll(async () => {
    folder = new TempFolder();
    const redactor = new Redactor();
    const log = await startLogging({
      level: "debug",
      console: "off",
      file: folder.file("log.ndjson"),
      scrub: redactor.scrub,
    });
    app = await startApp({ log, redactor });
    admin = await app.token(["*"]);
    expect((await admin.send("PUT", `/api/v3/secrets/${NAME}`, { value: CANARY })).status).toBe(201);
    // It is planted wherever somebody may carelessly write it down.
    for (const form of Object.values(FORMS)) {
      await admin.send("POST", "/api/v3/users", {
        name: form.slice(0, 60),
        role: "viewer",
        password: CANARY,
      });
      await admin.send("POST", "/api/v3/tokens", { name: form, scopes: ["metrics:read"], expiresInDays: 1 });
      const events = [{ type: "canary.seen", payload: { form } }];
      expect((await admin.send("POST", "/api/v3/events", { events })).status).toBe(201);
      const sent = { body: { stringValue: form }, attributes: [{ key: form, value: { stringValue: form } }] };
      const logRequest = { resourceLogs: [{ scopeLogs: [{ logRecords: [sent] }] }] };
      expect((await admin.send("POST", "/v1/logs", logRequest)).status).toBe(200);
      log.error(`A careless line: ${form}`, { note: form, nested: { list: [form] }, error: new Error(form) });
    }
    app.parts.secrets.use(NAME, `plugin:${CANARY}`);
    await app.parts.secrets.flushUses();
    await app.parts.audit.flush();
  });

  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await stopLogging();
    folder[Symbol.dispose]();
  });

  test("is in no answer of any route, whether it succeeds or fails", async () => {
    const description = (await (await admin.get("/openapi.json")).json()) as Description;
    let routes = 0;
    for (const [path, operations] of Object.entries(description.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        if (path === "/api/v3/session" && method === "delete") continue;
        routes++;
        for (const inserted of [NAME, CANARY]) await ask(path, method, operation, inserted);
      }
    }
    expect(routes).toBeGreaterThan(40);
    expect(sightings).toEqual([]);
  });

  test("is in no field of the graph", async () => {
    const queries = [
      "{ secrets { items { name description changedBy usedBy { purpose } } } secretKeys { master dataKeyVersion } }",
      "{ auditLog(limit: 200) { items { actor action target address correlationId detail } } }",
      "{ tokens(limit: 200) { items { name prefix } } users(limit: 200) { items { name } } viewer { user { name } } }",
      `{ secret(name: ${JSON.stringify(CANARY)}) { name } }`,
      `{ user(id: ${JSON.stringify(CANARY)}) { name } }`,
      `query Q($n: Int!) { users(limit: $n) { items { id } } } # ${CANARY}`,
      `{ ${JSON.stringify(CANARY)} }`,
      `mutation { setSecret(name: "OTHER", value: ${JSON.stringify(CANARY)}, description: ${JSON.stringify(CANARY)}) { name description } }`,
      `mutation { removeSecret(name: ${JSON.stringify(CANARY)}) }`,
    ];
    for (const query of queries) {
      const answer = await admin.send("POST", "/graphql", { query, variables: { n: CANARY } });
      look(`graphql ${query.slice(0, 60)}`, await answer.text());
      const streamed = await admin.fetch(`/graphql?${new URLSearchParams({ query })}`, {
        headers: { accept: "text/event-stream" },
      });
      look(`event stream ${query.slice(0, 60)}`, await streamed.text());
    }
    expect(sightings).toEqual([]);
  });

  test("is in no line of the log, no audit row, no export and no file but its own ciphertext", async () => {
    for (const format of ["ndjson", "csv"]) {
      look(`audit ${format}`, await (await admin.get(`/api/v3/audit/export?format=${format}`)).text());
    }
    look("metrics export", await (await admin.get("/api/metrics/export?format=csv")).text());
    const lines = readFileSync(folder.file("log.ndjson"), "utf8");
    expect(lines).toContain("A careless line: [redacted]");
    look("log", lines);
    const { root } = app.parts.folder.paths;
    await app.parts.databases.state.foldWal();
    for (const row of app.parts.databases.state.reader.$client
      .query<{ text: string }, []>("SELECT actor || target || detail AS text FROM audit")
      .all()) {
      look("audit row", row.text);
    }
    const logRows = app.parts.logSystem?.store.reader.$client
      .query<{ texts: string }, []>("SELECT texts FROM log_tail")
      .all();
    expect(logRows?.length).toBeGreaterThan(0);
    for (const { texts } of logRows ?? []) look("stored log lines", texts);
    look("logs export", await (await admin.get("/api/v3/logs/export")).text());
    expect(existsSync(join(root, "binnacle.key"))).toBe(true);
    for (const name of readdirSync(root).filter(
      (file) => file.startsWith("audit.") || file.endsWith(".key"),
    )) {
      look(name, readFileSync(join(root, name), "utf8"));
    }
    expect(sightings).toEqual([]);
  });

  test("would be found, if it were there", () => {
    expect(lookout.looked).toBeGreaterThan(100);
    for (const value of Object.values(FORMS)) look("decoy", `x ${value} y`);
    expect(sightings.length).toBeGreaterThanOrEqual(Object.keys(FORMS).length);
    sightings.length = 0;
  });

  async function ask(path: string, method: string, operation: Operation, inserted: string): Promise<void> {
    const query = new URLSearchParams();
    for (const { name, in: place } of operation.parameters ?? [])
      if (place === "query") query.set(name, inserted);
    const filled = path.replaceAll(/\{[^}]+\}/g, encodeURIComponent(inserted));
    const isChange = method !== "get";
    const bare = inserted === NAME ? "" : `?${query}`;
    const body = {
      name: inserted,
      value: CANARY,
      key: inserted,
      password: inserted,
      newPassword: inserted,
      type: inserted,
    };
    const init: RequestInit = { method: method.toUpperCase(), signal: AbortSignal.timeout(5_000) };
    if (isChange) {
      init.body = JSON.stringify(body);
      init.headers = { "content-type": "application/json" };
    }
    const answer = await admin.fetch(`${filled}${bare}`, init);
    look(`${method} ${path}`, `${await answer.text()}\n${[...answer.headers].join("\n")}`);
  }
});
