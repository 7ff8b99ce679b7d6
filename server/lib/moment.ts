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

/** A moment as a caller writes it: epoch milliseconds, ISO 8601, `now`, `-90m` or `now-90m` (units s m h d w). */
export type MomentInput = number | string;

/** What a moment that cannot be read is answered with. */
export const MOMENT_RULE =
  "A time is epoch milliseconds, ISO 8601 with a zone, now, or relative such as -90m.";

/** Epoch milliseconds of a moment; undefined when it is none. */
export function readMoment(moment: MomentInput, now: number): number | undefined {
  const at = typeof moment === "number" ? moment : readText(moment.trim(), now);
  return Number.isFinite(at) && at >= 0 && at <= MAX_EPOCH_MS ? Math.round(at) : undefined;
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
