import type { Span, Trace } from "./span.ts";

/** A trace as it is stored. */
export interface StoredTrace extends Trace {
  endedAtUs: number;
}

/** A trace that has no span yet, named by the earliest of those it is about to get. @param spans at least one */
export function emptyTrace(id: string, spans: readonly [Span, ...Span[]]): StoredTrace {
  const { name, service, startedAtUs } = spans.reduce((a, b) => (b.startedAtUs < a.startedAtUs ? b : a));
  return { id, name, service, startedAtUs, endedAtUs: startedAtUs, durationUs: 0, spans: 0, errors: 0 };
}

/** What a trace has before its spans are counted. */
export const NO_SPANS = {
  startedAtUs: Number.POSITIVE_INFINITY,
  endedAtUs: Number.NEGATIVE_INFINITY,
  spans: 0,
  errors: 0,
} as const;

/** The trace once the spans are added: its root names it as soon as it is there. */
export function grown(trace: StoredTrace, added: readonly Span[]): StoredTrace {
  const { name, service } = added.find(({ parentId }) => parentId === null) ?? trace;
  let { startedAtUs, endedAtUs, errors } = trace;
  for (const span of added) {
    startedAtUs = Math.min(startedAtUs, span.startedAtUs);
    endedAtUs = Math.max(endedAtUs, span.startedAtUs + span.durationUs);
    if (span.hasFailed) errors++;
  }
  const durationUs = endedAtUs - startedAtUs;
  const spans = trace.spans + added.length;
  return { id: trace.id, name, service, startedAtUs, endedAtUs, durationUs, spans, errors };
}

/** The trace with spans that wait to be written. */
export function withWaiting(
  id: string,
  stored: StoredTrace | undefined,
  waiting: readonly Span[],
): StoredTrace | undefined {
  const [first, ...rest] = waiting;
  if (!first) return stored;
  return grown(stored ?? emptyTrace(id, [first, ...rest]), waiting);
}
