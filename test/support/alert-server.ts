import { mkdirSync, writeFileSync } from "node:fs";
import ntfy from "../../plugins/ntfy/plugin.json" with { type: "json" };
import webhook from "../../plugins/webhook/plugin.json" with { type: "json" };
import { RunningBinary, runBinary, Workspace } from "./binary.ts";
import { makeToken } from "./binary-token.ts";

const MANIFESTS = { ntfy, webhook };
const ROOMY = { perMinute: 10_000_000, burst: 10_000_000 };

/** A message as a receiver got it. */
export interface Told {
  /** The same at every attempt. */
  id: string;
  count: number;
  alerts: { message: string }[];
}

/** A receiver of messages, over HTTP: what it answers is the test's to say. */
export class Receiver implements AsyncDisposable {
  readonly told: Told[] = [];
  answer: () => Response | Promise<Response> = () => new Response("taken");
  #waiting: (() => void)[] = [];
  readonly #server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const id = request.headers.get("webhook-id") ?? "";
      this.told.push({ count: 1, alerts: [], ...((await request.json()) as Partial<Told>), id });
      const answer = this.answer();
      for (const resolve of this.#waiting.splice(0)) resolve();
      return answer;
    },
  });

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}/`;
  }

  /** Resolves when what was told satisfies `isEnough`; it is asked with each message. */
  async until(isEnough: (told: readonly Told[]) => boolean): Promise<void> {
    while (!isEnough(this.told)) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  /** Each message once, however often it came. */
  messages(): Told[] {
    return [...new Map(this.told.map((one) => [one.id, one])).values()];
  }

  /** Alerts that the messages tell of, each message counted once. */
  alertCount(): number {
    return this.messages().reduce((sum, { count }) => sum + count, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }
}

type Channel = keyof typeof MANIFESTS;

/** The compiled program with channels of its own bundled plugins, and an administrator's token. */
export class AlertServer implements AsyncDisposable {
  readonly #workspace: Workspace;
  readonly #token: string;
  #server: RunningBinary;

  private constructor(workspace: Workspace, token: string, server: RunningBinary) {
    this.#workspace = workspace;
    this.#token = token;
    this.#server = server;
  }

  /** Starts it with these plugins configured and approved. */
  static async start(plugins: Partial<Record<Channel, object>>): Promise<AlertServer> {
    const workspace = new Workspace();
    mkdirSync(workspace.file("data"), { recursive: true, mode: 0o700 });
    const items = (Object.entries(plugins) as [Channel, object][]).map(([id, config]) => {
      return { id, enabled: true, config, approve: { permissions: MANIFESTS[id].permissions } };
    });
    const settings = { plugins: { items }, limits: { api: ROOMY, ingest: ROOMY } };
    writeFileSync(workspace.file("data/binnacle.json"), JSON.stringify(settings), { mode: 0o600 });
    const token = await makeToken(workspace);
    return new AlertServer(workspace, token, await RunningBinary.start(workspace.path));
  }

  /** Asks and gives the answer's body. @throws Error for an answer that is none of success */
  async ask<Body = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<Body> {
    const response = await fetch(this.#server.address + path, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return JSON.parse(text || "null") as Body;
  }

  /** A channel of that plugin, and a route that takes everything to it at once. */
  async addChannel(plugin: string, route: object = {}): Promise<string> {
    const { id } = await this.ask<{ id: string }>("POST", "/api/v3/notification-channels", {
      ...{ name: plugin, plugin },
    });
    const times = { groupWaitSeconds: 0, groupIntervalSeconds: 1 };
    const body = { name: plugin, channels: [id], ...times, ...route };
    await this.ask("POST", "/api/v3/notification-routes", body);
    return id;
  }

  /** Puts a copy of a channel that ships on the server, configured, approved and enabled. */
  async addCopy(id: string, from: Channel, config: object): Promise<void> {
    const commands = [
      ["new", id, "--from", from],
      ["install", id],
      ["config", id, "--set", JSON.stringify(config)],
      ["approve", id, "--yes"],
      ["enable", id],
    ];
    for (const command of commands) {
      const { exitCode, stderr } = await this.run("plugin", ...command);
      if (exitCode !== 0) throw new Error(`plugin ${command.join(" ")}: ${stderr}`);
    }
  }

  async raise(message: string): Promise<void> {
    await this.ask("POST", "/api/v3/alerts/trigger", { alertType: "storm", severity: "HIGH", message });
  }

  /** Runs a command of the same program against it. */
  run(...args: string[]) {
    return runBinary([...args], { cwd: this.#workspace.path, env: { BINNACLE_DATA: "data" } });
  }

  async kill(): Promise<void> {
    await this.#server.end("SIGKILL");
  }

  /** Again, after {@link kill}. */
  async restart(): Promise<void> {
    this.#server = await RunningBinary.start(this.#workspace.path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    this.#workspace[Symbol.dispose]();
  }
}
