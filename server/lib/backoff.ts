/** How long to wait between attempts. */
export interface Backoff {
  /** Upper bound of the first wait. */
  baseMs: number;
  /** Upper bound of every wait. */
  capMs: number;
}

/**
 * The wait after `attempts` failures: exponential backoff with full jitter, `random(0, min(cap, base · 2^(attempts−1)))`
 * (Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015), so that what failed together does not
 * come back together.
 * @param random from 0 up to 1.
 */
export function fullJitterMs(
  attempts: number,
  { baseMs, capMs }: Backoff,
  random: () => number = Math.random,
): number {
  return Math.floor(random() * longestWaitMs(attempts, { baseMs, capMs }));
}

/** The upper bound of {@link fullJitterMs}. */
function longestWaitMs(attempts: number, { baseMs, capMs }: Backoff): number {
  return Math.min(capMs, baseMs * 2 ** Math.min(Math.max(0, attempts - 1), 52));
}
