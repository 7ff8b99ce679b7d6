import { and, asc, eq, gte, lt, placeholder, sql } from "drizzle-orm";
import { operationWindows } from "../../schema/tables/profiler.ts";
import type { Connection, Database } from "../database/database.ts";
import { Prepared } from "../database/prepared.ts";
import type { OperationWindow, Tally } from "./operation.ts";
import { DurationSketch, type StoredSketch, storedSketch } from "./sketch.ts";

/** Windows of one operation that a stretch may have: two hours of minutes are fewer, of hours they are 41 days. */
export const MAX_WINDOWS = 1_000;

/** A stretch of time in stored windows of one width; it holds those that begin within [from, to). */
export interface Stretch {
  widthMs: number;
  /** Epoch milliseconds. */
  from: number;
  to: number;
}

// Thousands of windows are read and written in a row, and to build a query costs more than to run it.
const FIND = new Prepared((db) =>
  db
    .select()
    .from(operationWindows)
    .where(
      and(
        eq(operationWindows.widthMs, placeholder("widthMs")),
        eq(operationWindows.startAt, placeholder("startAt")),
        eq(operationWindows.operationId, placeholder("operationId")),
      ),
    )
    .prepare(),
);
const PUT = new Prepared((db) => {
  const { widthMs, startAt, operationId } = operationWindows;
  return db
    .insert(operationWindows)
    .values({
      ...{ widthMs: placeholder("widthMs"), startAt: placeholder("startAt") },
      ...{ operationId: placeholder("operationId"), errors: placeholder("errors") },
      ...{ count: placeholder("count"), sumMs: placeholder("sumMs"), buckets: placeholder("buckets") },
      ...{ minMs: placeholder("minMs"), maxMs: placeholder("maxMs") },
    })
    .onConflictDoUpdate({
      target: [widthMs, startAt, operationId],
      set: {
        ...{ count: sql`excluded.count`, errors: sql`excluded.errors`, sumMs: sql`excluded.sum_ms` },
        ...{ minMs: sql`excluded.min_ms`, maxMs: sql`excluded.max_ms`, buckets: sql`excluded.buckets` },
      },
    })
    .prepare();
});
const LIST = new Prepared((db) =>
  db
    .select()
    .from(operationWindows)
    .where(
      and(
        eq(operationWindows.operationId, placeholder("operationId")),
        eq(operationWindows.widthMs, placeholder("widthMs")),
        gte(operationWindows.startAt, placeholder("from")),
        lt(operationWindows.startAt, placeholder("to")),
      ),
    )
    .orderBy(asc(operationWindows.startAt))
    .limit(MAX_WINDOWS)
    .prepare(),
);

/** Every query of the windows of operations. */
export class WindowStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds what happened to the window that it happened in. */
  add(tx: Connection, operationId: number, widthMs: number, startAt: number, tally: Tally): void {
    const place = { widthMs, startAt, operationId };
    const before = FIND.on(tx).get(place);
    const { sketch, errors } = withBefore(tally, before);
    PUT.on(tx).run({ ...place, ...storedSketch(sketch), errors });
  }

  /** The windows of one operation, oldest first. */
  list(operationId: number, stretch: Stretch): OperationWindow[] {
    return this.#rows(operationId, stretch).map((row) => ({
      startAt: row.startAt,
      errors: row.errors,
      sketch: DurationSketch.from(row),
    }));
  }

  /** What the windows of one operation say together; undefined when there are none. */
  summarise(operationId: number, stretch: Stretch): { sketch: DurationSketch; errors: number } | undefined {
    const rows = this.#rows(operationId, stretch);
    if (rows.length === 0) return undefined;
    const sketch = new DurationSketch();
    let errors = 0;
    for (const row of rows) {
      sketch.mergeStored(row);
      errors += row.errors;
    }
    return { sketch, errors };
  }

  #rows(operationId: number, stretch: Stretch) {
    return LIST.on(this.#database.reader).all({ operationId, ...stretch });
  }
}

function withBefore(tally: Tally, before: (StoredSketch & { errors: number }) | undefined) {
  if (!before) return { sketch: tally.sketch, errors: tally.errors };
  const sketch = DurationSketch.from(before);
  sketch.merge(tally.sketch);
  return { sketch, errors: before.errors + tally.errors };
}

/** What several windows say together. */
export function merged(windows: readonly OperationWindow[]): { sketch: DurationSketch; errors: number } {
  const sketch = new DurationSketch();
  let errors = 0;
  for (const window of windows) {
    sketch.merge(window.sketch);
    errors += window.errors;
  }
  return { sketch, errors };
}
