import type { LogLevel } from "../../schema/rules/log-levels.ts";

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
