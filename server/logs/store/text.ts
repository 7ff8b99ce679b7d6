import { CUT_FIELD, type LineFields } from "../line.ts";

/*
 * A line as one text: the message, then each field as FIELD key VALUE value. It is what is kept, what the index reads
 * and what a search looks through, so that the three never disagree. A value that is no text is JSON behind a mark.
 */

/** Between the texts of two lines. */
export const LINE = "\x1e";
/** Before the key of a field. */
export const FIELD = "\x1f";
/** Between key and value. */
export const VALUE = "\x1d";
/** Before a value that is no text. */
export const JSON_MARK = "\x1c";
/** Most characters of one line with its fields; the rest is cut off, and the line says so. */
export const MAX_LINE_CHARACTERS = 65_536;
const MAX_FIELDS = 100;
const MAX_DEPTH = 6;
const MAX_KEY_LENGTH = 200;
/** What would be taken for one of our marks, and what ends a text early in SQLite. */
const RESERVED = new RegExp(`[\0${JSON_MARK}-${FIELD}]`, "g");

/** The line as one text of at most {@link MAX_LINE_CHARACTERS} characters. */
export function lineText(message: string, fields: LineFields = {}): string {
  const flat = new Map<string, string>();
  for (const [key, value] of Object.entries(fields)) flatten(key, value, flat, 0);
  let text = clean(message);
  for (const [key, value] of flat) text += `${FIELD}${key}${VALUE}${value}`;
  if (text.length <= MAX_LINE_CHARACTERS) return text;
  const note = (cut: number): string => `${FIELD}${CUT_FIELD}${VALUE}${JSON_MARK}${cut}`;
  const room = MAX_LINE_CHARACTERS - note(text.length).length;
  return text.slice(0, room) + note(text.length - room);
}

/** Message and fields of a text that {@link lineText} made. */
export function readLineText(text: string): { message: string; fields: LineFields } {
  const [message = "", ...parts] = text.split(FIELD);
  if (parts.length === 0) return { message, fields: {} };
  const fields = parts.map((part): [string, unknown] => {
    const at = part.indexOf(VALUE);
    return at < 0 ? [part, ""] : [part.slice(0, at), readValue(part.slice(at + VALUE.length))];
  });
  return { message, fields: Object.fromEntries(fields) };
}

/** Objects become dotted keys; lists stay what they are. */
function flatten(key: string, value: unknown, into: Map<string, string>, depth: number): void {
  if (value === undefined || into.size >= MAX_FIELDS) return;
  if (typeof value === "object" && value !== null && !Array.isArray(value) && depth < MAX_DEPTH) {
    for (const [name, inner] of Object.entries(value)) flatten(`${key}.${name}`, inner, into, depth + 1);
    return;
  }
  into.set(clean(key).slice(0, MAX_KEY_LENGTH), typeof value === "string" ? clean(value) : jsonText(value));
}

const jsonText = (value: unknown): string =>
  JSON_MARK + clean(JSON.stringify(value, (_key, held) => (typeof held === "bigint" ? String(held) : held)));

function readValue(text: string): unknown {
  if (!text.startsWith(JSON_MARK)) return text;
  try {
    return JSON.parse(text.slice(JSON_MARK.length));
  } catch {
    // A long line was cut in the midst of it.
    return text.slice(JSON_MARK.length);
  }
}

const clean = (text: string): string => text.replace(RESERVED, " ");
