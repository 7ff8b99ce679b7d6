import { AppError } from "../errors/app-error.ts";
import { MOMENT_RULE, type MomentInput, readMoment } from "../lib/moment.ts";

export type { MomentInput };

const DEFAULT_SPAN_MS = 3_600_000;

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
  const end = to === undefined || to === null ? now : read("to", to, now);
  const start = from === undefined || from === null ? end - DEFAULT_SPAN_MS : read("from", from, now);
  if (start < end) return { from: start, to: end };
  throw wrong("from", "The range must end after it begins.");
}

function read(path: string, moment: MomentInput, now: number): number {
  const at = readMoment(moment, now);
  if (at !== undefined) return at;
  throw wrong(path, MOMENT_RULE);
}

function wrong(path: string, message: string): AppError {
  return new AppError("validation_failed", message, { issues: [{ path, message }] });
}
