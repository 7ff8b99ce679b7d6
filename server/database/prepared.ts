import type { Connection } from "./database.ts";

/** A query that is built once for each connection. For those that run thousands of times: to build one costs more than to run it. */
export class Prepared<Query> {
  readonly #prepare: (db: Connection) => Query;
  readonly #prepared = new WeakMap<Connection, Query>();

  /** @param prepare builds it with placeholders, and ends in `prepare()`. */
  constructor(prepare: (db: Connection) => Query) {
    this.#prepare = prepare;
  }

  on(db: Connection): Query {
    const known = this.#prepared.get(db);
    if (known) return known;
    const made = this.#prepare(db);
    this.#prepared.set(db, made);
    return made;
  }
}
