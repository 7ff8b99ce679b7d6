import type { ApprovalView, Plugin, PluginDetail } from "../../../server/plugins/model.ts";

const ANSWER_MS = 30_000;
/** What an answer may take while somebody attacks. */
const PROMPT_MS = 5_000;
const PAGE = 200;

/** What came of a call of a plugin. */
export interface CallOutcome {
  status: number;
  /** The error's code and sentence; empty when there was none. */
  code: string;
  detail: string;
  result: unknown;
}

interface EventLine {
  seq: number;
  type: string;
  payload: Record<string, unknown>;
}

/** The server's API as its administrator uses it. */
export class EscapeClient {
  readonly #address: string;
  readonly #headers: Record<string, string>;

  constructor(address: string, token: string) {
    this.#address = address;
    this.#headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    timeoutMs = ANSWER_MS,
  ): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${this.#address}${path}`, {
      method,
      headers: this.#headers,
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? null : JSON.parse(text) };
  }

  /** @throws Error when it is refused */
  async must(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.call(method, path, body);
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async putSecret(name: string, value: string): Promise<void> {
    await this.must("PUT", `/api/v3/secrets/${name}`, { value });
  }

  async plugin(id: string): Promise<PluginDetail> {
    return (await this.must("GET", `/api/v3/plugins/${id}`)) as PluginDetail;
  }

  async plugins(): Promise<Plugin[]> {
    return ((await this.must("GET", "/api/v3/plugins/list")) as { items: Plugin[] }).items;
  }

  /** The plugin once it is as `isSo` says. @throws Error when it is not for long */
  async until(id: string, isSo: (plugin: Plugin) => boolean): Promise<Plugin> {
    const deadline = performance.now() + ANSWER_MS;
    while (performance.now() < deadline) {
      const found = (await this.plugins()).find((plugin) => plugin.id === id);
      if (found && isSo(found)) return found;
    }
    throw new Error(
      `The plugin ${id} did not become what it should be: ${JSON.stringify(await this.plugin(id))}`,
    );
  }

  /** Agrees to all that a plugin asks for, and lets it run. */
  async approve(id: string): Promise<void> {
    const approval = (await this.must("GET", `/api/v3/plugins/${id}/approval`)) as ApprovalView;
    const permissions = [...new Set(approval.permissions.map(({ kind }) => kind))];
    await this.must("PUT", `/api/v3/plugins/${id}/approval`, { digest: approval.digest, permissions });
  }

  async execute(name: string, input: unknown, timeoutMs?: number): Promise<CallOutcome> {
    const body = { name, input, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
    const answer = await this.call("POST", "/api/v3/plugins/execute", body);
    const told = answer.body as { code?: string; detail?: string; result?: unknown };
    return { status: answer.status, code: told.code ?? "", detail: told.detail ?? "", result: told.result };
  }

  /** Events of those types about a plugin, newest first. */
  async events(types: string, pluginId: string): Promise<EventLine[]> {
    const page = (await this.must("GET", `/api/v3/events?types=${types}&limit=${PAGE}`)) as {
      items: EventLine[];
    };
    return page.items.filter(({ payload }) => payload.pluginId === pluginId);
  }

  /** Why the plugin's process ended the last time. */
  async lastCrash(pluginId: string): Promise<string | undefined> {
    const [last] = await this.events("plugin.crashed", pluginId);
    return last && String(last.payload.reason);
  }

  /** Whether failed calls of that code were told of: once a minute for each plugin and code. */
  async hasToldOf(pluginId: string, code: string): Promise<boolean> {
    return (await this.events("plugin.call_failed", pluginId)).some(({ payload }) => payload.code === code);
  }

  /** Lines of denials of a plugin in the audit log. */
  async denials(pluginId: string): Promise<number> {
    const page = (await this.must("GET", `/api/v3/audit?outcome=denied&limit=${PAGE}`)) as {
      items: { actor: string }[];
    };
    return page.items.filter(({ actor }) => actor === `plugin:${pluginId}`).length;
  }

  /** That the server and another plugin answer, promptly. @throws Error when they do not */
  async probe(): Promise<void> {
    const [health, neighbour] = await Promise.all([
      this.call("GET", "/api/health", undefined, PROMPT_MS),
      this.call("POST", "/api/v3/plugins/execute", { name: "neighbour" }, PROMPT_MS),
    ]);
    if (health.status !== 200) throw new Error(`/api/health answered ${health.status}.`);
    const { result } = neighbour.body as { result?: unknown };
    if (result !== "here") throw new Error(`The neighbour answered ${JSON.stringify(neighbour.body)}.`);
  }

  /** Probes again and again until `work` is done; how often. */
  async probeWhile(work: Promise<unknown>): Promise<number> {
    let isDone = false;
    let count = 0;
    const done = work.then(
      () => {
        isDone = true;
      },
      () => {
        isDone = true;
      },
    );
    do {
      await this.probe();
      count++;
    } while (!isDone);
    await done;
    return count;
  }
}
