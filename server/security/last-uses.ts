/** Uses remembered between two writes; far more than the credentials one server sees in a minute. */
const MAX_PENDING = 100_000;

/**
 * When each credential was last used. Kept in memory and written together once a minute, so that a use costs no SQL;
 * a crash loses a minute of it.
 */
export class LastUses {
  #pending = new Map<string, number>();

  record(id: string, at: number): void {
    if (this.#pending.size < MAX_PENDING || this.#pending.has(id)) this.#pending.set(id, at);
  }

  /** The latest of what is stored and what is not yet written. */
  latest(id: string, storedAt: number): number {
    return Math.max(storedAt, this.#pending.get(id) ?? 0);
  }

  /** Hands what is pending to `write`; keeps it for the next time when that fails. */
  async flush(write: (uses: ReadonlyMap<string, number>) => Promise<void>): Promise<void> {
    if (this.#pending.size === 0) return;
    const taken = new Map(this.#pending);
    await write(taken);
    for (const [id, at] of taken) if (this.#pending.get(id) === at) this.#pending.delete(id);
  }
}
