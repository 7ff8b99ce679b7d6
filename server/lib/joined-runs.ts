import { Mutex } from "./mutex.ts";

/**
 * Runs of work that takes whatever there is when it begins, one after the other. Whoever asks while one is under way shares
 * the next with all others who ask: what they brought is in it, and it is done once for all of them.
 */
export class JoinedRuns {
  readonly #work: () => Promise<void>;
  readonly #running = new Mutex();
  #next: Promise<void> | undefined;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  /** Settles as the first run does that begins from now on. */
  run(): Promise<void> {
    this.#next ??= this.#running.run(() => {
      this.#next = undefined;
      return this.#work();
    });
    return this.#next;
  }
}
