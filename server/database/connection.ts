import { type SQLQueryBindings, Database as SqliteConnection, type Statement } from "bun:sqlite";
import type { BunSQLiteDatabase } from "drizzle-orm/bun-sqlite";

/** A Drizzle handle on one connection; what store methods receive as `tx` (writer) or `db` (reader). */
export type Connection = BunSQLiteDatabase & { $client: OwningConnection };

/** Distinct statements kept ready; beyond it, the one unused for longest is prepared again when it is needed. */
const MAX_READY_STATEMENTS = 500;
const PRUNE_LOOSE_AT = 1_000;

type AnyStatement = Statement<unknown, SQLQueryBindings[]>;
type PrepareAny = (sql: string, params?: SQLQueryBindings[]) => AnyStatement;

/**
 * A SQLite connection that owns its prepared statements: the same text is prepared once (a Drizzle query costs half),
 * and closing finalises all of them.
 *
 * SQLite keeps a closed connection alive for as long as one of its statements lives, under garbage collection at any
 * length: file, locks and WAL stay open meanwhile, and its late end would delete the WAL of the file that has taken
 * its place. As a text has one statement, do not run a text again while iterating over it.
 */
export class OwningConnection extends SqliteConnection {
  readonly #ready = new Map<string, AnyStatement>();
  /** No longer ready, or bound at once, and perhaps still in somebody's hands: finalised at the end. */
  #loose = new Set<WeakRef<AnyStatement>>();

  constructor(path: string, options: { readwrite: true; strict: true }) {
    super(path, options);
    const prepareAnew = super.prepare.bind(this) as PrepareAny;
    // Assigned, not overridden: the declared generics of `prepare` cannot be repeated without `any`.
    this.prepare = ((sql: string, params?: SQLQueryBindings[]) =>
      params === undefined
        ? this.#prepareOnce(sql, prepareAnew)
        : this.#remember(prepareAnew(sql, params))) as SqliteConnection["prepare"];
  }

  #prepareOnce(sql: string, prepareAnew: PrepareAny): AnyStatement {
    const statement = this.#ready.get(sql) ?? prepareAnew(sql);
    this.#ready.delete(sql);
    this.#ready.set(sql, statement);
    if (this.#ready.size > MAX_READY_STATEMENTS) this.#dropOldest();
    return statement;
  }

  /** Ends all statements: what is prepared next sees a changed schema. */
  finalizeStatements(): void {
    this.clearQueryCache();
    for (const statement of this.#ready.values()) statement.finalize();
    for (const reference of this.#loose) reference.deref()?.finalize();
    this.#ready.clear();
    this.#loose.clear();
  }

  /** Closes for certain. @throws when something still reads. */
  override close(): void {
    this.finalizeStatements();
    try {
      super.close(true);
    } catch {
      // A loose statement can be collected and not yet swept: one full collection finalises it.
      Bun.gc(true);
      super.close(true);
    }
  }

  #dropOldest(): void {
    const [oldest] = this.#ready;
    if (!oldest) return;
    this.#ready.delete(oldest[0]);
    this.#remember(oldest[1]);
  }

  #remember(statement: AnyStatement): AnyStatement {
    this.#loose.add(new WeakRef(statement));
    if (this.#loose.size > PRUNE_LOOSE_AT) {
      this.#loose = new Set([...this.#loose].filter((reference) => reference.deref()));
    }
    return statement;
  }
}
