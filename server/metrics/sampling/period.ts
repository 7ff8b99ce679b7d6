/** The greatest number of seconds that divides all of `seconds`: sampling at it serves every one exactly. */
export function commonPeriodSeconds(seconds: Iterable<number>): number {
  let common = 0;
  for (const value of seconds) common = greatestCommonDivisor(common, value);
  return common;
}

/**
 * Whether a multiple of `periodMs` lies in the time from `before` (excluded) to `at`; a clock that was set back
 * crosses too, so that nobody waits until the old time is reached again.
 */
export function crosses(before: number | undefined, at: number, periodMs: number): boolean {
  return before === undefined || Math.floor(before / periodMs) !== Math.floor(at / periodMs);
}

/** Milliseconds until the next multiple of `periodMs`; a whole period when `now` is one. */
export function untilNextMultiple(now: number, periodMs: number): number {
  return periodMs - (((now % periodMs) + periodMs) % periodMs);
}

/** The last multiple of `periodMs` at `now`, or the next one when it is no more than `toleranceMs` ahead (timers may fire early). */
export const multipleAt = (now: number, periodMs: number, toleranceMs: number): number =>
  Math.floor((now + toleranceMs) / periodMs) * periodMs;

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
