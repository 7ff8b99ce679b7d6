import type { PermissionKind, PluginVerb } from "../../schema/rules/plugins.ts";
import type { Api } from "./api.ts";
import type {
  Approval,
  BulkOutcome,
  Execution,
  HealthPage,
  LogLine,
  Plugin,
  PluginDetail,
  RemovedPlugin,
  Sandbox,
} from "./plugins-types.ts";

const PATH = "/api/v3/plugins";
const HEALTH_LIMIT = 100;
export const MAX_LOG_LINES = 1_000;
/** A start, stop or reload waits for calls under way. */
const VERB_TIMEOUT_MS = 90_000;
/** Longer than the longest call that the server lets run by itself. */
const CALL_TIMEOUT_MS = 310_000;
const UPLOAD_TIMEOUT_MS = 120_000;

/** The verbs that act on a process; the others have ways of their own. */
export type Activation = Extract<PluginVerb, "start" | "stop" | "pause" | "resume" | "reload" | "release">;
export type BulkVerb = "start" | "stop" | "reload";

/** Plugins and what can be done with them. Every method throws ApiProblem when the server refuses. */
export class Plugins {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  async list(): Promise<Plugin[]> {
    return (await this.#api.get<{ items: Plugin[] }>(`${PATH}/list`)).items;
  }

  async sandbox(): Promise<Sandbox> {
    return (await this.#api.get<{ sandbox: Sandbox }>("/api/plugins/summary")).sandbox;
  }

  get(id: string): Promise<PluginDetail> {
    return this.#api.get(pathOf(id));
  }

  health(id: string, cursor?: string): Promise<HealthPage> {
    return this.#api.get(`${pathOf(id)}/health`, { query: { limit: HEALTH_LIMIT, cursor } });
  }

  /** Oldest first. */
  async log(id: string): Promise<LogLine[]> {
    const query = { limit: MAX_LOG_LINES };
    return (await this.#api.get<{ items: LogLine[] }>(`${pathOf(id)}/logs`, { query })).items;
  }

  approval(id: string): Promise<Approval> {
    return this.#api.get(`${pathOf(id)}/approval`);
  }

  /** Lets exactly these bytes use these kinds of permission. */
  approve(id: string, digest: string, permissions: readonly PermissionKind[]): Promise<unknown> {
    return this.#api.put(`${pathOf(id)}/approval`, { digest, permissions });
  }

  /**
   * The whole configuration; a secret that is left out stays, null removes it.
   * @param expectedRevision what it was made upon: `revision_conflict` when another change came between
   */
  configure(
    id: string,
    values: Readonly<Record<string, unknown>>,
    expectedRevision: string | undefined,
  ): Promise<unknown> {
    return this.#api.put(`${pathOf(id)}/config`, { values, expectedRevision });
  }

  /** The lasting wish. */
  enable(id: string, isEnabled: boolean): Promise<unknown> {
    const options = { timeoutMs: VERB_TIMEOUT_MS };
    return this.#api.post(`${PATH}/${isEnabled ? "enable" : "disable"}`, { name: id }, options);
  }

  activate(id: string, state: Activation): Promise<unknown> {
    const options = { body: { state }, timeoutMs: VERB_TIMEOUT_MS };
    return this.#api.request("PUT", `${pathOf(id)}/activation`, options);
  }

  /** One verb on every plugin that takes it. */
  all(state: BulkVerb): Promise<BulkOutcome> {
    const options = { body: { state, all: true }, timeoutMs: VERB_TIMEOUT_MS };
    return this.#api.request("PUT", `${PATH}/activation`, options);
  }

  /** @param verb `execute` in place of the verb of the plugin's type */
  execute(id: string, input: unknown, signal: AbortSignal, verb?: "execute"): Promise<Execution> {
    const options = { signal, timeoutMs: CALL_TIMEOUT_MS };
    return this.#api.post(
      `${PATH}/execute`,
      { name: id, ...(input === undefined ? {} : { input }), ...(verb === undefined ? {} : { verb }) },
      options,
    );
  }

  /** Puts an archive among the plugins; it waits for approval there when it asks for permissions. */
  install(archive: Blob): Promise<Plugin> {
    // What a browser calls an archive differs from system to system; the server looks at its bytes.
    const body = new Blob([archive], { type: "application/octet-stream" });
    return this.#api.request("POST", `${PATH}/install`, { body, timeoutMs: UPLOAD_TIMEOUT_MS });
  }

  /** Installs a copy under another id; it is configured and approved by itself. */
  copy(from: string, identity: { id: string; name?: string }): Promise<Plugin> {
    return this.#api.post(`${pathOf(from)}/copies`, identity, { timeoutMs: VERB_TIMEOUT_MS });
  }

  remove(id: string): Promise<void> {
    return this.#api.delete(pathOf(id));
  }

  restore(id: string): Promise<unknown> {
    return this.#api.request("PUT", `${pathOf(id)}/restoration`);
  }

  async removed(): Promise<RemovedPlugin[]> {
    return (await this.#api.get<{ items: RemovedPlugin[] }>(`${PATH}/removed`)).items;
  }
}

const pathOf = (id: string): string => `${PATH}/${encodeURIComponent(id)}`;
