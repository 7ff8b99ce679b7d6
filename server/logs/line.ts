import { LOG_LEVELS, type LogLevel } from "../../schema/rules/log-levels.ts";

/** What a line carries beside its message: flat, dotted keys. */
export type LineFields = Readonly<Record<string, unknown>>;

/** A line as it comes in. */
export interface NewLine {
  /** When it was written, epoch milliseconds. */
  at: number;
  level: LogLevel;
  /** Who wrote it. */
  source: string;
  message: string;
  fields?: LineFields;
}

/** The name that lines of this server stand under; what others send never does. */
export const OWN_SOURCE = "binnacle";

/** Who brought a line: the number of sources that one may name is bounded. */
export interface Sender {
  /** Empty for what this machine reads by itself. */
  id: string;
  name: string;
}

/** A line that is kept; its number grows in the order of arrival and is never used twice. */
export interface LogLine extends NewLine {
  id: number;
  fields: LineFields;
}

/** Lines of each level. */
export type LevelCounts = Record<LogLevel, number>;

/** Names of fields that every source agrees on, so that one value finds a request everywhere. */
export const CORRELATION_FIELD = "correlationId";
export const TRACE_FIELD = "traceId";
export const SPAN_FIELD = "spanId";
/** How much was left out of a line that was too long. */
export const CUT_FIELD = "cutCharacters";

/** The number of a level as it is stored. */
export const levelNumber = (level: LogLevel): number => LOG_LEVELS.indexOf(level);

/** The level of a stored number; what is unknown counts as the most severe, so that it is not overlooked. */
export const levelOf = (number: number): LogLevel => LOG_LEVELS[number] ?? "error";

export const noLines = (): LevelCounts => ({ debug: 0, info: 0, warning: 0, error: 0 });
