import type { SpanView, TraceDetail, TraceView } from "./model.ts";
import type { Trace } from "./span.ts";
import type { PlacedSpan } from "./waterfall.ts";

const US_PER_MS = 1_000;
const US_PER_SECOND = 1_000_000;

export const traceView = (trace: Trace): TraceView => ({
  traceId: trace.id,
  name: trace.name,
  service: trace.service,
  startedAt: new Date(Math.floor(trace.startedAtUs / US_PER_MS)).toISOString(),
  duration: trace.durationUs / US_PER_SECOND,
  spanCount: trace.spans,
  errorCount: trace.errors,
});

export const traceDetail = ({
  trace,
  spans,
}: {
  trace: Trace;
  spans: readonly PlacedSpan[];
}): TraceDetail => ({
  ...traceView(trace),
  spans: spans.map((span) => spanView(span, trace.startedAtUs)),
});

const spanView = (span: PlacedSpan, beginUs: number): SpanView => ({
  spanId: span.id,
  parentId: span.parentId,
  depth: span.depth,
  name: span.name,
  kind: span.kind,
  service: span.service,
  offset: (span.startedAtUs - beginUs) / US_PER_SECOND,
  duration: span.durationUs / US_PER_SECOND,
  moved: span.movedUs / US_PER_SECOND,
  failed: span.hasFailed,
  message: span.message,
  attributes: span.attributes,
  events: span.events.map(({ offsetUs, ...event }) => ({ ...event, offset: offsetUs / US_PER_SECOND })),
});
