import { LRUCache } from "lru-cache";
import type { Principal } from "./principal.ts";

/** A credential as it is stored, and whom it stands for: one object, however many requests it brings. */
export interface Verified<T> {
  readonly stored: T;
  readonly principal: Principal;
}

/** Verified secrets kept in memory. */
const MAX_ENTRIES = 10_000;

/**
 * What a verified secret stands for, so that an authenticated request costs neither hash nor SQL. Coherent because any
 * change of users, sessions or tokens forgets everything: changes are rare, and verifying anew is one indexed read. The
 * secrets themselves are the keys; they are in memory with each request anyhow, and leave it no way.
 */
export class VerifiedCredentials<T extends object> {
  readonly #entries = new LRUCache<string, T>({ max: MAX_ENTRIES });
  #generation = 0;

  find(secret: string): T | undefined {
    return this.#entries.get(secret);
  }

  /** Finds, or reads and keeps; what was read while something changed is used once and not kept. */
  async findOrRead(secret: string, read: () => Promise<T | undefined>): Promise<T | undefined> {
    const known = this.#entries.get(secret);
    if (known) return known;
    const generation = this.#generation;
    const found = await read();
    if (found && generation === this.#generation) this.#entries.set(secret, found);
    return found;
  }

  /** To be called after each change that could make a verified secret worthless or weaker, once it is committed. */
  forgetAll(): void {
    this.#generation++;
    this.#entries.clear();
  }
}
