import type { Span } from "./span.ts";

/** Spans that wait; what comes beyond is not kept. */
const MAX_WAITING = 5_000;

/** Spans that wait to be written, by their trace. Whoever reads traces reads them too, so that reading writes nothing. */
export class WaitingSpans {
  readonly #byTrace = new Map<string, Span[]>();
  #count = 0;

  /** Takes spans of one trace; all of them, or none where there is no room. */
  add(traceId: string, spans: readonly Span[]): void {
    if (this.#count + spans.length > MAX_WAITING) return;
    this.#count += spans.length;
    const before = this.#byTrace.get(traceId);
    if (before) before.push(...spans);
    else this.#byTrace.set(traceId, [...spans]);
  }

  /** Those of one trace, in the order in which they came. */
  of(traceId: string): readonly Span[] {
    return this.#byTrace.get(traceId) ?? [];
  }

  /** Traces with their spans, as of now. */
  list(): (readonly [traceId: string, spans: Span[]])[] {
    return [...this.#byTrace].map(([traceId, spans]) => [traceId, [...spans]]);
  }

  /** Leaves out the first `count` of a trace: they are written. */
  forget(traceId: string, count: number): void {
    const left = this.of(traceId).slice(count);
    this.#count -= this.of(traceId).length - left.length;
    if (left.length === 0) this.#byTrace.delete(traceId);
    else this.#byTrace.set(traceId, left);
  }
}
