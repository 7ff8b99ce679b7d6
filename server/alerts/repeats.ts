import { Bell } from "../lib/bell.ts";
import type { Clock, TimerHandle } from "../lib/clock.ts";

/** A reader is told of each alert no more often than this. */
const REST_MS = 1_000;
/** Alerts that a reader is told of at once; the others of a storm follow after the next rest. */
const TOLD_AT_ONCE = 200;
const MAX_WAITING = 20_000;

/**
 * Alerts that were raised again, which changes nothing but how often and when: heard by whoever looks just now, and by
 * nobody else, so nothing of it is stored.
 */
export class Repeats {
  readonly #clock: Clock;
  readonly #readers = new Set<Reader>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The alert of this id was raised again, and it is written. */
  note(id: string): void {
    for (const reader of this.#readers) reader.note(id);
  }

  /** Ids of alerts as they are raised again: whatever happened to one within a rest is told once, after it. */
  follow(): AsyncIterableIterator<string> {
    const reader: Reader = new Reader(this.#clock, () => this.#readers.delete(reader));
    this.#readers.add(reader);
    return reader;
  }
}

class Reader implements AsyncIterableIterator<string> {
  readonly #clock: Clock;
  readonly #leave: () => void;
  readonly #bell = new Bell();
  readonly #waiting = new Set<string>();
  #told: string[] = [];
  #restsUntilMs = 0;
  #timer: TimerHandle | undefined;
  #hasEnded = false;

  constructor(clock: Clock, leave: () => void) {
    this.#clock = clock;
    this.#leave = leave;
  }

  note(id: string): void {
    if (this.#waiting.size >= MAX_WAITING) return;
    this.#waiting.add(id);
    this.#timer ??= this.#clock.after(this.#restsUntilMs - this.#clock.monotonic(), () => {
      this.#timer = undefined;
      this.#bell.ring();
    });
  }

  async next(): Promise<IteratorResult<string>> {
    while (!this.#hasEnded) {
      const id = this.#told.shift();
      if (id !== undefined) return { done: false, value: id };
      if (!this.#takeWaiting()) await this.#bell.wait();
    }
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<string>> {
    this.#hasEnded = true;
    this.#leave();
    this.#timer?.cancel();
    this.#bell.ring();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #takeWaiting(): boolean {
    const nowMs = this.#clock.monotonic();
    if (this.#waiting.size === 0 || this.#timer || nowMs < this.#restsUntilMs) return false;
    this.#told = [...this.#waiting].slice(0, TOLD_AT_ONCE);
    for (const id of this.#told) this.#waiting.delete(id);
    this.#restsUntilMs = nowMs + REST_MS;
    // What waits beyond them is told after the rest, whether more is noted or not.
    const [next] = this.#waiting;
    if (next !== undefined) this.note(next);
    return true;
  }
}
