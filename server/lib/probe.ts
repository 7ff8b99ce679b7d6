import type { OperationKind } from "../../schema/rules/operations.ts";
import { currentPlace, type RequestTrace, type TraceParent, traceStep } from "./tracing.ts";

/** What is known of an operation beside how long it took. */
export interface OperationContext {
  readonly correlationId?: string | undefined;
  /** W3C trace id, 32 hexadecimal digits. */
  readonly traceId?: string | undefined;
  readonly principal?: string | undefined;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
}

/** Takes what was timed: must be quick and must not throw. */
export interface Observer {
  /**
   * @param name one that is used again is best the same string each time: it is looked up by its hash.
   * @param describe is only called when the operation is kept with its context.
   */
  record(
    kind: OperationKind,
    name: string,
    durationMs: number,
    hasFailed: boolean,
    describe?: () => OperationContext,
  ): void;
}

/** A request as its trace shows it. */
export interface EndedRequest {
  readonly name: string;
  readonly durationMs: number;
  readonly hasFailed: boolean;
  /** False for what strangers ask, so that they cannot fill what is kept, and for what is no single answer. */
  readonly isKept: boolean;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

/** Chooses the requests that are looked at closely, and keeps what was seen. Must be quick and must not throw. */
export interface Tracer {
  /** The trace of a request that begins now; undefined for most. */
  begin(parent: TraceParent | undefined): RequestTrace | undefined;
  end(trace: RequestTrace, request: EndedRequest): void;
}

/** A query that ran, and what came out. */
export interface AnsweredQuery {
  readonly name: string;
  /** The same for the same query of the same caller with the same variables. */
  readonly key: string;
  readonly answer: string;
  readonly durationMs: number;
  /** Its answer may be kept in the cache of queries. */
  readonly isCacheable: boolean;
}

/**
 * Where every layer tells what it timed. Nobody listens while the profiler is off, and then nothing is measured either:
 * `probe.observer?.record(…)`.
 */
export class Probe {
  observer: Observer | undefined;
  tracer: Tracer | undefined;
  /** Hears of queries of requests that are looked at closely. Must be quick and must not throw. */
  onQuery: ((query: AnsweredQuery) => void) | undefined;

  /** Runs `work` and tells how long it took; just runs it when nobody listens. @throws whatever `work` throws */
  async time<T>(kind: OperationKind, name: string, work: () => Promise<T>): Promise<T> {
    if (!this.observer) return work();
    const startedMs = performance.now();
    let hasFailed = true;
    try {
      const result = await (currentPlace() ? traceStep(`${kind} ${name}`, work) : work());
      hasFailed = false;
      return result;
    } finally {
      this.observer?.record(kind, name, performance.now() - startedMs, hasFailed);
    }
  }
}
