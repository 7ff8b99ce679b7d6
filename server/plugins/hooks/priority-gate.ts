interface Waiting {
  priority: number;
  enter: () => void;
}

/**
 * Lets at most `limit` sections run at once, those of higher priority first, in order of arrival among equals. What
 * arrives together is sorted before the first of it begins.
 */
export class PriorityGate {
  readonly #limit: number;
  #waiting: Waiting[] = [];
  #running = 0;
  #isLettingIn = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Runs `section` when it is its turn; settles as it does. */
  async run<T>(priority: number, section: () => Promise<T>): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ priority, enter: resolve });
    this.#letInSoon();
    await promise;
    try {
      return await section();
    } finally {
      this.#running--;
      this.#letInSoon();
    }
  }

  /** After everything that is ready now, so that what was woken by the same event competes. */
  #letInSoon(): void {
    if (this.#isLettingIn) return;
    this.#isLettingIn = true;
    setImmediate(() => {
      this.#isLettingIn = false;
      this.#waiting = this.#waiting.toSorted((a, b) => b.priority - a.priority);
      for (const { enter } of this.#waiting.splice(0, this.#limit - this.#running)) {
        this.#running++;
        enter();
      }
    });
  }
}
