import { and, asc, count, desc, eq, gt, inArray, isNotNull, lt, lte, min, ne, or, sql } from "drizzle-orm";
import { outbox } from "../../schema/tables/outbox.ts";
import type { Connection, Database } from "../database/database.ts";
import { type Page, type PageQuery, pageOf, readCursor } from "../database/paging.ts";
import { Prepared } from "../database/prepared.ts";

/** One row of the outbox. */
export type OutboxRow = typeof outbox.$inferSelect;
export type DeliveryState = OutboxRow["state"];

/** Which deliveries a list shows. */
export interface DeliveryFilter {
  state: DeliveryState | undefined;
  kind: string | undefined;
  target: string | undefined;
}

/** A delivery that was never tried. */
export type NewRow = Omit<OutboxRow, "seq" | "attempts" | "leaseRun" | "leaseUntil">;

const LIST = "outbox";
const { placeholder } = sql;
const SETTLE = new Prepared((db) =>
  db
    .update(outbox)
    .set({
      ...{ state: sql`${placeholder("state")}`, attempts: sql`${placeholder("attempts")}` },
      ...{ notBefore: sql`${placeholder("notBefore")}`, settledAt: sql`${placeholder("settledAt")}` },
      ...{ lastError: sql`${placeholder("lastError")}`, leaseRun: null, leaseUntil: null },
    })
    .where(eq(outbox.id, placeholder("id")))
    .prepare(),
);
/** Every delivery passes here: the query builder would cost more than the insert. */
const INSERT = `INSERT INTO outbox
  (id, kind, target, payload, dedupe_key, state, attempts, not_before, created_at, settled_at, last_error)
  VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?) ON CONFLICT DO NOTHING`;

