import type { LogLevel } from "../../schema/rules/log-levels.ts";
import { type LogLine, levelNumber } from "./line.ts";
import { lineText } from "./store/text.ts";
import type { TextQuery } from "./text-query.ts";

/** Which lines somebody wants; what is absent does not count. */
export interface LineFilter {
  levels?: readonly LogLevel[] | undefined;
  sources?: readonly string[] | undefined;
  text?: TextQuery | undefined;
  /** Epoch milliseconds; both ends belong to it. */
  from?: number | undefined;
  to?: number | undefined;
}

/** Whether a line that has just come in is wanted; stored ones are judged column by column. */
export function matchesLine(filter: LineFilter, line: LogLine): boolean {
  const { levels, sources, text } = filter;
  if (levels && !levels.includes(line.level)) return false;
  if (sources && !sources.includes(line.source)) return false;
  if (
    line.at < (filter.from ?? Number.NEGATIVE_INFINITY) ||
    line.at > (filter.to ?? Number.POSITIVE_INFINITY)
  )
    return false;
  if (!text) return true;
  const whole = lineText(line.message, line.fields);
  return text.matches({ text: whole, lower: whole.toLowerCase() });
}

/** The wanted levels as bits, the level's number as the place. */
export const levelBits = (levels: readonly LogLevel[] | undefined): number | undefined =>
  levels?.reduce((bits, level) => bits | (1 << levelNumber(level)), 0);
