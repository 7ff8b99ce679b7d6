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
  /** Of one request; what else is asked for is looked for among its few. */
  correlationId: string | undefined;
  /** Only later ones; they are listed oldest first then, else newest first. */
  since: number | undefined;
}

/** The numbers of the events that the ring holds. */
export interface RingSpan {
  /** Of the next one when there is none. */
  oldestSeq: number;
  /** Of the newest ever published; 0 before the first. */
  newestSeq: number;
}

const NEWEST_FIRST = "events";
const OLDEST_FIRST = "events.since";
/** What a row costs beside its texts: numbers, id, four index entries. */
const ROW_OVERHEAD_BYTES = 250;
/** The bound of `IN (…)`; a ring with more types answers for the first of them. */
const MAX_LISTED_TYPES = 5_000;

/** Every event passes here: the query builder would cost more than the insert. */
const INSERT =
  "INSERT INTO events (id, type, time, source, correlation_id, payload, size_bytes) VALUES (?, ?, ?, ?, ?, ?, ?)";

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
    const insert = tx.$client.query<never, [string, string, number, string, string, string, number]>(INSERT);
    const { lastInsertRowid } = insert.run(id, type, time, source, correlationId, text, sizeBytes);
    return { seq: Number(lastInsertRowid), id, type, time, source, correlationId, payload, sizeBytes };
  }

  /** The numbers that the ring spans; found by the index, however many there are. */
  async span(): Promise<RingSpan> {
    const db = this.#database.reader;
    const oldest = db
      .select({ seq: min(events.seq) })
      .from(events)
      .get();
    const newest = db
      .select({ seq: max(events.seq) })
      .from(events)
      .get();
    const given = db.get<{ seq: number } | undefined>(
      sql`SELECT seq FROM sqlite_sequence WHERE name = 'events'`,
    );
    const newestSeq = Math.max(newest?.seq ?? 0, given?.seq ?? 0);
    return { oldestSeq: oldest?.seq ?? newestSeq + 1, newestSeq };
  }

  /** What the events up to a number weigh together; reads every row. */
  async sizeUpTo(seq: number): Promise<number> {
    const size = sql<number | null>`sum(${events.sizeBytes})`;
    return this.#database.reader.select({ size }).from(events).where(lte(events.seq, seq)).get()?.size ?? 0;
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
  async list({ limit, cursor }: PageQuery, filter: EventFilter): Promise<Page<Event>> {
    const { types, source, correlationId, since } = filter;
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
          correlationId === undefined ? undefined : eq(events.correlationId, correlationId),
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