/** Every query of the outbox. */
export class OutboxStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** False when a delivery of the same kind, target and key is there already. */
  async insert(tx: Connection, row: NewRow): Promise<boolean> {
    const { id, kind, target, payload, dedupeKey, state, notBefore, createdAt, settledAt, lastError } = row;
    const insert = tx.$client.query<never, (string | number | null)[]>(INSERT);
    const values = [id, kind, target, payload, dedupeKey, state, notBefore, createdAt, settledAt, lastError];
    return insert.run(...values).changes > 0;
  }

  async findIdByKey(
    tx: Connection,
    kind: string,
    target: string,
    dedupeKey: string,
  ): Promise<string | undefined> {
    const where = and(eq(outbox.kind, kind), eq(outbox.target, target), eq(outbox.dedupeKey, dedupeKey));
    return tx.select({ id: outbox.id }).from(outbox).where(where).get()?.id;
  }

  async find(id: string, db: Connection = this.#database.reader): Promise<OutboxRow | undefined> {
    return db.select().from(outbox).where(eq(outbox.id, id)).get();
  }

  async findMany(ids: readonly string[]): Promise<OutboxRow[]> {
    return this.#database.reader
      .select()
      .from(outbox)
      .where(inArray(outbox.id, [...ids]))
      .all();
  }

  /** The first delivery of a target that is not settled, whether it is due or not. */
  async findFirst(kind: string, target: string): Promise<OutboxRow | undefined> {
    // One state at a time, each by the index: both at once would sort everything that waits.
    const [waiting, leased] = (["waiting", "leased"] as const).map((state) =>
      this.#database.reader
        .select()
        .from(outbox)
        .where(and(eq(outbox.kind, kind), eq(outbox.target, target), eq(outbox.state, state)))
        .orderBy(asc(outbox.seq))
        .limit(1)
        .get(),
    );
    return leased && (!waiting || leased.seq < waiting.seq) ? leased : waiting;
  }

  /** The deliveries of a target that wait, in order, up to `limit`. */
  async listFirst(tx: Connection, kind: string, target: string, limit: number): Promise<OutboxRow[]> {
    return tx
      .select()
      .from(outbox)
      .where(and(eq(outbox.kind, kind), eq(outbox.target, target), eq(outbox.state, "waiting")))
      .orderBy(asc(outbox.seq))
      .limit(limit)
      .all();
  }

  /** The first delivery of a target that waits and is due. */
  async findDue(kind: string, target: string, now: number): Promise<OutboxRow | undefined> {
    const isDue = and(eq(outbox.state, "waiting"), lte(outbox.notBefore, now));
    return this.#database.reader
      .select()
      .from(outbox)
      .where(and(eq(outbox.kind, kind), eq(outbox.target, target), isDue))
      .orderBy(asc(outbox.seq))
      .limit(1)
      .get();
  }

  /** When the next delivery of a target falls due. */
  async earliestDue(kind: string, target: string): Promise<number | undefined> {
    const where = and(eq(outbox.kind, kind), eq(outbox.target, target), eq(outbox.state, "waiting"));
    const row = this.#database.reader
      .select({ at: min(outbox.notBefore) })
      .from(outbox)
      .where(where)
      .get();
    return row?.at ?? undefined;
  }

  /** Begins an attempt; false when it is settled or gone. Who asks knows that nobody else holds it. */
  async lease(tx: Connection, id: string, leaseRun: string, leaseUntil: number): Promise<boolean> {
    const leased = tx
      .update(outbox)
      .set({ state: "leased", attempts: sql`${outbox.attempts} + 1`, leaseRun, leaseUntil })
      .where(and(eq(outbox.id, id), inArray(outbox.state, ["waiting", "leased"])))
      .returning({ id: outbox.id })
      .all();
    return leased.length > 0;
  }

  /** Ends an attempt. */
  async settle(
    tx: Connection,
    id: string,
    change: Pick<OutboxRow, "state" | "attempts" | "notBefore" | "settledAt" | "lastError">,
  ): Promise<void> {
    SETTLE.on(tx).run({ id, ...change });
  }

  /** Makes a dead letter wait anew, from its first attempt. */
  async revive(tx: Connection, id: string, now: number): Promise<void> {
    tx.update(outbox)
      .set({ state: "waiting", attempts: 0, notBefore: now, settledAt: null })
      .where(eq(outbox.id, id))
      .run();
  }

  async remove(tx: Connection, id: string): Promise<void> {
    tx.delete(outbox).where(eq(outbox.id, id)).run();
  }

  /** Leases of earlier runs, and of this one where `now` is past them, wait again. Those in `underWay` are left. */
  async reclaim(tx: Connection, run: string, now: number, underWay: readonly string[]): Promise<number> {
    const held = tx
      .select({ id: outbox.id })
      .from(outbox)
      .where(and(eq(outbox.state, "leased"), or(ne(outbox.leaseRun, run), lt(outbox.leaseUntil, now))))
      .all()
      .map(({ id }) => id)
      .filter((id) => !underWay.includes(id));
    if (held.length > 0) {
      tx.update(outbox)
        .set({ state: "waiting", leaseRun: null, leaseUntil: null, notBefore: now })
        .where(inArray(outbox.id, held))
        .run();
    }
    return held.length;
  }

  /**
   * Moves every time that is still to come along with the clock. What was never tried was due when it came, by whichever
   * clock: put off, it would wait for as long as the clock was set ahead.
   */
  async shiftTimes(tx: Connection, jumpMs: number): Promise<void> {
    const untried = Math.min(0, jumpMs);
    tx.update(outbox)
      .set({
        notBefore: sql`${outbox.notBefore} + CASE WHEN ${outbox.attempts} = 0 THEN ${untried} ELSE ${jumpMs} END`,
        leaseUntil: sql`${outbox.leaseUntil} + ${jumpMs}`,
      })
      .where(inArray(outbox.state, ["waiting", "leased"]))
      .run();
  }

  /** No wait goes beyond `latest`: the clock may have been set back while nobody looked. */
  async capWaits(tx: Connection, latest: number): Promise<void> {
    tx.update(outbox)
      .set({ notBefore: latest })
      .where(and(eq(outbox.state, "waiting"), gt(outbox.notBefore, latest)))
      .run();
  }

  /** Deliveries under way or waiting, by target. */
  async countByTarget(tx: Connection): Promise<{ kind: string; target: string; waiting: number }[]> {
    const { kind, target } = outbox;
    return tx
      .select({ kind, target, waiting: count() })
      .from(outbox)
      .where(inArray(outbox.state, ["waiting", "leased"]))
      .groupBy(kind, target)
      .all();
  }

  /** Newest first. @throws AppError `invalid_cursor` */
  async list(
    { limit, cursor }: PageQuery,
    { state, kind, target }: DeliveryFilter,
  ): Promise<Page<OutboxRow>> {
    const key = readCursor(LIST, cursor);
    const rows = this.#database.reader
      .select()
      .from(outbox)
      .where(
        and(
          state && eq(outbox.state, state),
          kind === undefined ? undefined : eq(outbox.kind, kind),
          target === undefined ? undefined : eq(outbox.target, target),
          key === undefined ? undefined : lt(outbox.seq, Number(key)),
        ),
      )
      .orderBy(desc(outbox.seq))
      .limit(limit + 1)
      .all();
    return pageOf(LIST, rows, limit, ({ seq }) => String(seq));
  }

  /** Forgets settled deliveries older than `before`, and the oldest beyond `keep`; at most `limit` of them. */
  async prune(
    tx: Connection,
    state: "delivered" | "dead",
    before: number,
    keep: number,
    limit: number,
  ): Promise<number> {
    const settled = and(eq(outbox.state, state), isNotNull(outbox.settledAt));
    const beyond = tx
      .select({ at: outbox.settledAt })
      .from(outbox)
      .where(settled)
      .orderBy(desc(outbox.settledAt))
      .limit(1)
      .offset(keep)
      .get();
    const upTo = Math.max(before, beyond?.at ?? 0);
    const old = tx
      .select({ seq: outbox.seq })
      .from(outbox)
      .where(and(settled, lte(outbox.settledAt, upTo)))
      .orderBy(asc(outbox.settledAt))
      .limit(limit)
      .all();
    if (old.length > 0)
      tx.delete(outbox)
        .where(
          inArray(
            outbox.seq,
            old.map(({ seq }) => seq),
          ),
        )
        .run();
    return old.length;
  }
}
