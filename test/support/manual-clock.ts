import type { Clock, TimerHandle } from "../../server/lib/clock.ts";

interface Pending {
  dueMs: number;
  run: () => void;
}

/** A clock that stands still until the test moves it. */
export class ManualClock implements Clock {
  #wallMs: number;
  #monotonicMs = 0;
  readonly #pending = new Set<Pending>();

  /** @param wallMs epoch milliseconds to begin at. */
  constructor(wallMs = Date.UTC(2030, 0, 1)) {
    this.#wallMs = wallMs;
  }

  now = (): number => this.#wallMs;

  monotonic = (): number => this.#monotonicMs;

  after(delayMs: number, run: () => void): TimerHandle {
    const pending = { dueMs: this.#monotonicMs + Math.max(0, delayMs), run };
    this.#pending.add(pending);
    return { cancel: () => this.#pending.delete(pending) };
  }

  /** Lets `ms` pass: what falls due runs in order, each with its promises settled before the next. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#monotonicMs + ms;
    await settle();
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.#pending.delete(next);
      this.#pass(Math.max(0, next.dueMs - this.#monotonicMs));
      next.run();
      await settle();
    }
    this.#pass(endMs - this.#monotonicMs);
  }

  /** Sets the wall clock, as an administrator or NTP does; the monotonic one goes on. */
  setWall(wallMs: number): void {
    this.#wallMs = wallMs;
  }

  #pass(ms: number): void {
    this.#wallMs += ms;
    this.#monotonicMs += ms;
  }

  #next(endMs: number): Pending | undefined {
    let earliest: Pending | undefined;
    for (const pending of this.#pending) {
      if (pending.dueMs > endMs) continue;
      if (earliest === undefined || pending.dueMs < earliest.dueMs) earliest = pending;
    }
    return earliest;
  }
}

/** Runs the microtasks that are queued now, and those that they queue. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
