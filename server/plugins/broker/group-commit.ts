import type { Connection, Database } from "../../database/database.ts";
import { AppError } from "../../errors/app-error.ts";

type Change = (tx: Connection) => Promise<void>;

interface Waiting {
  change: Change;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** Changes of one unit of work; the rest make the next. */
const MAX_CHANGES = 25;

/**
 * Makes one unit of work of the changes that arrive in the same turn of the event loop. A commit waits for the disk, and
 * everybody else in this process with it: so there is one in a turn at most, and requests are served between two.
 */
export class GroupCommit {
  readonly #database: Database;
  #waiting: Waiting[] = [];
  #isDue = false;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Settles once the change is committed. One that throws an AppError before it has written anything fails alone; any
   * other error fails all that were to be committed with it.
   * @throws what `change` throws, and AppError as {@link Database.write}
   */
  write(change: Change): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ change, resolve, reject });
    this.#schedule();
    return promise;
  }

  #schedule(): void {
    if (this.#isDue || this.#waiting.length === 0) return;
    this.#isDue = true;
    setImmediate(() => void this.#commit());
  }

  async #commit(): Promise<void> {
    const group = this.#waiting.splice(0, MAX_CHANGES);
    const refused = new Map<Waiting, AppError>();
    try {
      await this.#database.write(async (tx) => {
        for (const one of group) {
          const error = await refusalOf(one.change, tx);
          if (error) refused.set(one, error);
        }
      });
      for (const one of group) {
        const error = refused.get(one);
        if (error) one.reject(error);
        else one.resolve();
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
    this.#isDue = false;
    this.#schedule();
  }
}

async function refusalOf(change: Change, tx: Connection): Promise<AppError | undefined> {
  try {
    await change(tx);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown;
    throw thrown;
  }
}
