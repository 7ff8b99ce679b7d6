import { AppError } from "../errors/app-error.ts";

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};
const RELATIVE = /^(?:now)?(?:-(\d{1,9})([smhdw]))?$/;
const EPOCH_MS = /^\d{1,16}$/;
const ISO_8601 = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;
const MAX_EPOCH_MS = 8.64e15;
const DEFAULT_SPAN_MS = 3_600_000;

/** A moment as a caller writes it: epoch milliseconds, ISO 8601, `now`, `-90m` or `now-90m` (units s m h d w). */
export type MomentInput = number | string;

/** From when to when, in epoch milliseconds; both ends belong to it. */
export interface TimeRange {
  from: number;
  to: number;
}

/**
 * Reads a range; without a beginning it is the hour before its end, without an end it ends now.
 * @throws AppError `validation_failed` when an end cannot be read, or the range does not end after it begins.
 */
export function readRange(
  from: MomentInput | null | undefined,
  to: MomentInput | null | undefined,
  now: number,
): TimeRange {
  const end = to === undefined || to === null ? now : readMoment("to", to, now);
  const start = from === undefined || from === null ? end - DEFAULT_SPAN_MS : readMoment("from", from, now);
  if (start < end) return { from: start, to: end };
  throw wrong("from", "The range must end after it begins.");
}

function readMoment(path: string, moment: MomentInput, now: number): number {
  const at = typeof moment === "number" ? moment : readText(moment.trim(), now);
  if (Number.isFinite(at) && at >= 0 && at <= MAX_EPOCH_MS) return Math.round(at);
  throw wrong(path, "A time is epoch milliseconds, ISO 8601 with a zone, now, or relative such as -90m.");
}

/** NaN when the text is no moment. */
function readText(text: string, now: number): number {
  if (EPOCH_MS.test(text)) return Number(text);
  if (ISO_8601.test(text)) return Date.parse(text);
  const relative = text === "" ? null : RELATIVE.exec(text);
  if (!relative) return Number.NaN;
  const [, count = "0", unit = "s"] = relative;
  return now - Number(count) * (UNITS_MS[unit] ?? Number.NaN);
}

function wrong(path: string, message: string): AppError {
  return new AppError("validation_failed", message, { issues: [{ path, message }] });
}
