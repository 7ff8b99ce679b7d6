import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { createProgram } from "../../../server/cli/program.ts";
import { AppError } from "../../../server/errors/app-error.ts";
import { rootTypes } from "../../../server/http/graphql/schema.ts";
import { startLogging, stopLogging } from "../../../server/logs/logger.ts";
import { Redactor } from "../../../server/secrets/redactor.ts";
import { OWNER } from "../../../server/security/principal.ts";
import { allArguments, requiredArguments, wholeSelection } from "../../support/graph-documents.ts";
import { type RunningApp, startApp, type TestClient } from "../../support/start-app.ts";
import { TempFolder } from "../../support/temp-folder.ts";
import { CANARY, FORMS, Lookout } from "./canary.ts";

const NAME = "CANARY";
/** A value that passes as a name of anything. */
const WORD = "canary-in-a-coal-mine";
/** It was written down in events before it became a secret. */
const LATE = "told before it was a secret";
/** Ends what was published, so that a reader knows that it has seen everything. */
const LAST_TYPE = "canary.flown";
/** Subscriptions that speak by themselves, and what stands in the last that is waited for. */
const SPEAKING: Readonly<Record<string, string>> = { events: LAST_TYPE, liveMetrics: '"liveMetrics"' };
/** What people typed themselves stands in these as they typed it; what is shown of them is scrubbed. */
const TYPED_BY_PEOPLE = new Set(["users", "tokens", "roles", "config_overrides", "config_history"]);
/** They run until they are told to stop, or open the data folder of a running server. */
const NOT_CALLED = new Set(["serve", "api start", "event tail"]);
const ROOMY_GRAPH = {
  "graphql.maxDepth": 50,
  "graphql.maxComplexity": 1_000_000,
  "graphql.maxTokens": 100_000,
};

