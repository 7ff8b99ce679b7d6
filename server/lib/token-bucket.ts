import type { Clock } from "./clock.ts";

/** How often something may be done: `burst` times at once, `perSecond` in the long run. */
export interface Rate {
  perSecond: number;
  burst: number;
}

const SECOND_MS = 1_000;

/** Says whether something may be done once more, or how long to rest after something that cannot be refused. */
export class TokenBucket {
  protected readonly rate: Rate;
  readonly #clock: Pick<Clock, "monotonic">;
  #level: number;
  #filledAt: number;

  constructor(rate: Rate, clock: Pick<Clock, "monotonic">) {
    this.rate = rate;
    this.#clock = clock;
    this.#level = rate.burst;
    this.#filledAt = clock.monotonic();
  }

  /** Spends one; false when there is none left. */
  take(): boolean {
    this.#fill();
    if (this.#level < 1) return false;
    this.#level -= 1;
    return true;
  }

  /**
   * Spends `amount` also where less is left, for what has happened already.
   * @returns milliseconds until the debt is paid; 0 without one
   */
  owe(amount: number): number {
    this.#fill();
    this.#level -= amount;
    return this.#level >= 0 ? 0 : Math.ceil((-this.#level / this.rate.perSecond) * SECOND_MS);
  }

  #fill(): void {
    const { perSecond, burst } = this.rate;
    const now = this.#clock.monotonic();
    this.#level = Math.min(burst, this.#level + ((now - this.#filledAt) * perSecond) / SECOND_MS);
    this.#filledAt = now;
  }
}
