import type { Clock } from "../../lib/clock.ts";
import type { EndedRequest, Tracer } from "../../lib/probe.ts";
import { TokenBucket } from "../../lib/token-bucket.ts";
import { RequestTrace, type Step, type TraceParent } from "../../lib/tracing.ts";
import { OWN_SOURCE } from "../operation.ts";
import type { Span } from "./span.ts";
import { WaitingSpans } from "./waiting-spans.ts";

const US_PER_MS = 1_000;
/** Requests whose callers' traces are joined; each costs a few spans. */
const JOINED = { perSecond: 100, burst: 200 };
/** Requests that are looked at closely by own choice: a busy server has no need of more, and pays for each. */
const SAMPLED = { perSecond: 20, burst: 100 };
/** Own traces that are kept: six a minute leave most of the room, over three days, to those of applications. */
const OWN = { perSecond: 0.1, burst: 20 };
/** Slow ones that are kept beyond it. */
const SLOW = { perSecond: 1, burst: 30 };

/** What the settings say. */
export interface RequestTracerLimits {
  /** Of the requests without a trace of their caller's, one of so many is looked at closely; none when 0. */
  sampleEvery: number;
  /** From when on a request is slow. */
  slowMs: number;
}

interface RequestTracerParts {
  clock: Clock;
  limits: () => RequestTracerLimits;
  /** Takes secrets out of a text. */
  scrub: (text: string) => string;
}

/**
 * Looks closely at one of many requests, and at each whose caller records a trace that it belongs to. Of its own choice
 * it keeps a few a minute and the slow ones; those of strangers are never kept.
 */
export class RequestTracer implements Tracer {
  readonly #parts: RequestTracerParts;
  readonly #joined: TokenBucket;
  readonly #sampled: TokenBucket;
  readonly #own: TokenBucket;
  readonly #slow: TokenBucket;
  readonly waiting = new WaitingSpans();
  #untilSample = 0;

  constructor(parts: RequestTracerParts) {
    this.#parts = parts;
    this.#joined = new TokenBucket(JOINED, parts.clock);
    this.#sampled = new TokenBucket(SAMPLED, parts.clock);
    this.#own = new TokenBucket(OWN, parts.clock);
    this.#slow = new TokenBucket(SLOW, parts.clock);
  }

  begin(parent: TraceParent | undefined): RequestTrace | undefined {
    if (parent) return parent.isSampled && this.#joined.take() ? new RequestTrace(parent) : undefined;
    const { sampleEvery } = this.#parts.limits();
    if (sampleEvery === 0) return undefined;
    if (this.#untilSample > 0) {
      this.#untilSample--;
      return undefined;
    }
    this.#untilSample = sampleEvery - 1;
    return this.#sampled.take() ? new RequestTrace() : undefined;
  }

  end(trace: RequestTrace, request: EndedRequest): void {
    trace.end();
    if (!request.isKept || !this.#isWorthKeeping(trace, request)) return;
    const { clock } = this.#parts;
    // The wall clock may have been set meanwhile: the beginning is reckoned from the end, by the clock that never steps.
    const beganAtUs = (clock.now() - request.durationMs) * US_PER_MS;
    const atUs = (startedMs: number): number =>
      Math.round(beganAtUs + (startedMs - trace.startedMs) * US_PER_MS);
    this.waiting.add(trace.traceId, [
      this.#root(trace, request, Math.round(beganAtUs)),
      ...trace.steps.map((step) => this.#child(trace.traceId, step, atUs(step.startedMs))),
    ]);
  }

  #isWorthKeeping(trace: RequestTrace, { durationMs }: EndedRequest): boolean {
    if (trace.parentId !== null || this.#own.take()) return true;
    return durationMs >= this.#parts.limits().slowMs && this.#slow.take();
  }

  #root(trace: RequestTrace, { name, durationMs, hasFailed, attributes }: EndedRequest, at: number): Span {
    const { scrub } = this.#parts;
    const kept = Object.entries(attributes).map(([key, value]) => [
      key,
      typeof value === "string" ? scrub(value).toWellFormed() : value,
    ]);
    return {
      traceId: trace.traceId,
      id: trace.id,
      parentId: trace.parentId,
      name,
      kind: "server",
      service: OWN_SOURCE,
      startedAtUs: at,
      durationUs: Math.round(durationMs * US_PER_MS),
      hasFailed,
      message: "",
      attributes: Object.fromEntries(kept),
      events: [],
    };
  }

  #child(traceId: string, { id, parentId, name, durationMs, hasFailed }: Step, at: number): Span {
    return {
      traceId,
      id,
      parentId,
      name,
      kind: "internal",
      service: OWN_SOURCE,
      startedAtUs: at,
      durationUs: Math.round(durationMs * US_PER_MS),
      hasFailed,
      message: "",
      attributes: {},
      events: [],
    };
  }
}
