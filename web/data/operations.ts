import type { OperationKind, StatisticsOrder, StatisticsWindow } from "../../schema/rules/operations.ts";
import type { TimeWindow } from "../lib/time-range.ts";
import type { Api } from "./api.ts";
import type { Page } from "./types.ts";

/** How one operation went; durations are seconds, `throughput` is calls a second. */
export interface OperationStatistics {
  id: number;
  operation: string;
  kind: OperationKind;
  /** binnacle, or the application that reported it. */
  service: string;
  callCount: number;
  errorCount: number;
  throughput: number;
  averageDuration: number;
  minDuration: number;
  maxDuration: number;
  p50Duration: number;
  p95Duration: number;
  p99Duration: number;
  totalDuration: number;
  lastSeenAt: string;
  /** Oldest first; a window without calls has no point. */
  course?: { at: number; callCount: number; p95Duration: number }[];
}

export interface StatisticsPage extends Page<OperationStatistics> {
  from: string;
  to: string;
  /** Runs counted under (other), for there are too many names. */
  overflowed: number;
  droppedSlow: number;
}

type Figures =
  | "callCount"
  | "errorCount"
  | "throughput"
  | "averageDuration"
  | "minDuration"
  | "maxDuration"
  | "p50Duration"
  | "p95Duration"
  | "p99Duration";

export type HistoryPoint = Pick<OperationStatistics, Figures> & { at: number };

export interface OperationHistory extends OperationStatistics {
  from: string;
  to: string;
  windowSeconds: number;
  points: HistoryPoint[];
  /** Seconds: above `from`, up to `to`. */
  distribution: { from: number; to: number; count: number }[];
}

export interface SlowOperation {
  id: number;
  operation: string;
  kind: OperationKind;
  service: string;
  /** Seconds. */
  duration: number;
  threshold: number;
  failed: boolean;
  at: string;
  correlationId: string | null;
  traceId: string | null;
  principal: string | null;
  attributes: Record<string, string>;
}

export interface Suggestion {
  kind: string;
  subject: string;
  finding: string;
  action: string;
  evidence: Record<string, string | number>;
}

/** Which slow operations a list shows. */
export interface SlowFilter {
  operation?: string | undefined;
  kind?: OperationKind | undefined;
  service?: string | undefined;
  /** ISO 8601. */
  since?: string | undefined;
  until?: string | undefined;
}

const PATH = "/api/v3/profiler";
/** As many as come with their course. */
const MAX_OPERATIONS = 200;
const MAX_SLOW = 200;
/** A large profiler has much to read. */
const TIMEOUT_MS = 30_000;

/** How long operations take. Every method throws ApiProblem when the server refuses. */
export class Operations {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** @param kinds of any of these, or of all when there are none */
  list(
    window: StatisticsWindow,
    sort: StatisticsOrder,
    text: string,
    kinds: readonly OperationKind[],
  ): Promise<StatisticsPage> {
    const query = {
      window,
      sort,
      kind: kinds,
      text: text === "" ? undefined : text,
      limit: MAX_OPERATIONS,
      course: "true",
    };
    return this.#api.get(`${PATH}/stats`, { query, timeoutMs: TIMEOUT_MS });
  }

  /** @param window epoch milliseconds; the answer says which whole windows of the server it touches. */
  history(id: string, { fromMs, toMs }: TimeWindow): Promise<OperationHistory> {
    const query = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
    return this.#api.get(`${PATH}/operations/${encodeURIComponent(id)}/history`, { query });
  }

  /** The slowest first. */
  async slow(filter: SlowFilter): Promise<SlowOperation[]> {
    const query = { ...filter, limit: MAX_SLOW, threshold: 0 };
    return (await this.#api.get<Page<SlowOperation>>(`${PATH}/slow-operations`, { query })).items;
  }

  async suggestions(): Promise<Suggestion[]> {
    const answer = await this.#api.get<Page<Suggestion>>(`${PATH}/suggestions`, { timeoutMs: TIMEOUT_MS });
    return answer.items;
  }
}
