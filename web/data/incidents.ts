import { Observable } from "../lib/observable.ts";
import type { Api } from "./api.ts";
import type { LiveMetrics } from "./live.ts";
import type { Session } from "./session.ts";
import type { Page } from "./types.ts";

export type IncidentState = "open" | "reopened" | "resolved" | "ignored";
export type SettableState = "open" | "resolved" | "ignored";

/** Failures with one cause. */
export interface Incident {
  id: string;
  code: string;
  kind: string;
  title: string;
  state: IncidentState;
  /** What to call it. */
  headline: string;
  message: string;
  place: string;
  count: number;
  /** How often in each of the last 24 hours, oldest first. */
  hours: number[];
  firstSeenAt: string;
  lastSeenAt: string;
  regressions: number;
  stateChangedAt: string | null;
  stateChangedBy: string | null;
  escalatedAt: string | null;
}

export interface RecoveryCount {
  strategy: string;
  code: string;
  attempts: number;
  successes: number;
  lastAttemptAt: string;
}

export interface IncidentDetail extends Incident {
  frame: string;
  cause: string;
  occurrences: { correlationId: string; at: string; place: string; principal: string | null }[];
  recoveries: RecoveryCount[];
}

export interface RecoveryStrategy {
  name: string;
  description: string;
  attempts: number;
  successes: number;
}

export interface ErrorSummary {
  hours: number;
  answered: number;
  failures: number;
  refused: { code: string; count: number }[];
  states: Record<IncidentState, number>;
}

/** Which incidents a list shows. */
export interface IncidentFilter {
  states: readonly IncidentState[];
  kind?: string | undefined;
  text?: string | undefined;
  /** ISO 8601. */
  since?: string | undefined;
}

const PAGE_LIMIT = 50;
const PATH = "/api/v3/errors";

/** The error centre. Every method throws ApiProblem when the server refuses. */
export class Incidents {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  list({ states, kind, text, since }: IncidentFilter, cursor?: string): Promise<Page<Incident>> {
    const query = { state: states, kind, text, since, cursor, limit: PAGE_LIMIT };
    return this.#api.get(PATH, { query });
  }

  get(id: string): Promise<IncidentDetail> {
    return this.#api.get(`${PATH}/${encodeURIComponent(id)}`);
  }

  summary(): Promise<ErrorSummary> {
    return this.#api.get(`${PATH}/summary`);
  }

  async strategies(): Promise<RecoveryStrategy[]> {
    return (await this.#api.get<Page<RecoveryStrategy>>(`${PATH}/strategies`)).items;
  }

  setState(id: string, state: SettableState): Promise<Incident> {
    return this.#api.put(`${PATH}/${encodeURIComponent(id)}/state`, { state });
  }
}

/** How often the open faults are asked for while the dashboard is connected. */
const WATCH_MS = 30_000;

/** Faults of Binnacle's own that nobody has settled, for whoever may see them; asked for along with the live samples. */
export class IncidentWatch {
  readonly open = new Observable<readonly Incident[]>([]);
  readonly #incidents: Pick<Incidents, "list">;
  readonly #session: Pick<Session, "can">;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(
    incidents: Pick<Incidents, "list">,
    session: Pick<Session, "can">,
    live: Pick<LiveMetrics, "sample" | "now">,
  ) {
    this.#incidents = incidents;
    this.#session = session;
    live.sample.subscribe(() => void this.look(live.now()));
  }

  /** Asks when the last answer is old enough; a refusal leaves what was known. */
  async look(nowMs: number): Promise<void> {
    if (nowMs - this.#askedAt < WATCH_MS || !this.#session.can("errors:read")) return;
    this.#askedAt = nowMs;
    const answer = await this.#incidents
      .list({ states: ["open", "reopened"], kind: "internal" })
      .catch(() => undefined);
    if (answer) this.open.set(answer.items);
  }
}