describe("what the server emits", () => {
  let folder: TempFolder;
  let app: RunningApp;
  let admin: TestClient;
  let token: string;
  let metric: string;
  let lookout: Lookout;

  beforeAll(async () => {
    folder = new TempFolder();
    const redactor = new Redactor();
    const log = await startLogging({
      level: "debug",
      console: "off",
      file: folder.file("log.ndjson"),
      scrub: redactor.scrub,
    });
    app = await startApp({ log, redactor, withJobs: true, settings: ROOMY_GRAPH });
    admin = await app.token(["*"]);
    token = admin.headers.authorization?.slice("Bearer ".length) ?? "";
    await publish("canary.early", LATE);
    metric = app.parts.sampler.last?.measurements[0]?.series.name ?? "";
    lookout = new Lookout(WORD, LATE, `"${metric}`);
    await remember();
    await plant();
  });

  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await stopLogging();
    folder[Symbol.dispose]();
  });

  test("through any root field of the graph", async () => {
    const [query, mutation] = rootTypes(await schema());
    let fields = 0;
    for (const [kind, type] of [
      ["query", query],
      ["mutation", mutation],
    ] as const) {
      for (const field of Object.values(type?.getFields() ?? {})) {
        fields++;
        const selection = wholeSelection(field);
        const calls = new Set([
          requiredArguments(field),
          allArguments(field, CANARY),
          allArguments(field, WORD),
        ]);
        for (const call of calls) {
          const document = `${kind} { ${field.name}${call}${selection} }`;
          const answer = await admin.send("POST", "/graphql", { query: document });
          const text = await answer.text();
          expect(text).not.toContain("graphql_limit");
          lookout.look(`${kind} ${field.name}`, text);
        }
      }
    }
    expect(fields).toBeGreaterThan(50);
    expect(lookout.sightings).toEqual([]);
  }, 60_000);

  test("through any subscription, as an event stream and over a socket", async () => {
    const fields = Object.values((await schema()).getSubscriptionType()?.getFields() ?? {});
    expect(fields.length).toBeGreaterThan(1);
    for (const field of fields) {
      const isReplay = field.args.some(({ name }) => name === "since");
      const call = isReplay ? "(since: 0)" : requiredArguments(field);
      const query = `subscription { ${field.name}${call}${wholeSelection(field)} }`;
      const last = SPEAKING[field.name];
      if (last !== undefined) {
        const isSeen = (text: string): boolean => text.includes(last);
        lookout.look(`event stream ${field.name}`, await streamed(admin, query, isSeen));
      }
      const messages = [
        { type: "connection_init" },
        { id: "1", type: "subscribe", payload: { query } },
        { type: "ping" },
      ];
      // What has nothing to say by itself is open once the ping behind it is answered.
      const isHeard = (text: string): boolean => text.includes(last ?? '"pong"');
      const terms = { protocol: "graphql-transport-ws", messages };
      lookout.look(`graph socket ${field.name}`, await heard(admin, "/graphql", isHeard, terms));
    }
    expect(lookout.sightings).toEqual([]);
  });

  test("through the sockets of events and of live metrics", async () => {
    const events = await heard(admin, "/api/v3/ws/events?since=0", (text) => text.includes(LAST_TYPE));
    expect(events).toContain("[redacted]");
    lookout.look("events socket", events);
    const live = await heard(admin, "/api/v3/ws/live-metrics?interval=1", (text) =>
      text.includes('"type":"delta"'),
    );
    expect(live).toContain("[redacted]");
    lookout.look("live metrics socket", live);
    expect(lookout.sightings).toEqual([]);
  });

  test("through any command, by address and by the owner's socket", async () => {
    const commands = leavesOf(createProgram());
    expect(commands.length).toBeGreaterThan(40);
    const lines = commands.flatMap(({ path, command }) => {
      if (NOT_CALLED.has(path.join(" "))) return [];
      const given = [...path, ...command.registeredArguments.map(() => NAME), ...mandatoryOptions(command)];
      const hasJson = command.options.some(({ long }) => long === "--json");
      return hasJson ? [given, [...given, "--json"]] : [given];
    });
    const byAddress = { BINNACLE_URL: app.address, BINNACLE_TOKEN: token };
    for (const environment of [byAddress, { BINNACLE_DATA: app.parts.folder.paths.root }]) {
      const text = await spoken(lines, environment, folder.file("."));
      expect(text.match(/^exit 0$/gm)?.length ?? 0).toBeGreaterThan(15);
      lookout.look(`commands with ${Object.keys(environment)[0]}`, text);
    }
    expect(lookout.sightings).toEqual([]);
  }, 60_000);

  test("into rows of the error centre, the outbox, the events and the audit log, or into the log", async () => {
    const { state } = app.parts.databases;
    await app.parts.incidents.flush();
    await app.parts.audit.flush();
    const tables = state.reader.$client
      .query<{ name: string }, []>("SELECT name FROM sqlite_master WHERE type = 'table'")
      .all();
    for (const { name } of tables) {
      if (TYPED_BY_PEOPLE.has(name)) continue;
      const rows = state.reader.$client.query<Record<string, unknown>, []>(`SELECT * FROM "${name}"`).all();
      for (const row of rows) lookout.look(`table ${name}`, JSON.stringify(row));
    }
    const count = (table: string) =>
      state.reader.$client.query<{ n: number }, []>(`SELECT count(*) AS n FROM ${table}`).get()?.n ?? 0;
    for (const table of ["incidents", "outbox", "events", "audit"]) expect(count(table)).toBeGreaterThan(0);
    lookout.look("log", readFileSync(folder.file("log.ndjson"), "utf8"));
    expect(lookout.sightings.filter((sighting) => !sighting.endsWith(LATE))).toEqual([]);
  });

  const schema = async () => {
    const found = (await app.app.surface.graph?.open())?.engine.schema;
    if (!found) throw new Error("GraphQL is off");
    return found;
  };

  async function publish(type: string, text: string): Promise<void> {
    const answer = await admin.send("POST", "/api/v3/events", {
      events: [{ type, payload: { note: text } }],
    });
    expect(answer.status).toBe(201);
  }

  async function remember(): Promise<void> {
    for (const [name, value] of Object.entries({ [NAME]: CANARY, WORD, LATE, METRIC: metric })) {
      expect((await admin.send("PUT", `/api/v3/secrets/${name}`, { value })).status).toBe(201);
    }
  }

  /** It is planted wherever somebody may carelessly write it down. */
  async function plant(): Promise<void> {
    const { incidents, outbox, databases } = app.parts;
    for (const text of [...Object.values(FORMS), WORD]) {
      await admin.send("POST", "/api/v3/users", { name: text, role: "viewer", password: text });
      await admin.send("POST", "/api/v3/tokens", { name: text, scopes: ["metrics:read"], expiresInDays: 1 });
      await admin.send("POST", "/api/v3/roles", { name: text, description: text, scopes: ["metrics:read"] });
      await publish("canary.seen", text);
      const cause = new Error(text, { cause: new Error(text) });
      const principal = `user ${text}`;
      incidents.record(new AppError("internal", text, { cause }), {
        where: text,
        correlationId: text,
        principal,
      });
      await databases.state.write((tx) =>
        outbox.enqueue(tx, { kind: "canary", target: "nest", payload: { note: text, deep: [{ text }] } }),
      );
    }
    outbox.register({
      kind: "canary",
      options: { maxAttempts: 1 },
      deliver: () => Promise.reject(new Error(CANARY)),
    });
    app.parts.audit.recordRefusal(
      { principal: OWNER, correlationId: CANARY, clientAddress: CANARY },
      { action: "canary.see", target: CANARY, detail: { note: CANARY } },
    );
    await admin.with({ "x-correlation-id": WORD }).get("/api/v3/nowhere");
    await publish(LAST_TYPE, CANARY);
  }
});

