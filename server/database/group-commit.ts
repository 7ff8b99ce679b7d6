import { AppError } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Connection, Database } from "./database.ts";

/** How changes are gathered. */
export interface CommitRhythm {
  /** How much longer than the last commit took the next one waits; 0 where those who wait matter more than all others. */
  restFactor: number;
  /** Changes of one unit of work; the rest make the next. */
  maxChanges: number;
}

interface Waiting {
  /** Makes the change; gives what settles it once it is committed. */
  make: (tx: Connection) => Promise<() => void>;
  reject: (error: unknown) => void;
}

/** Unless they are given others: on a slow disk too, most of the time is everybody's. */
const DEFAULTS: CommitRhythm = { restFactor: 3, maxChanges: 25 };
const MAX_REST_MS = 100;

/**
 * Makes one unit of work of the changes that arrive together. A commit waits for the disk, and everybody else in this
 * process with it: so the first is made in the next turn of the event loop, and between two there is time for others.
 */
export class GroupCommit {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #rhythm: CommitRhythm;
  #waiting: Waiting[] = [];
  #isDue = false;
  #restsUntilMs = 0;

  constructor(database: Database, clock: Clock, rhythm: CommitRhythm = DEFAULTS) {
    this.#database = database;
    this.#clock = clock;
    this.#rhythm = rhythm;
  }

  /**
   * Settles with what `change` gave once it is committed; changes are made in the order they come. One that throws an
   * AppError is undone and fails alone; any other error fails all that were to be committed with it.
   * @throws what `change` throws, and AppError as {@link Database.write}
   */
  write<T>(change: (tx: Connection) => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const make = async (tx: Connection): Promise<() => void> => {
      const result = await change(tx);
      return () => resolve(result);
    };
    this.#waiting.push({ make, reject });
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
    const group = this.#waiting.splice(0, this.#rhythm.maxChanges);
    const startedMs = this.#clock.monotonic();
    try {
      const settled = await this.#database.write(async (tx) => {
        const made: (() => void)[] = [];
        for (const one of group) made.push(await this.#makeOrRefuse(one, tx));
        return made;
      });
      for (const settle of settled) settle();
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
    const endedMs = this.#clock.monotonic();
    this.#restsUntilMs = endedMs + Math.min(MAX_REST_MS, (endedMs - startedMs) * this.#rhythm.restFactor);
    this.#isDue = false;
    this.#schedule();
  }

  async #makeOrRefuse({ make, reject }: Waiting, tx: Connection): Promise<() => void> {
    try {
      return await this.#database.part(tx, () => make(tx));
    } catch (thrown) {
      if (thrown instanceof AppError) return () => reject(thrown);
      throw thrown;
    }
  }
}
