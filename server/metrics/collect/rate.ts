import type { Clock } from "../../lib/clock.ts";

const MIN_WINDOW_MS = 10;
/**
 * A longer window (a stopped process, a paused virtual machine) averages over so much that the value would say
 * nothing of the moment it is stored at: the reading counts as a first one.
 */
const MAX_WINDOW_MS = 5 * 60_000;

/**
 * The time between two readings, by the clock that never steps: setting the machine's time does not bend a rate.
 * On Linux this clock stands still while the machine is suspended, as its counters do.
 */
export class RateWindow {
  readonly #clock: Pick<Clock, "monotonic">;
  #readAtMs: number | undefined;

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** Seconds since the reading before; undefined when no rate can be formed from the pair. */
  advance(): number | undefined {
    const nowMs = this.#clock.monotonic();
    const elapsedMs = nowMs - (this.#readAtMs ?? nowMs);
    this.#readAtMs = nowMs;
    return canFormRate(elapsedMs) ? elapsedMs / 1000 : undefined;
  }
}

/** Whether two readings so far apart say something of the moment of the second. */
export function canFormRate(elapsedMs: number): boolean {
  return elapsedMs >= MIN_WINDOW_MS && elapsedMs <= MAX_WINDOW_MS;
}

/**
 * The rate of a counter between two readings, per second. A counter that went back was set to zero (a driver
 * reloaded, a device replaced), of which no rate follows; one with a known `wrapsAt` that went back by more than
 * half its range has wrapped, and the rate is exact.
 */
export function counterRate(
  before: number | undefined,
  now: number,
  seconds: number | undefined,
  wrapsAt?: number,
): number | undefined {
  if (before === undefined || seconds === undefined) return undefined;
  if (now >= before) return (now - before) / seconds;
  if (wrapsAt === undefined || before >= wrapsAt || before - now <= wrapsAt / 2) return undefined;
  return (now + wrapsAt - before) / seconds;
}
