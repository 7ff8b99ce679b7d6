import { tooDeepAt } from "../../lib/json-depth.ts";
import { readLevel } from "../../lib/log-level.ts";
import { CORRELATION_FIELD, type NewLine, SPAN_FIELD, TRACE_FIELD } from "../line.ts";
import { MAX_LINE_CHARACTERS } from "../store/text.ts";
import { readTimeIn, readTimeValue } from "./read-time.ts";
import { statedLevel } from "./stated-level.ts";
import { isCrash } from "./traces.ts";

/** How the lines of a file are written. */
export interface LineFormat {
  format: "auto" | "json" | "logfmt" | "plain";
  messageField?: string | undefined;
  levelField?: string | undefined;
  timeField?: string | undefined;
}

type Parsed = Omit<NewLine, "source">;
type Fields = Record<string, unknown>;

/** Where the usual loggers put it, the first that is there. */
const MESSAGE_FIELDS = ["message", "msg", "log", "body", "text", "event"];
const LEVEL_FIELDS = ["level", "severity", "lvl", "levelname", "log.level", "loglevel"];
const TIME_FIELDS = ["time", "timestamp", "ts", "@timestamp", "datetime", "date", "t"];
/** Other spellings of the fields that join the lines of one request. */
const SAME_FIELDS: ReadonlyMap<string, string> = new Map([
  ["trace_id", TRACE_FIELD],
  ["traceid", TRACE_FIELD],
  ["trace.id", TRACE_FIELD],
  ["span_id", SPAN_FIELD],
  ["spanid", SPAN_FIELD],
  ["span.id", SPAN_FIELD],
  ["correlation_id", CORRELATION_FIELD],
  ["correlationid", CORRELATION_FIELD],
]);
/** Objects and lists within each other; a line that nests deeper is plain text: whatever reads it would fail. */
const MAX_JSON_DEPTH = 64;
const PAIR = /([A-Za-z_][\w.@-]*)=(?:"((?:[^"\\]|\\.)*)"|(\S*))\s*/y;
/** Fewer pairs are a plain line that happens to hold one. */
const MIN_PAIRS = 2;
/** Reads a line of a file. It is never refused: what is not as its format says is taken as plain text. */
export function parseLine(text: string, format: LineFormat, now: number): Parsed {
  const { format: kind } = format;
  if (kind === "json" || (kind === "auto" && text.startsWith("{"))) {
    const fields = readJson(text);
    if (fields) return structured(fields, format, now, text);
  }
  if (kind === "logfmt" || kind === "auto") {
    const fields = readLogfmt(text);
    if (fields) return structured(fields, format, now, text);
  }
  return plain(text, now);
}

function readJson(text: string): Fields | undefined {
  if (tooDeepAt(text, MAX_JSON_DEPTH) !== undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined when anything but pairs is there, or more than is kept of a line: taking that apart would take a second. */
function readLogfmt(text: string): Fields | undefined {
  if (text.length > MAX_LINE_CHARACTERS) return undefined;
  const fields = new Map<string, string>();
  PAIR.lastIndex = 0;
  const line = text.trim();
  let count = 0;
  while (PAIR.lastIndex < line.length) {
    const pair = PAIR.exec(line);
    if (!pair) return undefined;
    const [, key = "", quoted, bare = ""] = pair;
    fields.set(key, quoted === undefined ? bare : quoted.replace(/\\(.)/g, "$1"));
    count++;
  }
  return count < MIN_PAIRS ? undefined : Object.fromEntries(fields);
}

function structured(given: Fields, format: LineFormat, now: number, text: string): Parsed {
  // Made of entries: a field may have any name, that of a prototype too.
  const fields: Fields = Object.fromEntries(
    Object.entries(given).map(([key, value]) => [SAME_FIELDS.get(key.toLowerCase()) ?? key, value]),
  );
  const take = (named: string | undefined, usual: readonly string[]): unknown => {
    const key = (named === undefined ? usual : [named]).find((name) => Object.hasOwn(fields, name));
    if (key === undefined) return undefined;
    const value = fields[key];
    delete fields[key];
    return value;
  };
  const message = take(format.messageField, MESSAGE_FIELDS);
  const level = take(format.levelField, LEVEL_FIELDS);
  const time = take(format.timeField, TIME_FIELDS);
  const known = readLevel(level);
  // What cannot be read is kept as it is.
  if (known === undefined && level !== undefined) fields.level = level;
  const at = readTimeValue(time, now);
  if (at === undefined && time !== undefined) fields.time = time;
  return {
    at: at ?? now,
    level: known ?? "info",
    message: messageOf(message, text),
    fields,
  };
}

const messageOf = (message: unknown, text: string): string => {
  if (typeof message === "string") return message;
  return message === undefined ? text : JSON.stringify(message);
};

function plain(text: string, now: number): Parsed {
  const level = statedLevel(text) ?? (isCrash(text) ? "error" : "info");
  return { at: readTimeIn(text, now) ?? now, level, message: text };
}
