import { type AppError, errorCodeOf } from "../errors/app-error.ts";
import { sha256Hex } from "../lib/ids.ts";
import { plainText } from "./cause-text.ts";

const ID_LENGTH = 16;
const MAX_NORMAL_LENGTH = 200;
/** Of a cause's own text, no more is looked at: a message may hold a whole document. */
const MAX_READ_LENGTH = 2_000;
const MAX_CAUSES = 5;

/** What two occurrences of one failure have in common. */
export interface Fingerprint {
  /** 16 hexadecimal digits. */
  id: string;
  /** The innermost frame of our own code, without line numbers, so that an edit above does not part the group. */
  frame: string;
}

/** The groups of an error: its code, what its cause says apart from ids and numbers, and where in our code it came from. */
export function fingerprintOf(error: AppError): Fingerprint {
  const cause = innermostCause(error);
  const frame = ownFrame(cause);
  const words =
    cause instanceof Error ? `${cause.name} ${errorCodeOf(cause)} ${cause.message}` : plainText(cause);
  return { id: hashOf([error.code, normalise(words), frame]), frame };
}

/** The group of all errors of a code: where they gather when there are too many different ones. */
export const codeFingerprint = (code: string): Fingerprint => ({ id: hashOf([code]), frame: "" });

const hashOf = (parts: readonly string[]): string => sha256Hex(parts.join("\n")).slice(0, ID_LENGTH);

/** What varies from one occurrence to the next, the more telling shapes first. */
const VARIABLES: readonly (readonly [RegExp, string])[] = [
  [/[a-z][a-z0-9+.-]*:\/\/[^\s"'<>)]+/gi, "<url>"],
  [/[\w.+-]+@[\w-]+\.[\w.-]+/g, "<address>"],
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, "<id>"],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?/g, "<time>"],
  [/(?:[A-Za-z]:)?(?:[\\/][\w.@$~+-]+){2,}[\\/]?/g, "<path>"],
  [/(?:^|(?<=[\s"'(]))\/[\w.@$~+-]+/g, "<path>"],
  [/\b(?:0x)?(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi, "<hex>"],
  [/\d+(?:\.\d+)*/g, "<n>"],
  [/\s+/g, " "],
];

/** A message without what differs between two occurrences: ids, numbers, paths, times. */
export function normalise(message: string): string {
  let text = message.slice(0, MAX_READ_LENGTH);
  for (const [shape, word] of VARIABLES) text = text.replace(shape, word);
  return text.trim().slice(0, MAX_NORMAL_LENGTH);
}

/** What was thrown first, beneath the errors that wrap it. */
function innermostCause(error: AppError): unknown {
  let cause: unknown = error;
  for (let depth = 0; depth < MAX_CAUSES; depth++) {
    if (!(cause instanceof Error) || cause.cause === undefined || cause.cause === null) break;
    cause = cause.cause;
  }
  return cause;
}

const FRAME = /^\s*at (?:async )?(?:(.+?) \()?(.+?)(?::\d+)?(?::\d+)?\)?$/;
const NOT_OURS = /node_modules|^native|^node:|^bun:|<anonymous>|^unknown$/;
const OWN_FOLDER = /^.*?\/(?=(?:server|schema|plugins|web|test)\/)/;

function ownFrame(cause: unknown): string {
  if (!(cause instanceof Error) || typeof cause.stack !== "string") return "";
  for (const line of cause.stack.slice(0, MAX_READ_LENGTH * 2).split("\n")) {
    const [, name = "", file = ""] = FRAME.exec(line) ?? [];
    if (file === "" || NOT_OURS.test(file)) continue;
    const place = file.replace(OWN_FOLDER, "");
    return name === "" ? place : `${name} (${place})`;
  }
  return "";
}
