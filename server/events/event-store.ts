import { and, asc, desc, eq, gt, gte, inArray, lt, lte, max, min, sql } from "drizzle-orm";
import { events } from "../../schema/tables/events.ts";
import type { Connection, Database } from "../database/database.ts";
import { type Page, type PageQuery, pageOf, readCursor } from "../database/paging.ts";
import type { Draft, Event } from "./event.ts";

/** Which events a list shows. */
export interface EventFilter {
  /** Exact types; undefined: all. */
  types: readonly string[] | undefined;
  source: string | undefined;
  /** Only later ones; they are listed oldest first then, else newest first. */
  since: number | undefined;
}

/** What the ring holds. */
export interface RingExtent {
  /** Number of the oldest event; of the next one when there is none. */
  oldestSeq: number;
  /** Number of the newest event ever published; 0 before the first. */
  newestSeq: number;
  sizeBytes: number;
}

const NEWEST_FIRST = "events";
const OLDEST_FIRST = "events.since";
/** What a row costs beside its texts: numbers, id, three index entries. */
const ROW_OVERHEAD_BYTES = 200;
/** The bound of `IN (…)`; a ring with more types answers for the first of them. */
const MAX_LISTED_TYPES = 5_000;

type EventRow = typeof events.$inferSelect;

/** Every query of the event ring. */
export class EventStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Gives the draft its place. */
  async append(tx: Connection, draft: Draft, time: number): Promise<Event & { sizeBytes: number }> {
    const { id, type, source, correlationId, payload, text } = draft;
    const sizeBytes = Buffer.byteLength(text) + type.length + source.length + ROW_OVERHEAD_BYTES;
    const row = { id, type, time, source, correlationId, payload: text, sizeBytes };
    const { seq } = tx.insert(events).values(row).returning({ seq: events.seq }).get();
    return { seq, id, type, time, source, correlationId, payload, sizeBytes };
  }

  async extent(): Promise<RingExtent> {
    const db = this.#database.reader;
    const found = db
      .select({
        oldest: min(events.seq),
        newest: max(events.seq),
        size: sql<number | null>`sum(${events.sizeBytes})`,
      })
      .from(events)
      .get();
    const given = db.get<{ seq: number } | undefined>(
      sql`SELECT seq FROM sqlite_sequence WHERE name = 'events'`,
    );
    const newestSeq = Math.max(found?.newest ?? 0, given?.seq ?? 0);
    return { oldestSeq: found?.oldest ?? newestSeq + 1, newestSeq, sizeBytes: found?.size ?? 0 };
  }

  /** Events after `seq`, oldest first. */
  async listAfter(seq: number, limit: number): Promise<Event[]> {
    const rows = this.#database.reader
      .select()
      .from(events)
      .where(gt(events.seq, seq))
      .orderBy(asc(events.seq))
      .limit(limit)
      .all();
    return rows.map(toEvent);
  }

  /** Events of one source from `fromSeq` to `toSeq`, both included, oldest first. */
  async listOfSource(source: string, fromSeq: number, toSeq: number, limit: number): Promise<Event[]> {
    const rows = this.#database.reader
      .select()
      .from(events)
      .where(and(eq(events.source, source), gte(events.seq, fromSeq), lte(events.seq, toSeq)))
      .orderBy(asc(events.seq))
      .limit(limit)
      .all();
    return rows.map(toEvent);
  }

  /** Newest first, or with `since` oldest first. @throws AppError `invalid_cursor` */
  async list({ limit, cursor }: PageQuery, { types, source, since }: EventFilter): Promise<Page<Event>> {
    const isForward = since !== undefined;
    const list = isForward ? OLDEST_FIRST : NEWEST_FIRST;
    const key = readCursor(list, cursor);
    const from = key === undefined ? since : Number(key);
    const rows = this.#database.reader
      .select()
      .from(events)
      .where(
        and(
          types && inArray(events.type, [...types]),
          source === undefined ? undefined : eq(events.source, source),
          from === undefined ? undefined : isForward ? gt(events.seq, from) : lt(events.seq, from),
        ),
      )
      .orderBy(isForward ? asc(events.seq) : desc(events.seq))
      .limit(limit + 1)
      .all();
    return pageOf(list, rows.map(toEvent), limit, (event) => String(event.seq));
  }

  /** The types that stand in the ring: hops from one to the next by the index, whatever the number of events. */
  async listTypes(): Promise<string[]> {
    const rows = this.#database.reader.all<{ type: string }>(sql`
      WITH RECURSIVE present(type) AS (
        SELECT (SELECT min(type) FROM events)
        UNION ALL
        SELECT (SELECT min(type) FROM events WHERE type > present.type) FROM present WHERE present.type IS NOT NULL
      )
      SELECT type FROM present WHERE type IS NOT NULL LIMIT ${MAX_LISTED_TYPES}`);
    return rows.map(({ type }) => type);
  }

  /** Number and weight of the oldest events. */
  async listOldest(limit: number): Promise<{ seq: number; sizeBytes: number }[]> {
    const { seq, sizeBytes } = events;
    return this.#database.reader.select({ seq, sizeBytes }).from(events).orderBy(asc(seq)).limit(limit).all();
  }

  async removeUpTo(tx: Connection, seq: number): Promise<void> {
    tx.delete(events).where(lte(events.seq, seq)).run();
  }
}

function toEvent({ seq, id, type, time, source, correlationId, payload }: EventRow): Event {
  return { seq, id, type, time, source, correlationId, payload: JSON.parse(payload) };
}
