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

const LEVEL_WORDS: Readonly<Record<string, LogLevel>> = {
  trace: "debug",
  verbose: "debug",
  debug: "debug",
  dbg: "debug",
  info: "info",
  information: "info",
  informational: "info",
  notice: "info",
  log: "info",
  warn: "warning",
  warning: "warning",
  err: "error",
  error: "error",
  severe: "error",
  crit: "error",
  critical: "error",
  fatal: "error",
  alert: "error",
  emerg: "error",
  emergency: "error",
  panic: "error",
};
/** Pino's and bunyan's numbers: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal. */
const PINO_WARNING = 40;
const PINO_INFO = 30;
const PINO_ERROR = 50;

/** The level that a word or a number of the usual loggers means; undefined when it means none. */
export function readLevel(value: unknown): LogLevel | undefined {
  if (typeof value === "number") {
    if (value >= PINO_ERROR) return "error";
    if (value >= PINO_WARNING) return "warning";
    return value >= PINO_INFO ? "info" : "debug";
  }
  return typeof value === "string" ? LEVEL_WORDS[value.toLowerCase()] : undefined;
}
