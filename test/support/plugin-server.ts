import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { RunningBinary, Workspace } from "./binary.ts";
import { makeToken } from "./binary-token.ts";
import { EventFeed } from "./event-feed.ts";

/** A plugin's folder: what its manifest says beside the minimum, and its module. */
export interface PluginSource {
  manifest?: { permissions?: Record<string, unknown[]>; [field: string]: unknown };
  source: string;
}

/** Status and body of an answer: `result` of a call, or `code` of a problem. */
export interface PluginAnswer {
  status: number;
  body: { result?: unknown; code?: string; detail?: string; items?: Record<string, unknown>[] } & Record<
    string,
    unknown
  >;
}

const ROOMY = { perMinute: 10_000_000, burst: 10_000_000 };
const ROOMY_LIMITS = Object.fromEntries(
  ["api", "graphql", "dashboard", "anonymous", "login", "sockets"].map((name) => [name, ROOMY]),
);

/** The compiled program with plugins in a folder of its own, an administrator's token, and its events as they happen. */
export class PluginServer implements AsyncDisposable {
  readonly token: string;
  readonly events: EventFeed;
  readonly #workspace: Workspace;
  #server: RunningBinary;

  private constructor(workspace: Workspace, token: string, server: RunningBinary, events: EventFeed) {
    this.#workspace = workspace;
    this.token = token;
    this.#server = server;
    this.events = events;
  }

  /** Starts it with these plugins; whatever they ask for is granted by its configuration. */
  static async start(plugins: Readonly<Record<string, PluginSource>>): Promise<PluginServer> {
    const workspace = new Workspace();
    mkdirSync(workspace.file("data/plugins"), { recursive: true, mode: 0o700 });
    for (const [id, plugin] of Object.entries(plugins)) writePlugin(workspace, id, plugin);
    const items = Object.entries(plugins).flatMap(([id, { manifest }]) =>
      manifest?.permissions ? [{ id, approve: { permissions: manifest.permissions } }] : [],
    );
    const settings = { limits: ROOMY_LIMITS, plugins: { items } };
    writeFileSync(workspace.file("data/binnacle.json"), JSON.stringify(settings), { mode: 0o600 });
    const token = await makeToken(workspace);
    const server = await RunningBinary.start(workspace.path);
    const events = await EventFeed.open(server.address, token, "**");
    await Promise.all(Object.keys(plugins).map((id) => events.until("plugin.changed", id)));
    return new PluginServer(workspace, token, server, events);
  }

  get pid(): number {
    return this.#server.process.pid;
  }

  get address(): string {
    return this.#server.address;
  }

  get port(): number {
    return Number(new URL(this.address).port);
  }

  /** Writes a plugin's files; the server takes notice by itself. */
  write(id: string, plugin: PluginSource): void {
    writePlugin(this.#workspace, id, plugin);
  }

  async get(path: string): Promise<PluginAnswer> {
    return this.#ask("GET", path);
  }

  async send(method: "POST" | "PUT", path: string, body?: unknown): Promise<PluginAnswer> {
    return this.#ask(method, path, body);
  }

  async plugin(id: string): Promise<Record<string, unknown>> {
    return (await this.get(`/api/v3/plugins/${id}`)).body;
  }

  /** Calls a plugin. */
  execute(name: string, input: unknown = null, timeoutMs?: number): Promise<PluginAnswer> {
    return this.send("POST", "/api/v3/plugins/execute", { name, input, ...(timeoutMs ? { timeoutMs } : {}) });
  }

  /** Starts, stops, releases … */
  activate(id: string, state: string): Promise<PluginAnswer> {
    return this.send("PUT", `/api/v3/plugins/${id}/activation`, { state });
  }

  /** What stands in the audit log of this action and plugin. */
  async audit(action: string, target: string): Promise<Record<string, unknown>[]> {
    const { body } = await this.get(`/api/v3/audit?action=${action}&target=${encodeURIComponent(target)}`);
    return body.items ?? [];
  }

  /** What the plugin's log holds. */
  async logs(id: string): Promise<{ source: string; level: string; message: string }[]> {
    const { body } = await this.get(`/api/v3/plugins/${id}/logs?limit=500`);
    return (body.items ?? []) as { source: string; level: string; message: string }[];
  }

  /** Memory of the server's own process. */
  rssMib(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, "latin1");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024;
  }

  /** Ends the server by SIGKILL; `restart` begins another on the same folder. */
  async kill(): Promise<void> {
    await this.#server.end("SIGKILL");
  }

  /** A server again, after {@link kill}. Its events are not followed. */
  async restart(): Promise<void> {
    this.#server = await RunningBinary.start(this.#workspace.path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.events.close();
    await this.#server[Symbol.asyncDispose]();
    this.#workspace[Symbol.dispose]();
  }

  async #ask(method: string, path: string, body?: unknown): Promise<PluginAnswer> {
    const response = await fetch(this.address + path, {
      method,
      headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as PluginAnswer["body"] };
  }
}

function writePlugin(workspace: Workspace, id: string, { manifest = {}, source }: PluginSource): void {
  const whole = { id, version: "1.0.0", type: "custom", main: "main.ts", ...manifest };
  const files = { "main.ts": source, "plugin.json": JSON.stringify(whole) };
  for (const [name, text] of Object.entries(files)) {
    const path = workspace.file(`data/plugins/${id}/${name}`);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, text, { mode: 0o600 });
  }
}
