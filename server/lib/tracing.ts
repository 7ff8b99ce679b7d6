import { AsyncLocalStorage } from "node:async_hooks";

/** Steps of one request that are kept: a list of a thousand items must not make a thousand of them. */
const MAX_STEPS = 500;
const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
/** W3C trace context: version, trace id, parent id, flags; the last bit of the flags says that the trace is recorded. */
const TRACE_PARENT = /^00-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-[0-9a-f]([0-9a-f])$/;

/** What a caller says of the trace that its request belongs to. */
export interface TraceParent {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits: the caller's own span. */
  readonly spanId: string;
  /** The caller records the trace. */
  readonly isSampled: boolean;
}

/** The header `traceparent` (https://www.w3.org/TR/trace-context/); undefined when there is none that is sound. */
export function readTraceParent(header: string | null): TraceParent | undefined {
  if (header === null) return undefined;
  const [, traceId, spanId, flags] = TRACE_PARENT.exec(header) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, isSampled: Number.parseInt(flags, 16) % 2 === 1 };
}

/** One step of a request, ended. */
export interface Step {
  readonly id: string;
  readonly parentId: string;
  readonly name: string;
  /** `performance.now()` at its beginning. */
  readonly startedMs: number;
  readonly durationMs: number;
  readonly hasFailed: boolean;
}

/** A request that is looked at closely, and the steps of it that have ended. */
export class RequestTrace {
  readonly traceId: string;
  /** The caller's span; null when the trace begins here. */
  readonly parentId: string | null;
  readonly id = newHexId(SPAN_ID_BYTES);
  readonly startedMs = performance.now();
  readonly steps: Step[] = [];
  #hasEnded = false;

  /** @param parent absent when the trace begins here. */
  constructor(parent?: TraceParent) {
    this.traceId = parent?.traceId ?? newHexId(TRACE_ID_BYTES);
    this.parentId = parent?.spanId ?? null;
  }

  /** What the answer says of it: the header `traceresponse` (W3C trace context, level 2). */
  get response(): string {
    return `00-${this.traceId}-${this.id}-01`;
  }

  /** Runs `work` as what the request does; steps within are found by {@link currentPlace}. */
  run<T>(work: () => T): T {
    return places.run({ trace: this, id: this.id }, work);
  }

  /** What the request began may go on without it, for as long as the server runs: none of it is a step any more. */
  end(): void {
    this.#hasEnded = true;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Adds a step; beyond what is kept it is left out. */
  add(step: Step): void {
    if (!this.#hasEnded && this.steps.length < MAX_STEPS) this.steps.push(step);
  }
}

/** A place in a trace under which steps hang. */
export interface TracePlace {
  readonly trace: RequestTrace;
  readonly id: string;
}

const places = new AsyncLocalStorage<TracePlace>();

/** Where the code under way stands in the trace of its request; undefined when nobody traces it. */
export function currentPlace(): TracePlace | undefined {
  const place = places.getStore();
  return place?.trace.hasEnded ? undefined : place;
}

/** Runs `work` as a step of the trace under way, if there is one. @throws whatever `work` throws */
export function traceStep<T>(name: string, work: () => T): T {
  const place = currentPlace();
  if (!place) return work();
  const id = newHexId(SPAN_ID_BYTES);
  const startedMs = performance.now();
  const end = (hasFailed: boolean): void => {
    const durationMs = performance.now() - startedMs;
    place.trace.add({ id, parentId: place.id, name, startedMs, durationMs, hasFailed });
  };
  return settled(() => places.run({ trace: place.trace, id }, work), end);
}

/** Adds a step that has just ended to the trace under way, if there is one. */
export function traceEnded(name: string, durationMs: number, hasFailed: boolean): void {
  const place = currentPlace();
  if (!place) return;
  const id = newHexId(SPAN_ID_BYTES);
  const startedMs = performance.now() - durationMs;
  place.trace.add({ id, parentId: place.id, name, startedMs, durationMs, hasFailed });
}

/** Runs `work` and calls `onEnd` once it has settled, later only when it gives a promise. */
export function settled<T>(work: () => T, onEnd: (hasFailed: boolean) => void): T {
  let result: T;
  try {
    result = work();
  } catch (error) {
    onEnd(true);
    throw error;
  }
  if (!(result instanceof Promise)) {
    onEnd(false);
    return result;
  }
  return result.then(
    (value) => {
      onEnd(false);
      return value;
    },
    (error: unknown) => {
      onEnd(true);
      throw error;
    },
  ) as T;
}

const newHexId = (bytes: number): string => crypto.getRandomValues(new Uint8Array(bytes)).toHex();
