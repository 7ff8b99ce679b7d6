import type { Connection, Database } from "../../database/database.ts";
import { AppError } from "../../errors/app-error.ts";
import type { Clock } from "../../lib/clock.ts";

type Change = (tx: Connection) => Promise<void>;

interface Waiting {
  change: Change;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** Changes of one unit of work; the rest make the next. */
const MAX_CHANGES = 25;
/** How much longer than the last commit took the next one waits: on a slow disk too, most of the time is everybody's. */
const REST_FACTOR = 3;
const MAX_REST_MS = 100;

/**
 * Makes one unit of work of the changes that arrive together. A commit waits for the disk, and everybody else in this
 * process with it: so the first is made in the next turn of the event loop, and between two there is time for others.
 */
export class GroupCommit {
  readonly #database: Database;
  readonly #clock: Clock;
  #waiting: Waiting[] = [];
  #isDue = false;
  #restsUntilMs = 0;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
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
    const restMs = this.#restsUntilMs - this.#clock.monotonic();
    if (restMs > 0) this.#clock.after(restMs, () => void this.#commit());
    else setImmediate(() => void this.#commit());
  }

  async #commit(): Promise<void> {
    const group = this.#waiting.splice(0, MAX_CHANGES);
    const refused = new Map<Waiting, AppError>();
    const startedMs = this.#clock.monotonic();
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
    const endedMs = this.#clock.monotonic();
    this.#restsUntilMs = endedMs + Math.min(MAX_REST_MS, (endedMs - startedMs) * REST_FACTOR);
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
