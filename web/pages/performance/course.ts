import type { HistoryPoint, OperationHistory } from "../../data/operations.ts";
import type { Frame, FrameLine } from "../../lib/frame.ts";

const MS_PER_SECOND = 1_000;

/** A line of a chart: what it is called, and what it reads of a window; null where nothing ran and so nothing is known. */
export interface CourseLine {
  key: string;
  label: string;
  colour: number;
  read(point: HistoryPoint | undefined): number | null;
}

export const LATENCY_LINES: readonly CourseLine[] = [
  { key: "p50", label: "p50", colour: 0, read: (point) => point?.p50Duration ?? null },
  { key: "p95", label: "p95", colour: 1, read: (point) => point?.p95Duration ?? null },
  { key: "p99", label: "p99", colour: 4, read: (point) => point?.p99Duration ?? null },
];

export const RATE_LINES: readonly CourseLine[] = [
  { key: "rate", label: "calls", colour: 2, read: (point) => point?.throughput ?? 0 },
];

export const ERROR_LINES: readonly CourseLine[] = [
  {
    key: "errors",
    label: "failed",
    colour: 4,
    read: (point) => (point === undefined ? null : (100 * point.errorCount) / Math.max(1, point.callCount)),
  },
];

/** The stretch of time that a history is of, in epoch milliseconds. */
export const stretchOf = ({ from, to }: Pick<OperationHistory, "from" | "to">) => ({
  fromMs: Date.parse(from),
  toMs: Date.parse(to),
});

/** Steps as wide as the windows, so that a single one can be seen; between windows without calls there is a gap. */
export function courseFrame(history: OperationHistory, lines: readonly CourseLine[]): Frame {
  const { fromMs, toMs } = stretchOf(history);
  const widthMs = history.windowSeconds * MS_PER_SECOND;
  const points = new Map(history.points.map((point) => [point.at, point]));
  const begin = history.points[0]?.at ?? fromMs;
  const t: number[] = [];
  const columns: (HistoryPoint | undefined)[] = [];
  for (let at = begin; at < toMs; at += widthMs) {
    t.push(at, Math.min(toMs, at + widthMs) - 1);
    columns.push(points.get(at), points.get(at));
  }
  return { t, lines: lines.map((line) => frameLine(line, columns)) };
}

function frameLine({ key, read }: CourseLine, columns: readonly (HistoryPoint | undefined)[]): FrameLine {
  const values = columns.map(read);
  return { key, min: values, avg: values, max: values };
}
