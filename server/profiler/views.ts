import type { HistoryView, ReportBody, SlowView, StatisticsPage, StatisticsView } from "./model.ts";
import type { OperationIdentity, OperationStatistics, SlowOperation } from "./operation.ts";
import { cleanName, MAX_SOURCE_LENGTH } from "./operation.ts";
import type { CoursePoint, StatisticsPage as Found, OperationHistory, ReportedOperation } from "./service.ts";
import type { DurationSketch } from "./sketch.ts";

const MS_PER_SECOND = 1_000;
/** Columns that a distribution is drawn in, at most. */
const DISTRIBUTION_COLUMNS = 48;
const iso = (at: number): string => new Date(at).toISOString();
const secondsOf = (ms: number): number => ms / MS_PER_SECOND;

const identityView = ({ name, kind, source }: OperationIdentity) => ({
  operation: name,
  kind,
  service: source,
});

const durationsView = (sketch: DurationSketch) => ({
  averageDuration: secondsOf(sketch.averageMs),
  minDuration: secondsOf(sketch.count === 0 ? 0 : sketch.minMs),
  maxDuration: secondsOf(sketch.maxMs),
  p50Duration: secondsOf(sketch.quantile(0.5)),
  p95Duration: secondsOf(sketch.quantile(0.95)),
  p99Duration: secondsOf(sketch.quantile(0.99)),
});

const countsView = (sketch: DurationSketch, errors: number, spanMs: number) => ({
  callCount: sketch.count,
  errorCount: errors,
  throughput: sketch.count / Math.max(1, secondsOf(spanMs)),
});

/** An operation's statistics over `spanMs`. */
export const statisticsView = (one: OperationStatistics, spanMs: number): StatisticsView => ({
  id: one.id,
  ...identityView(one),
  ...countsView(one.sketch, one.errors, spanMs),
  ...durationsView(one.sketch),
  totalDuration: secondsOf(one.sketch.sumMs),
  lastSeenAt: iso(one.lastSeenAt),
});

/** A page of statistics; with the course of each if asked. */
export const statisticsPage = (
  { items, nextCursor, from, to }: Found,
  { overflowed, droppedSlow }: { overflowed: number; droppedSlow: number },
): StatisticsPage => ({
  items: items.map((one) => ({
    ...statisticsView(one, to - from),
    ...(one.course ? { course: one.course.map(courseView) } : {}),
  })),
  nextCursor,
  from: iso(from),
  to: iso(to),
  overflowed,
  droppedSlow,
});

const courseView = ({ at, calls, p95Ms }: CoursePoint) => ({
  at,
  callCount: calls,
  p95Duration: secondsOf(p95Ms),
});

/** An operation over time. */
export const historyView = ({ statistics, windows, from, to, widthMs }: OperationHistory): HistoryView => ({
  ...statisticsView(statistics, to - from),
  from: iso(from),
  to: iso(to),
  windowSeconds: secondsOf(widthMs),
  points: windows.map(({ startAt, sketch, errors }) => ({
    at: startAt,
    ...countsView(sketch, errors, widthMs),
    ...durationsView(sketch),
  })),
  distribution: statistics.sketch.distribution(DISTRIBUTION_COLUMNS).map(({ fromMs, toMs, count }) => ({
    from: secondsOf(fromMs),
    to: secondsOf(toMs),
    count,
  })),
});

export const slowView = ({
  at,
  durationMs,
  thresholdMs,
  hasFailed,
  ...slow
}: SlowOperation & { id: number }): SlowView => ({
  id: slow.id,
  ...identityView(slow),
  duration: secondsOf(durationMs),
  threshold: secondsOf(thresholdMs),
  failed: hasFailed,
  at: iso(at),
  correlationId: slow.correlationId,
  traceId: slow.traceId,
  principal: slow.principal,
  attributes: slow.attributes,
});

/** What an application reported, in our units; a moment in the future counts as now. */
export const reportedOperations = ({ operations }: ReportBody, now: number): ReportedOperation[] =>
  operations.map(({ operation, service = "application", duration, failed = false, at, ...context }) => ({
    operation: { kind: "app", source: applicationName(service), name: cleanName(operation) },
    durationMs: duration * MS_PER_SECOND,
    hasFailed: failed,
    at: at === undefined ? now : Math.min(now, Date.parse(at)),
    ...context,
  }));

/** The name of an application: never our own. */
export function applicationName(service: string): string {
  const name = cleanName(service, MAX_SOURCE_LENGTH);
  return name.toLowerCase() === "binnacle" ? `${name} (reported)` : name;
}
