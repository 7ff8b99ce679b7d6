import type { Api } from "./api.ts";
import type { Page } from "./types.ts";

/** A trace as a list shows it; durations are seconds. */
export interface Trace {
  traceId: string;
  /** Of its root span. */
  name: string;
  service: string;
  startedAt: string;
  duration: number;
  spanCount: number;
  errorCount: number;
}

export type Attributes = Record<string, string | number | boolean>;

/** One step of a trace; `offset` and `duration` are seconds. */
export interface Span {
  spanId: string;
  parentId: string | null;
  depth: number;
  name: string;
  kind: string;
  service: string;
  /** From the beginning of the trace. */
  offset: number;
  duration: number;
  /** How far it is shown from where its sender's clock put it. */
  moved: number;
  failed: boolean;
  message: string;
  attributes: Attributes;
  events: { name: string; offset: number; attributes: Attributes }[];
}

export interface TraceDetail extends Trace {
  /** Parents before children, siblings by their start. */
  spans: Span[];
}

/** Which traces a list shows. */
export interface TraceFilter {
  service?: string | undefined;
  name?: string | undefined;
  /** Seconds. */
  minDuration?: number | undefined;
  failed?: "true" | undefined;
  /** ISO 8601. */
  since?: string | undefined;
}

const PATH = "/api/v3/traces";
const PAGE_LIMIT = 50;

/** Traces of applications and of the server's own requests. Every method throws ApiProblem when the server refuses. */
export class Traces {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** The latest first. */
  list(filter: TraceFilter, cursor?: string): Promise<Page<Trace>> {
    return this.#api.get(PATH, { query: { ...filter, cursor, limit: PAGE_LIMIT } });
  }

  get(traceId: string): Promise<TraceDetail> {
    return this.#api.get(`${PATH}/${encodeURIComponent(traceId)}`);
  }
}
