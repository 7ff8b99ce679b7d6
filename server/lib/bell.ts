/** Wakes one waiter: rings while nobody waits are remembered as one. */
export class Bell {
  #wasRung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#wasRung = true;
    this.#wake?.();
  }

  /** Settles at the next ring, or at once when it was rung since the last wait. One waiter at a time. */
  async wait(): Promise<void> {
    if (!this.#wasRung) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
      this.#wake = undefined;
    }
    this.#wasRung = false;
  }
}
