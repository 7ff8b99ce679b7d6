import type { Clock } from "../lib/clock.ts";

/** What NTP corrects by is no jump. */
const SMALLEST_JUMP_MS = 2_000;

/** Notices when the machine's clock was set: the wall time and the steady one drift apart. */
export class ClockWatch {
  readonly #clock: Clock;
  #offsetMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offsetMs = clock.now() - clock.monotonic();
  }

  /** By how much the wall clock was set since the last call, in milliseconds; 0 as a rule, negative when set back. */
  takeJumpMs(): number {
    const offsetMs = this.#clock.now() - this.#clock.monotonic();
    const jumpMs = offsetMs - this.#offsetMs;
    if (Math.abs(jumpMs) < SMALLEST_JUMP_MS) return 0;
    this.#offsetMs = offsetMs;
    return Math.round(jumpMs);
  }

  /** What was taken could not be acted upon: the next call tells it again. */
  giveBack(jumpMs: number): void {
    this.#offsetMs -= jumpMs;
  }
}
