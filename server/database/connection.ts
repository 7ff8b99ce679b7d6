import { Database as SqliteConnection, type SQLQueryBindings, type Statement } from "bun:sqlite";
import type { BunSQLiteDatabase } from "drizzle-orm/bun-sqlite";

/** A Drizzle handle on one connection; what store methods receive as `tx` (writer) or `db` (reader). */
export type Connection = BunSQLiteDatabase & { $client: SqliteConnection };

/** Distinct statements kept ready; one that was not used for long is prepared again. */
const MAX_STATEMENTS = 200;

type AnyStatement = Statement<unknown, SQLQueryBindings[]>;

/**
 * A SQLite connection that owns its prepared statements: the same text is prepared once, and closing finalises all.
 *
 * SQLite keeps a closed connection alive as long as one statement of it lives, which under garbage collection is any
 * time: file, lock and WAL stay open meanwhile, and its late end would delete the WAL of the file that took its place.
 */
export class OwningConnection extends SqliteConnection {
  readonly #statements = new Map<string, AnyStatement>();

  override prepare<Row, Params extends SQLQueryBindings | SQLQueryBindings[]>(
    sql: string,
    params?: Params,
  ): Statement<Row, Params extends SQLQueryBindings[] ? Params : [Params]> {
    type Result = Statement<Row, Params extends SQLQueryBindings[] ? Params : [Params]>;
    const known = this.#statements.get(sql);
    const statement = known ?? (super.prepare(sql, params) as unknown as AnyStatement);
    this.#statements.delete(sql);
    this.#statements.set(sql, statement);
    this.#dropOldest();
    return statement as unknown as Result;
  }

  /** Ends all statements, so that what is prepared next sees a changed schema. */
  finalizeStatements(): void {
    for (const statement of this.#statements.values()) statement.finalize();
    this.#statements.clear();
  }

  /** Closes for certain. @throws when a statement is still open. */
  override close(): void {
    this.finalizeStatements();
    super.close(true);
  }

  /** A dropped statement may be in the hands of a caller: it is left to the garbage collector only then, so: finalise. */
  #dropOldest(): void {
    if (this.#statements.size <= MAX_STATEMENTS) return;
    const [oldest] = this.#statements;
    if (!oldest) return;
    oldest[1].finalize();
    this.#statements.delete(oldest[0]);
  }
}
