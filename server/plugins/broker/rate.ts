import { AppError } from "../../errors/app-error.ts";
import { TokenBucket } from "../../lib/token-bucket.ts";

export type { Rate } from "../../lib/token-bucket.ts";

const SECOND_MS = 1_000;

/** Limits how often a plugin may do something. */
export class RateBucket extends TokenBucket {
  /** Spends one. @throws AppError `rate_limited` saying how often `what` may happen */
  require(what: string): void {
    if (this.take()) return;
    const { perSecond } = this.rate;
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
