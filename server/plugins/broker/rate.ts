import { AppError } from "../../errors/app-error.ts";
import type { Clock } from "../../lib/clock.ts";

/** How often something may be done: `burst` times at once, `perSecond` in the long run. */
export interface Rate {
  perSecond: number;
  burst: number;
}

const SECOND_MS = 1_000;

/** A token bucket. */
export class RateBucket {
  readonly #rate: Rate;
  readonly #clock: Clock;
  #level: number;
  #filledAt: number;

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
    this.#level = rate.burst;
    this.#filledAt = clock.monotonic();
  }

  /** Spends one; false when there is none left. */
  take(): boolean {
    const { perSecond, burst } = this.#rate;
    const now = this.#clock.monotonic();
    this.#level = Math.min(burst, this.#level + ((now - this.#filledAt) * perSecond) / SECOND_MS);
    this.#filledAt = now;
    if (this.#level < 1) return false;
    this.#level -= 1;
    return true;
  }

  /** Spends one. @throws AppError `rate_limited` saying how often `what` may happen */
  require(what: string): void {
    if (this.take()) return;
    const { perSecond } = this.#rate;
    throw new AppError("rate_limited", `A plugin may ${what} ${perSecond} times a second in the long run.`, {
      retryAfterMs: Math.ceil(SECOND_MS / perSecond),
    });
  }
}

/** Counts what is open at a time. */
export class OpenCount {
  readonly #limit: number;
  #open = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get open(): number {
    return this.#open;
  }

  /** Takes a place until the returned function is called. @throws AppError `overloaded` when all are taken */
  take(what: string): () => void {
    if (this.#open >= this.#limit) {
      throw new AppError("overloaded", `A plugin may have ${this.#limit} ${what} at a time.`);
    }
    this.#open += 1;
    let isHeld = true;
    return () => {
      if (isHeld) this.#open -= 1;
      isHeld = false;
    };
  }
}
