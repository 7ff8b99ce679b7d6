import { type Backoff, fullJitterMs } from "../../lib/backoff.ts";
import type { Clock, TimerHandle } from "../../lib/clock.ts";

const WINDOW_MS = 5 * 60_000;
/** So many crashes within the window end in quarantine. */
export const MAX_CRASHES = 3;
const BACKOFF: Backoff = { baseMs: 2_000, capMs: 60_000 };
/** However lucky the jitter: what crashes at once is not started in a tight loop. */
const MIN_WAIT_MS = 250;

/** The crashes of one plugin within the last five minutes, and the start that is to follow the last one. */
export class Restarts {
  readonly #clock: Clock;
  readonly #random: () => number;
  #crashes: number[] = [];
  #pending: { timer: TimerHandle; atMs: number } | undefined;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  get isPending(): boolean {
    return this.#pending !== undefined;
  }

  /** Until the next start; 0 when none is to come. */
  get waitMs(): number {
    return Math.max(0, (this.#pending?.atMs ?? 0) - this.#clock.monotonic());
  }

  /** Counts a crash; gives how many there were within the window, this one included. */
  count(): number {
    const nowMs = this.#clock.monotonic();
    this.#crashes = [...this.#crashes.filter((at) => nowMs - at < WINDOW_MS), nowMs].slice(-MAX_CRASHES);
    return this.#crashes.length;
  }

  /** Calls `restart` once the wait that is due after so many crashes has passed. */
  schedule(restart: () => void): void {
    this.cancel();
    const waitMs = MIN_WAIT_MS + fullJitterMs(this.#crashes.length, BACKOFF, this.#random);
    const timer = this.#clock.after(waitMs, () => {
      this.#pending = undefined;
      restart();
    });
    this.#pending = { timer, atMs: this.#clock.monotonic() + waitMs };
  }

  cancel(): void {
    this.#pending?.timer.cancel();
    this.#pending = undefined;
  }

  /** Begins anew: what crashed is forgotten. */
  forgive(): void {
    this.cancel();
    this.#crashes = [];
  }
}
