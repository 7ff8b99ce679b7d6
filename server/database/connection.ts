import { type SQLQueryBindings, Database as SqliteConnection, type Statement } from "bun:sqlite";
import type { BunSQLiteDatabase } from "drizzle-orm/bun-sqlite";

/** A Drizzle handle on one connection; what store methods receive as `tx` (writer) or `db` (reader). */
export type Connection = BunSQLiteDatabase & { $client: CachingConnection };

/** Distinct statements kept ready; beyond it, the one unused for longest is prepared again when it is needed. */
const MAX_READY_STATEMENTS = 500;

type AnyStatement = Statement<unknown, SQLQueryBindings[]>;
type PrepareAny = (sql: string, params?: SQLQueryBindings[]) => AnyStatement;

/**
 * A SQLite connection that prepares the same text once (a Drizzle query costs half) and closes for certain.
 *
 * By default SQLite keeps a closed connection alive for as long as one of its statements lives, which under garbage
 * collection is any length: file, locks and WAL stay open meanwhile, and its late end would delete the WAL of the file
 * that has taken its place. As a text has one statement, do not run a text again while iterating over it.
 */
export class CachingConnection extends SqliteConnection {
  readonly #ready = new Map<string, AnyStatement>();

  constructor(path: string, options: { readwrite: true; strict: true }) {
    super(path, options);
    const prepareAnew = super.prepare.bind(this) as PrepareAny;
    // Assigned, not overridden: the declared generics of `prepare` cannot be repeated without `any`.
    this.prepare = ((sql: string, params?: SQLQueryBindings[]) =>
      params === undefined
        ? this.#prepareOnce(sql, prepareAnew)
        : prepareAnew(sql, params)) as SqliteConnection["prepare"];
  }

  /** The statements that are kept ready. */
  get readyTexts(): readonly string[] {
    return [...this.#ready.keys()];
  }

  /** Runs an EXPLAIN once, without keeping it ready; its parameters stay unbound. */
  explain(sql: string): { detail: string }[] {
    const statement = super.prepare<{ detail: string }, SQLQueryBindings[]>(sql);
    try {
      return statement.all();
    } finally {
      statement.finalize();
    }
  }

  /** Ends every statement, in whosever hands it is, and closes. */
  override close(): void {
    this.#ready.clear();
    super.close(true);
  }

  #prepareOnce(sql: string, prepareAnew: PrepareAny): AnyStatement {
    const statement = this.#ready.get(sql) ?? prepareAnew(sql);
    this.#ready.delete(sql);
    this.#ready.set(sql, statement);
    const [oldest] = this.#ready.keys();
    // Not finalised: somebody may still hold it.
    if (this.#ready.size > MAX_READY_STATEMENTS && oldest !== undefined) this.#ready.delete(oldest);
    return statement;
  }
}
