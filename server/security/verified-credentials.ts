import { LRUCache } from "lru-cache";

/** Verified secrets kept in memory. */
const MAX_ENTRIES = 10_000;

/**
 * What a verified secret (by its hash) stands for, so that an authenticated request costs no SQL. Coherent because any
 * change of users, sessions or tokens forgets everything: changes are rare, and verifying anew is one indexed read.
 */
export class VerifiedCredentials<T extends object> {
  readonly #entries = new LRUCache<string, T>({ max: MAX_ENTRIES });
  #generation = 0;

  find(secretHash: string): T | undefined {
    return this.#entries.get(secretHash);
  }

  /** Finds, or reads and keeps; what was read while something changed is used once and not kept. */
  async findOrRead(secretHash: string, read: () => Promise<T | undefined>): Promise<T | undefined> {
    const known = this.#entries.get(secretHash);
    if (known) return known;
    const generation = this.#generation;
    const found = await read();
    if (found && generation === this.#generation) this.#entries.set(secretHash, found);
    return found;
  }

  /** To be called after each change that could make a verified secret worthless or weaker, once it is committed. */
  forgetAll(): void {
    this.#generation++;
    this.#entries.clear();
  }
}
