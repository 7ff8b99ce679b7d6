/** Lets at most `limit` asynchronous sections run at once; the rest wait in order. */
export class Semaphore {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Sections that have not begun. The caller bounds it: see where it is read. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Runs `section` when there is room; settles as it does. */
  async run<T>(section: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    } else {
      this.#running++;
    }
    try {
      return await section();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
