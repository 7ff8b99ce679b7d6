import { html } from "lit";
import type { LogLine } from "../../data/logs.ts";
import { formatDayAndTime, formatTimeOfDay } from "../../lib/format.ts";
import type { Marker } from "../../lib/log-query.ts";
import { logText } from "../../lib/terminal-text.ts";

const MAX_CUT_MESSAGE = 400;
const MAX_WHOLE_MESSAGE = 8_000;
const MAX_FIELDS = 8;
const MAX_NAME = 60;
const MAX_VALUE = 120;
const DAY_MS = 86_400_000;
/** Shown by columns of their own. */
const ID_FIELDS = new Set(["correlationId", "traceId", "spanId"]);

/** What a row says; made once a line. */
interface RowText {
  time: string;
  cut: string;
  fields: string;
}

const ROWS = new WeakMap<LogLine, RowText>();

/** The texts of a row. */
export function rowText(line: LogLine): RowText {
  const known = ROWS.get(line);
  if (known !== undefined) return known;
  const made = {
    time: shortTime(Date.parse(line.at)),
    cut: logText(onOneLine(line.message), MAX_CUT_MESSAGE),
    fields: fieldsText(line.fields),
  };
  ROWS.set(line, made);
  return made;
}

/** A stack trace reads as one line in a row: its breaks, and the blanks after them, are a mark. */
const onOneLine = (message: string): string => message.trimEnd().replaceAll(/\r?\n\s*/g, " ↵ ");

/** The message for a row that may have many lines. */
export const wholeMessage = ({ message }: LogLine): string => logText(message, MAX_WHOLE_MESSAGE);

/** The time of day to the millisecond; of another day, the day before it. */
function shortTime(atMs: number): string {
  const ms = String(atMs % 1_000).padStart(3, "0");
  if (Math.abs(Date.now() - atMs) < DAY_MS) return `${formatTimeOfDay(atMs)}.${ms}`;
  return `${formatDayAndTime(atMs)}:${formatTimeOfDay(atMs).slice(-2)}`;
}

function fieldsText(fields: LogLine["fields"]): string {
  const said = Object.entries(fields).filter(([name]) => !ID_FIELDS.has(name));
  const shown = said.slice(0, MAX_FIELDS).map(([name, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return `${logText(name, MAX_NAME)}=${logText(text, MAX_VALUE)}`;
  });
  return said.length > MAX_FIELDS ? `${shown.join(" ")} …` : shown.join(" ");
}

/** A text with what was looked for marked in it. */
export const markedText = (text: string, marker: Marker): unknown =>
  marker(text).map((part) => (part.isHit ? html`<mark>${part.text}</mark>` : part.text));
