import { LOG_LEVELS, type LogLevel } from "../../schema/rules/log-levels.ts";

type Counts = Record<LogLevel, number>;

/** Lines of each level over time; times are epoch milliseconds. */
export interface LevelBars {
  from: number;
  to: number;
  stepMs: number;
  buckets: readonly ({ at: number } & Counts)[];
}

/** Counts lines that came in. Bars of a moving window give way at its beginning for what lies behind its end. */
export function withLines<Bars extends LevelBars>(
  bars: Bars,
  lines: readonly { at: string; level: LogLevel }[],
): Bars {
  const buckets = bars.buckets.map((bucket) => ({ ...bucket }));
  for (const { at, level } of lines) {
    const atMs = Date.parse(at);
    let last = buckets.at(-1);
    if (last === undefined || atMs - last.at > bars.stepMs * buckets.length * 2) continue;
    while (last !== undefined && atMs >= last.at + bars.stepMs) {
      buckets.shift();
      last = { at: last.at + bars.stepMs, debug: 0, info: 0, warning: 0, error: 0 };
      buckets.push(last);
    }
    const bucket = buckets[Math.floor((atMs - (buckets[0]?.at ?? 0)) / bars.stepMs)];
    if (bucket !== undefined) bucket[level] += 1;
  }
  const from = buckets[0]?.at ?? bars.from;
  const to = Math.max(bars.to, (buckets.at(-1)?.at ?? bars.to) + bars.stepMs);
  return { ...bars, from, to: from === bars.from ? bars.to : to, buckets };
}

/** Lines of each level of all bars. */
export function totalsOf({ buckets }: LevelBars): Counts & { lines: number } {
  const totals = { debug: 0, info: 0, warning: 0, error: 0, lines: 0 };
  for (const bucket of buckets) {
    for (const level of LOG_LEVELS) {
      totals[level] += bucket[level];
      totals.lines += bucket[level];
    }
  }
  return totals;
}
