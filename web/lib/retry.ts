import type { Clock } from "./clock.ts";

/** A question that nobody answered is asked again after this. */
export const RETRY_MS = 5_000;

/** Something that is tried again by itself after a while; of several the last counts. */
export class Retry {
  readonly #after: Clock["after"];
  #run: (() => void) | undefined;
  #cancelTimer: () => void = () => {};

  constructor(after: Clock["after"]) {
    this.#after = after;
  }

  get isWaiting(): boolean {
    return this.#run !== undefined;
  }

  later(run: () => void): void {
    this.cancel();
    this.#run = run;
    this.#cancelTimer = this.#after(RETRY_MS, () => this.now());
  }

  /** Skips the waiting; nothing when nothing waits. */
  now(): void {
    const run = this.#run;
    this.cancel();
    run?.();
  }

  cancel(): void {
    this.#cancelTimer();
    this.#run = undefined;
  }
}
