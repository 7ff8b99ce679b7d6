import type { Clock, TimerHandle } from "../../lib/clock.ts";

/** How many readers are served before the event loop gets its turn: about 3 ms of writing. */
const SLICE_READERS = 250;

interface Pass<T> {
  readonly readers: ReadonlySet<T>;
  iterator: Iterator<T> | undefined;
  dueSeq: number;
}

/**
 * Serves large sets of readers in slices, so that 10,000 writes never hold up a request. A set that is due again
 * before its turn came waits once, not twice; within a pass a reader that leaves is not served, one that joins may be.
 */
export class Passes<T> {
  readonly #clock: Clock;
  readonly #serve: (reader: T, dueSeq: number) => void;
  #queue: Pass<T>[] = [];
  #next: TimerHandle | undefined;

  constructor(clock: Clock, serve: (reader: T, dueSeq: number) => void) {
    this.#clock = clock;
    this.#serve = serve;
  }

  /** Serves every reader of the set for the tick `dueSeq`: the first slice at once when nothing else is under way. */
  begin(readers: ReadonlySet<T>, dueSeq: number): void {
    const waiting = this.#queue.find((pass) => pass.readers === readers && pass.iterator === undefined);
    if (waiting) waiting.dueSeq = dueSeq;
    else this.#queue.push({ readers, iterator: undefined, dueSeq });
    if (this.#next === undefined) this.#slice();
  }

  stop(): void {
    this.#next?.cancel();
    this.#next = undefined;
    this.#queue = [];
  }

  #slice(): void {
    this.#next = undefined;
    for (let served = 0; served < SLICE_READERS; ) {
      const [pass] = this.#queue;
      if (!pass) return;
      pass.iterator ??= pass.readers.values();
      const step = pass.iterator.next();
      if (step.done) {
        this.#queue.shift();
        continue;
      }
      this.#serve(step.value, pass.dueSeq);
      served += 1;
    }
    this.#next = this.#clock.after(0, () => this.#slice());
  }
}
