import type { CalledVerb } from "../../../schema/plugin/author.ts";
import type { LifeVerb } from "../../plugins/life-verbs.ts";
import type {
  ApprovalView,
  BulkView,
  ExecutionView,
  HealthRecordView,
  LogLineView,
  Plugin,
  PluginDetail,
  PluginHealthPage,
  SummaryView,
} from "../../plugins/model.ts";
import type { ApiClient } from "../api-client.ts";

const ROOT = "/api/v3/plugins";
const SHORT = "/api/plugins";

/** The plugins of a server, as commands ask for them. */
export class PluginApi {
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
  }

  async list(): Promise<Plugin[]> {
    return (await this.#client.get<{ items: Plugin[] }>(`${ROOT}/list`)).items;
  }

  get(id: string): Promise<PluginDetail> {
    return this.#client.get(pathOf(id));
  }

  summary(): Promise<SummaryView> {
    return this.#client.get(`${SHORT}/summary`);
  }

  async logs(id: string, limit: number): Promise<LogLineView[]> {
    return (await this.#client.get<{ items: LogLineView[] }>(pathOf(id, `logs?limit=${limit}`))).items;
  }

  approval(id: string): Promise<ApprovalView> {
    return this.#client.get(pathOf(id, "approval"));
  }

  /** Exactly what was looked at: another digest by now is a conflict. */
  approve(id: string, { digest, permissions }: ApprovalView): Promise<Plugin> {
    const kinds = permissions.filter(({ change }) => change !== "removed").map(({ kind }) => kind);
    return this.#client.send("PUT", pathOf(id, "approval"), { digest, permissions: [...new Set(kinds)] });
  }

  act(id: string, verb: LifeVerb): Promise<Plugin> {
    if (verb === "enable" || verb === "disable") {
      return this.#client.send("POST", `${ROOT}/${verb}`, { name: id });
    }
    return this.#client.send("PUT", pathOf(id, "activation"), { state: verb });
  }

  async actOnAll(verb: LifeVerb): Promise<BulkView["items"]> {
    const { items } =
      verb === "enable" || verb === "disable"
        ? await this.#client.send<BulkView>("POST", `${ROOT}/${verb}`, { all: true })
        : await this.#client.send<BulkView>("PUT", `${ROOT}/activation`, { state: verb, all: true });
    return items;
  }

  /** @param verb in place of the verb of its type */
  execute(id: string, input: unknown, verb?: CalledVerb): Promise<ExecutionView> {
    return this.#client.send("POST", `${ROOT}/execute`, {
      name: id,
      ...(input === undefined ? {} : { input }),
      ...(verb === undefined ? {} : { verb }),
    });
  }

  /**
   * @param values the whole configuration; a secret that is left out stays as it is
   * @param expectedRevision what they were made upon
   */
  configure(
    id: string,
    values: Record<string, unknown>,
    expectedRevision: string | undefined,
  ): Promise<PluginDetail> {
    return this.#client.send("PUT", pathOf(id, "config"), { values, expectedRevision });
  }

  /** What the last health check found; undefined when there was none. */
  async lastHealth(id: string): Promise<HealthRecordView | undefined> {
    const { items } = await this.#client.get<PluginHealthPage>(`${pathOf(id, "health")}?limit=1`);
    return items[0];
  }

  /** @param archive a .zip, .tar or .tar.gz */
  install(archive: Uint8Array): Promise<Plugin> {
    return this.#client.upload(`${ROOT}/install`, archive);
  }

  restore(id: string): Promise<Plugin> {
    return this.#client.send("PUT", pathOf(id, "restoration"));
  }

  remove(id: string): Promise<void> {
    return this.#client.send("DELETE", pathOf(id));
  }
}

const pathOf = (id: string, part = ""): string =>
  `${ROOT}/${encodeURIComponent(id)}${part ? `/${part}` : ""}`;