/** Commands that do something, with the words that lead to them. */
function leavesOf(
  command: Command,
  path: readonly string[] = [],
): { path: readonly string[]; command: Command }[] {
  if (command.commands.length === 0) return [{ path, command }];
  return command.commands.flatMap((child) => leavesOf(child, [...path, child.name()]));
}

const mandatoryOptions = (command: Command): string[] =>
  command.options.filter(({ mandatory }) => mandatory).flatMap(({ long }) => (long ? [long, NAME] : []));

/** What those commands write, to both outputs. */
async function spoken(
  lines: readonly (readonly string[])[],
  environment: Record<string, string>,
  cwd: string,
): Promise<string> {
  const speaker = Bun.spawn(
    [process.execPath, `${import.meta.dirname}/cli-speaker.ts`, JSON.stringify(lines)],
    {
      cwd,
      env: { PATH: process.env.PATH ?? "", HOME: cwd, ...environment },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    },
  );
  const texts = await Promise.all([new Response(speaker.stdout).text(), new Response(speaker.stderr).text()]);
  await speaker.exited;
  return texts.join("\n");
}

/** What a GraphQL event stream says until `isEnough`. */
async function streamed(
  client: TestClient,
  query: string,
  isEnough: (text: string) => boolean,
): Promise<string> {
  const answer = await client.with({ accept: "text/event-stream" }).send("POST", "/graphql", { query });
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (isEnough(text)) break;
  }
  return text;
}

/** What a socket says until `isEnough`, or until it is closed. */
async function heard(
  client: TestClient,
  path: string,
  isEnough: (text: string) => boolean,
  { protocol, messages = [] }: { protocol?: string; messages?: object[] } = {},
): Promise<string> {
  const options = { headers: client.headers, ...(protocol === undefined ? {} : { protocols: [protocol] }) };
  const socket = new WebSocket(
    `${client.address.replace("http", "ws")}${path}`,
    options as unknown as string[],
  );
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = "";
  socket.onopen = () => {
    for (const message of messages) socket.send(JSON.stringify(message));
  };
  socket.onmessage = ({ data }) => {
    text += `${data}\n`;
    if (isEnough(text)) resolve(text);
  };
  socket.onclose = ({ code, reason }) => resolve(`${text}closed ${code} ${reason}`);
  const all = await promise;
  socket.close();
  return all;
}
