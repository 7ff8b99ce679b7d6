import type { AlertVerb } from "../../schema/rules/alert-states.ts";
import { SEVERITIES } from "../../schema/rules/severities.ts";
import type {
  Alert,
  AlertDetail,
  AlertFilter,
  AlertNotices,
  AlertSummary,
  DeadLetter,
  Defined,
  DefinitionBodies,
  DefinitionKind,
  RuleBody,
  RulePreview,
  RuleStanding,
} from "./alerts-types.ts";
import type { Api } from "./api.ts";
import type { Page } from "./types.ts";

const PATH = "/api/v3/alerts";
const OUTBOX = "/api/v3/outbox";
const PAGE_LIMIT = 200;
const DEAD_LETTER_LIMIT = 100;
/** A test waits for the channel, a preview for a month of history. */
const TRY_TIMEOUT_MS = 30_000;
const DEFINITION_PATHS: Readonly<Record<DefinitionKind, string>> = {
  rule: "/api/v3/alert-rules",
  channel: "/api/v3/notification-channels",
  route: "/api/v3/notification-routes",
  window: "/api/v3/maintenance-windows",
};
/** Each verb as a state that is put or taken away. */
const VERBS: Readonly<Record<AlertVerb, { method: "PUT" | "DELETE"; part: string }>> = {
  acknowledge: { method: "PUT", part: "acknowledgement" },
  mute: { method: "PUT", part: "mute" },
  unmute: { method: "DELETE", part: "mute" },
  resolve: { method: "PUT", part: "resolution" },
  reopen: { method: "DELETE", part: "resolution" },
};

/** What is said along with a verb. */
export interface VerbDetails {
  note?: string;
  /** Of a mute. */
  seconds?: number;
}

/** Alerts, their rules, and who is told. Every method throws ApiProblem when the server refuses. */
export class Alerts {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** The latest first, up to 200 a page. */
  list({ states, ...filter }: AlertFilter, cursor?: string): Promise<Page<Alert>> {
    const query = { ...filter, state: states, cursor, limit: PAGE_LIMIT };
    return this.#api.get(`${PATH}/recent`, { query });
  }

  /** The latest first, up to `most`, and whether there are more. */
  async listUpTo(filter: AlertFilter, most: number): Promise<{ items: Alert[]; isCut: boolean }> {
    const items: Alert[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.list(filter, cursor);
      items.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined && items.length < most);
    return { items, isCut: cursor !== undefined };
  }

  /** Up to `most`: the latest, or of more of them the worst, so that a storm of small ones hides no great one. */
  async listWorst(filter: AlertFilter, most: number): Promise<{ items: Alert[]; isCut: boolean }> {
    const latest = await this.listUpTo(filter, most);
    if (!latest.isCut || filter.severity !== undefined) return latest;
    const items: Alert[] = [];
    for (const severity of SEVERITIES.toReversed()) {
      if (items.length >= most) break;
      items.push(...(await this.listUpTo({ ...filter, severity }, most - items.length)).items);
    }
    return { items, isCut: true };
  }

  get(id: string): Promise<AlertDetail> {
    return this.#api.get(pathOf(id));
  }

  notices(id: string): Promise<AlertNotices> {
    return this.#api.get(`${pathOf(id)}/notices`);
  }

  summary(): Promise<AlertSummary> {
    return this.#api.get(`${PATH}/summary`);
  }

  perform(id: string, verb: AlertVerb, { note = "", seconds }: VerbDetails = {}): Promise<Alert> {
    const { method, part } = VERBS[verb];
    const body = { note, ...(seconds === undefined ? {} : { seconds }) };
    return this.#api.request(method, `${pathOf(id)}/${part}`, method === "PUT" ? { body } : {});
  }

  /** Oldest first. */
  async listDefined<Kind extends DefinitionKind>(kind: Kind): Promise<Defined<Kind>[]> {
    return (await this.#api.get<Page<Defined<Kind>>>(DEFINITION_PATHS[kind])).items;
  }

  /** Makes one, or replaces the one of that id. */
  save<Kind extends DefinitionKind>(
    kind: Kind,
    body: DefinitionBodies[Kind],
    id?: string,
  ): Promise<Defined<Kind>> {
    const path = DEFINITION_PATHS[kind];
    return id === undefined
      ? this.#api.post(path, body)
      : this.#api.put(`${path}/${encodeURIComponent(id)}`, body);
  }

  /** Brings back what was removed, under its id. */
  restore<Kind extends DefinitionKind>(
    kind: Kind,
    body: DefinitionBodies[Kind],
    id: string,
  ): Promise<Defined<Kind>> {
    return this.#api.post(`${DEFINITION_PATHS[kind]}?restores=${encodeURIComponent(id)}`, body);
  }

  remove(kind: DefinitionKind, id: string): Promise<void> {
    return this.#api.delete(`${DEFINITION_PATHS[kind]}/${encodeURIComponent(id)}`);
  }

  async ruleStandings(): Promise<ReadonlyMap<string, RuleStanding>> {
    const { items } = await this.#api.get<Page<RuleStanding>>(`${DEFINITION_PATHS.rule}/standings`);
    return new Map(items.map((standing) => [standing.ruleId, standing]));
  }

  /** What a rule would have done between two moments, epoch milliseconds. */
  preview(rule: RuleBody, fromMs: number, toMs: number): Promise<RulePreview> {
    const range = { from: String(Math.round(fromMs)), to: String(Math.round(toMs)) };
    const body = { rule, ...range };
    return this.#api.post(`${DEFINITION_PATHS.rule}/preview`, body, { timeoutMs: TRY_TIMEOUT_MS });
  }

  /** Sends a test at once; fails with what the channel answered. */
  async testChannel(id: string): Promise<void> {
    const path = `${DEFINITION_PATHS.channel}/${encodeURIComponent(id)}/test`;
    await this.#api.post(path, {}, { timeoutMs: TRY_TIMEOUT_MS });
  }

  /** Messages that could not be delivered, the newest first. */
  async deadLetters(): Promise<DeadLetter[]> {
    const query = { kind: "notification", state: "dead", limit: DEAD_LETTER_LIMIT };
    return (await this.#api.get<Page<DeadLetter>>(OUTBOX, { query })).items;
  }

  async retry(deliveryId: string): Promise<void> {
    await this.#api.post(`${OUTBOX}/${encodeURIComponent(deliveryId)}/attempts`, {});
  }

  discard(deliveryId: string): Promise<void> {
    return this.#api.delete(`${OUTBOX}/${encodeURIComponent(deliveryId)}`);
  }
}

const pathOf = (id: string): string => `${PATH}/${encodeURIComponent(id)}`;
