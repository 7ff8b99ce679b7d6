import type { LogLevel } from "../../schema/rules/log-levels.ts";
import { type LogLine, levelNumber } from "./line.ts";
import { lineText } from "./store/text.ts";
import type { FoldedText, TextQuery } from "./text-query.ts";

/** Which lines somebody wants; what is absent does not count. */
export interface LineFilter {
  levels?: readonly LogLevel[] | undefined;
  sources?: readonly string[] | undefined;
  text?: TextQuery | undefined;
  /** Epoch milliseconds; both ends belong to it. */
  from?: number | undefined;
  to?: number | undefined;
}

/** The text of a line that a search looks through. */
export function foldLine({ message, fields }: LogLine): FoldedText {
  const text = lineText(message, fields);
  return { text, lower: text.toLowerCase() };
}

/**
 * Whether a line that has just come in is wanted; stored ones are judged column by column.
 * @param fold is only called when words are looked for.
 */
export function matchesLine(
  filter: LineFilter,
  line: LogLine,
  fold: (line: LogLine) => FoldedText = foldLine,
): boolean {
  const { levels, sources, text } = filter;
  if (levels && !levels.includes(line.level)) return false;
  if (sources && !sources.includes(line.source)) return false;
  if (
    line.at < (filter.from ?? Number.NEGATIVE_INFINITY) ||
    line.at > (filter.to ?? Number.POSITIVE_INFINITY)
  )
    return false;
  return text?.matches(fold(line)) ?? true;
}

/** The wanted levels as bits, the level's number as the place. */
export const levelBits = (levels: readonly LogLevel[] | undefined): number | undefined =>
  levels?.reduce((bits, level) => bits | (1 << levelNumber(level)), 0);
