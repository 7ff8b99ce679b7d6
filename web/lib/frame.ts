import type { SeriesHistory } from "../data/types.ts";

/** A live value is a gap's end when it comes later than this many sampling intervals. */
const GAP_INTERVALS = 2.5;
const MS_PER_SECOND = 1000;

/** One line's values on the shared time axis: `null` is a gap, `undefined` no bucket of this series there. */
export interface FrameLine {
  key: string;
  min: (number | null | undefined)[];
  avg: (number | null | undefined)[];
  max: (number | null | undefined)[];
}

/** What a chart draws: one ascending time axis in epoch milliseconds and the lines on it. */
export interface Frame {
  t: number[];
  lines: FrameLine[];
}

export const EMPTY_FRAME: Frame = { t: [], lines: [] };

/** Puts histories of possibly different resolution on one axis, in the order of `keys`. */
export function frameOf(keys: readonly string[], histories: ReadonlyMap<string, SeriesHistory>): Frame {
  const present = keys.flatMap((key) => histories.get(key) ?? []);
  const t = mergedTimes(present.map((history) => history.t));
  const lines = keys.map((key): FrameLine => {
    const history = histories.get(key);
    if (history === undefined) return emptyLine(key, t.length);
    if (history.t.length === t.length)
      return { key, min: [...history.min], avg: [...history.avg], max: [...history.max] };
    const line = emptyLine(key, t.length);
    let position = 0;
    history.t.forEach((at, index) => {
      while (position < t.length && t[position] !== at) position += 1;
      line.min[position] = history.min[index];
      line.avg[position] = history.avg[index];
      line.max[position] = history.max[index];
    });
    return line;
  });
  return { t, lines };
}

function emptyLine(key: string, length: number): FrameLine {
  const none = (): undefined[] => new Array<undefined>(length).fill(undefined);
  return { key, min: none(), avg: none(), max: none() };
}

function mergedTimes(axes: readonly number[][]): number[] {
  const [first = []] = axes;
  const isShared = axes.every(
    (axis) => axis.length === first.length && axis.every((at, index) => at === first[index]),
  );
  if (isShared) return [...first];
  return [...new Set(axes.flat())].sort((a, b) => a - b);
}

/**
 * A new frame with one live sample at its end (a gap before it when samples are missing) and everything
 * before `fromMs` cut off, but for the one point that lets lines reach the left edge.
 */
export function appendSample(
  frame: Frame,
  sample: { at: number; values: ReadonlyMap<string, number> },
  fromMs: number,
  intervalMs: number,
): Frame {
  const lastAt = frame.t.at(-1);
  if (lastAt !== undefined && sample.at <= lastAt) return frame;
  const isGap =
    lastAt !== undefined && sample.at - lastAt > Math.max(intervalMs, stepOf(frame)) * GAP_INTERVALS;
  const start = Math.max(0, frame.t.findIndex((at) => at >= fromMs) - 1);
  const t = frame.t.slice(start);
  if (isGap) t.push(lastAt + intervalMs);
  t.push(sample.at);
  const lines = frame.lines.map((line) => {
    const value = sample.values.get(line.key) ?? null;
    const tail = isGap ? [null, value] : [value];
    return {
      key: line.key,
      min: [...line.min.slice(start), ...tail],
      avg: [...line.avg.slice(start), ...tail],
      max: [...line.max.slice(start), ...tail],
    };
  });
  return { t, lines };
}

/** The distance of the last two buckets: coarse history is not a gap before the first live sample. */
function stepOf(frame: Frame): number {
  const [previous, last] = frame.t.slice(-2);
  return previous === undefined || last === undefined ? 0 : last - previous;
}

/** How fast counters grow, a second. There is none for the first value, nor where a counter began anew. */
export function ratesOf({ t, lines }: Frame): Frame {
  return {
    t,
    lines: lines.map(({ key, avg }) => {
      let before: { at: number; value: number } | undefined;
      const rates = avg.map((value, index) => {
        const at = t[index] ?? 0;
        if (value === undefined) return undefined;
        const last = before;
        before = value === null ? undefined : { at, value };
        if (value === null || last === undefined || at <= last.at || value < last.value) return null;
        return ((value - last.value) * MS_PER_SECOND) / (at - last.at);
      });
      return { key, min: rates, avg: rates, max: rates };
    }),
  };
}

export interface LineSummary {
  last: number | null;
  min: number | null;
  avg: number | null;
  max: number | null;
}

/** Last, least, mean and greatest value of a line; all null when it has no value. */
export function summarise(line: FrameLine): LineSummary {
  let sum = 0;
  let count = 0;
  let last: number | null = null;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  line.avg.forEach((value, index) => {
    if (value === null || value === undefined) return;
    last = value;
    sum += value;
    count += 1;
    min = Math.min(min, line.min[index] ?? value);
    max = Math.max(max, line.max[index] ?? value);
  });
  return count === 0 ? { last, min: null, avg: null, max: null } : { last, min, avg: sum / count, max };
}
