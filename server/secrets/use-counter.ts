import type { Database } from "../database/database.ts";
import type { SecretStore, SecretUse } from "./store.ts";

/** Kinds of use counted between two writes; further kinds are counted by the audit log alone. */
const MAX_PENDING = 1_000;

type NamedUse = SecretUse & { name: string };

/** Counts what uses each secret in memory and writes it together, so that a use costs no SQL; a crash loses a minute of it. */
export class UseCounter {
  readonly #database: Database;
  readonly #store: SecretStore;
  readonly #pending = new Map<string, NamedUse>();

  constructor(database: Database, store: SecretStore) {
    this.#database = database;
    this.#store = store;
  }

  count(use: NamedUse): void {
    const key = JSON.stringify([use.name, use.purpose]);
    const known = this.#pending.get(key);
    if (known) {
      known.count += use.count;
      known.lastUsedAt = Math.max(known.lastUsedAt, use.lastUsedAt);
    } else if (this.#pending.size < MAX_PENDING) this.#pending.set(key, use);
  }

  /** Writes the uses counted so far; those that cannot be written wait. */
  async flush(): Promise<void> {
    if (this.#pending.size === 0) return;
    const taken = [...this.#pending.values()];
    this.#pending.clear();
    try {
      await this.#database.write(async (tx) => {
        for (const use of taken) await this.#store.addUse(tx, use.name, use);
      });
    } catch (error) {
      for (const use of taken) this.count(use);
      throw error;
    }
  }
}
