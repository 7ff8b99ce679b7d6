import type { LogLevel } from "../../schema/rules/log-levels.ts";

const WORDS_OF_LEVELS: readonly (readonly [LogLevel, readonly string[]])[] = [
  ["debug", ["trace", "verbose", "debug", "dbg"]],
  ["info", ["info", "information", "informational", "notice", "log"]],
  ["warning", ["warn", "warning"]],
  ["error", ["err", "error", "severe", "crit", "critical", "fatal", "alert", "emerg", "emergency", "panic"]],
];
/** Words come from strangers: what every object inherits, such as `constructor`, is none. */
const LEVEL_WORDS: ReadonlyMap<string, LogLevel> = new Map(
  WORDS_OF_LEVELS.flatMap(([level, words]) => words.map((word) => [word, level])),
);
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
  return typeof value === "string" ? LEVEL_WORDS.get(value.toLowerCase()) : undefined;
}
