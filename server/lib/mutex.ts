/** First come, first served mutual exclusion between asynchronous sections. */
export class Mutex {
  #tail: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** Sections under way or waiting. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Runs `section` when every earlier one has settled; settles as it does. */
  async run<T>(section: () => T | Promise<T>): Promise<T> {
    const before = this.#tail;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tail = promise;
    this.#waiting++;
    try {
      await before;
      return await section();
    } finally {
      this.#waiting--;
      resolve();
    }
  }
}
