import type { Clock } from "../../web/lib/clock.ts";

/** The dashboard's clock, standing still until the test moves it. */
export class HandClock implements Clock {
  atMs = 1_000_000;
  #pending: { dueMs: number; run: () => void }[] = [];

  now = (): number => this.atMs;

  after = (delayMs: number, run: () => void): (() => void) => {
    const timer = { dueMs: this.atMs + delayMs, run };
    this.#pending.push(timer);
    return () => {
      this.#pending = this.#pending.filter((one) => one !== timer);
    };
  };

  /** Nothing waits for its time. */
  get isIdle(): boolean {
    return this.#pending.length === 0;
  }

  /** Lets `ms` pass: what falls due runs in order, what that brings due as well. */
  pass(ms: number): void {
    const endMs = this.atMs + ms;
    for (;;) {
      const due = this.#pending.filter((timer) => timer.dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs);
      const [next] = due;
      if (next === undefined) break;
      this.#pending = this.#pending.filter((timer) => timer !== next);
      this.atMs = next.dueMs;
      next.run();
    }
    this.atMs = endMs;
  }
}
