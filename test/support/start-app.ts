import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GrantedScope, RoleName } from "../../schema/rules/scopes.ts";
import { type App, createApp } from "../../server/app.ts";
import { configurationFiles, readConfiguration } from "../../server/compose/configuration.ts";
import { closeParts, startParts } from "../../server/compose/running.ts";
import { compose, type Parts } from "../../server/compose.ts";
import { openDataFolder } from "../../server/database/data-folder.ts";
import { type Clock, systemClock } from "../../server/lib/clock.ts";
import { type Logger, silentLogger } from "../../server/logs/logger.ts";
import { Redactor } from "../../server/secrets/redactor.ts";
import type { Caller } from "../../server/security/caller.ts";
import { OWNER } from "../../server/security/principal.ts";
import { TempFolder } from "./temp-folder.ts";

/** The dashboard's header, which proves that a change comes from our own pages. */
export const CSRF = { "x-binnacle-csrf": "1" };
/** Satisfies the rules; not a secret anywhere. */
export const PASSWORD = "correct horse battery staple";

export interface StartAppOptions {
  /** Dotted settings in force beside the defaults: `{ "limits.api.perMinute": 10 }`. */
  settings?: Readonly<Record<string, unknown>>;
  /** Configuration files in the data folder: name → text. */
  files?: Readonly<Record<string, string>>;
  clock?: Clock;
  log?: Logger;
  /** What keeps secrets out of that log. */
  redactor?: Redactor;
  /** Sampling, jobs and live readers run too. */
  withJobs?: boolean;
}

/** No scenario meets a rate limit unless it is about them. */
const ROOMY_LIMITS = Object.fromEntries(
  ["api", "graphql", "dashboard", "anonymous", "login", "ingest", "sockets"].flatMap((name) => [
    [`limits.${name}.perMinute`, 10_000_000],
    [`limits.${name}.burst`, 10_000_000],
  ]),
);

const OFFLINE: Caller = { principal: OWNER, correlationId: "test", clientAddress: "offline" };

/** The whole of Binnacle in this process, on a free port and a folder of its own: `await using app = await startApp()`. */
export async function startApp(options: StartAppOptions = {}): Promise<RunningApp> {
  const folder = new TempFolder();
  const flags = new Map<string, unknown>(
    Object.entries({ "server.port": 0, ...ROOMY_LIMITS, ...options.settings }),
  );
  const dataPath = folder.file("data");
  const sources = { dataFolder: dataPath, environment: {}, flags };
  for (const [name, text] of Object.entries(options.files ?? {})) {
    mkdirSync(dataPath, { recursive: true, mode: 0o700 });
    writeFileSync(join(dataPath, name), text);
  }
  const files = configurationFiles(sources);
  const configuration = readConfiguration(sources, files);
  const dataFolder = openDataFolder(dataPath, undefined);
  const { log = silentLogger, clock = systemClock, redactor = new Redactor() } = options;
  const parts = await compose({ configuration, files, folder: dataFolder, log, clock, redactor });
  const app = createApp(parts);
  const close = async () => {
    await app.stop();
    await closeParts(parts);
    dataFolder.close();
    folder[Symbol.dispose]();
  };
  if (options.withJobs) {
    await startParts(parts);
    parts.pluginSystem?.begin();
  }
  try {
    await app.start();
  } catch (error) {
    await close();
    throw error;
  }
  return new RunningApp(app, parts, close);
}

/** A started application and the people who use it in a scenario. */
export class RunningApp implements AsyncDisposable {
  readonly app: App;
  readonly parts: Parts;
  readonly #close: () => Promise<void>;
  #users = 0;

  constructor(app: App, parts: Parts, close: () => Promise<void>) {
    this.app = app;
    this.parts = parts;
    this.#close = close;
  }

  get address(): string {
    return this.app.address;
  }

  /** The name that a cookie of this server has: `binnacle_session_3f9a2c`. */
  cookieName(kind: "session" | "device" | "oidc"): string {
    return `binnacle_${kind}_${this.parts.folder.instanceId}`;
  }

  /** A client that is not signed in. */
  guest(): TestClient {
    return new TestClient(this.address, {});
  }

  /** A client with a token of those scopes, owned by an administrator unless a role is named. */
  async token(scopes: readonly GrantedScope[], role: RoleName = "admin"): Promise<TestClient> {
    const user = await this.#createUser(role);
    const owner: Caller = { ...OFFLINE, principal: OWNER };
    const { secret } = await this.parts.tokens.create(
      { name: `token of ${user.name}`, scopes: [...scopes], expiresInDays: null, userId: user.id },
      owner,
    );
    return new TestClient(this.address, { authorization: `Bearer ${secret}` });
  }

  /** A signed-in browser of somebody with that role; it sends the CSRF header. */
  async session(role: string): Promise<TestClient> {
    const user = await this.#createUser(role);
    const response = await fetch(`${this.address}/api/v3/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: user.name, password: PASSWORD }),
    });
    const [cookie = ""] = response.headers.getSetCookie();
    return new TestClient(this.address, { cookie: cookie.split(";", 1)[0] ?? "", ...CSRF });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  /** The first one is an administrator, since there must always be one. */
  async #createUser(role: string) {
    if (this.#users === 0 && role !== "admin") await this.#createUser("admin");
    this.#users++;
    return this.parts.users.create({ name: `${role}-${this.#users}`, role, password: PASSWORD }, OFFLINE);
  }
}

/** What a GraphQL answer looks like from outside. */
export interface GraphResult {
  data?: Record<string, unknown> | null;
  errors?: {
    message: string;
    path?: (string | number)[];
    extensions: { code: string } & Record<string, unknown>;
  }[];
}

/** Somebody who asks. */
export class TestClient {
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(address: string, headers: Readonly<Record<string, string>>) {
    this.address = address;
    this.headers = headers;
  }

  /** The same client with further headers; an empty value removes one. */
  with(headers: Readonly<Record<string, string>>): TestClient {
    const merged = Object.entries({ ...this.headers, ...headers }).filter(([, value]) => value !== "");
    return new TestClient(this.address, Object.fromEntries(merged));
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...this.headers, ...(init.headers as Record<string, string> | undefined) };
    return fetch(`${this.address}${path}`, { redirect: "manual", ...init, headers });
  }

  get(path: string): Promise<Response> {
    return this.fetch(path);
  }

  /** Sends a JSON body. */
  send(method: string, path: string, body: unknown): Promise<Response> {
    const headers = { "content-type": "application/json" };
    return this.fetch(path, { method, headers, body: JSON.stringify(body) });
  }

  /** Asks GraphQL and gives status and result. */
  async graphql(
    query: string,
    variables?: Record<string, unknown>,
  ): Promise<{ status: number; result: GraphResult; headers: Headers }> {
    const response = await this.send("POST", "/graphql", { query, ...(variables ? { variables } : {}) });
    const { status, headers } = response;
    return { status, headers, result: (await response.json()) as GraphResult };
  }
}
