import { AsyncLocalStorage } from "node:async_hooks";
import {
  configure,
  getConsoleSink,
  getLogger,
  type LogRecord,
  type Logger as LogTapeLogger,
  reset,
  type Sink,
} from "@logtape/logtape";
import type { LogLevel } from "../../schema/rules/log-levels.ts";
import { AppError } from "../errors/app-error.ts";
import { onOneLine } from "../lib/one-line.ts";
import { rotatingFileSink } from "./rotating-file.ts";

/** What a line carries beside its message. An `error` is written with its code and cause. */
export type LogFields = Record<string, unknown>;

/** Structured logging: a constant message and the facts as fields. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warning(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger of one part, named in each line. */
  child(part: string): Logger;
}

/** Where log lines go. */
export interface LogOptions {
  level: LogLevel;
  /** NDJSON file, rotated; absent for offline commands. */
  file?: string;
  /** Lines on standard error: for a person, as NDJSON, or none. */
  console: "pretty" | "json" | "off";
  /** Takes secrets out of a finished line. */
  scrub?: (line: string) => string;
}

const MAX_FILE_SIZE_BYTES = 16 * 1024 * 1024;
/** Files of Binnacle's own log that were put aside and are kept. */
export const MAX_FILES = 5;
const MAX_FILE_AGE_MS = 24 * 3_600_000;
const REDACTED = "[redacted]";
const SECRET_FIELD = /pass(word|phrase)|secret|token|authorization|cookie|api.?key/i;

/** The context of the work under way: its fields stand in every line written within. */
export const logContext = new AsyncLocalStorage<Record<string, unknown>>();

/**
 * Starts logging for this process and gives the root logger. Called again, it takes the new options (level change).
 * Fields whose name speaks of a secret are redacted, at any depth.
 */
export async function startLogging(options: LogOptions): Promise<Logger> {
  const sinks: Record<string, Sink> = {};
  const scrub = options.scrub ?? ((line) => line);
  const asJson = (record: LogRecord): string => scrub(jsonLine(record));
  const asText = (record: LogRecord): string => scrub(prettyLine(record));
  if (options.console !== "off") {
    sinks.console = getConsoleSink({
      formatter: options.console === "json" ? asJson : asText,
      levelMap: {
        debug: "error",
        info: "error",
        warning: "error",
        error: "error",
        fatal: "error",
        trace: "error",
      },
    });
  }
  if (options.file) {
    sinks.file = rotatingFileSink(options.file, {
      formatter: asJson,
      maxSizeBytes: MAX_FILE_SIZE_BYTES,
      maxFiles: MAX_FILES,
      maxAgeMs: MAX_FILE_AGE_MS,
    });
  }
  await configure({
    reset: true,
    sinks,
    loggers: [
      { category: "binnacle", lowestLevel: options.level, sinks: Object.keys(sinks) },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: Object.keys(sinks) },
    ],
    contextLocalStorage: logContext,
  });
  return wrap(getLogger("binnacle"));
}

/** Writes what is buffered and closes the files. */
export const stopLogging = (): Promise<void> => reset();

/** A logger that says nothing; for tests and offline commands. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warning() {},
  error() {},
  child: () => silentLogger,
};

function wrap(logger: LogTapeLogger): Logger {
  return {
    debug: (message, fields) => logger.debug(message, fields ?? {}),
    info: (message, fields) => logger.info(message, fields ?? {}),
    warning: (message, fields) => logger.warn(message, fields ?? {}),
    error: (message, fields) => logger.error(message, fields ?? {}),
    child: (part) => wrap(logger.getChild(part)),
  };
}

function jsonLine(record: LogRecord): string {
  const line = {
    time: new Date(record.timestamp).toISOString(),
    level: record.level,
    part: record.category.slice(1).join(".") || undefined,
    message: record.message.join(""),
    ...plainFields(record.properties),
  };
  return `${JSON.stringify(line)}\n`;
}

/** For the person at the terminal: what stands in it may be another's, such as the words of a plugin or of a service. */
function prettyLine(record: LogRecord): string {
  const time = new Date(record.timestamp).toISOString().slice(11, 19);
  const fields = Object.entries(plainFields(record.properties))
    .map(([name, value]) => ` ${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("");
  return onOneLine(`${time} ${record.level.padEnd(7)} ${record.message.join("")}${fields}`);
}

function plainFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(name, value)]));
}

function plain(name: string, value: unknown): unknown {
  if (SECRET_FIELD.test(name) && value !== undefined && value !== null) return REDACTED;
  if (value instanceof AppError)
    return { code: value.code, message: value.message, cause: plain("cause", value.cause) };
  if (value instanceof Error) return { name: value.name, message: value.message, stack: value.stack };
  if (Array.isArray(value)) return value.map((item) => plain("", item));
  if (typeof value === "object" && value !== null) return plainFields(value as Record<string, unknown>);
  return typeof value === "bigint" ? value.toString() : value;
}
