import { and, asc, count, eq, gt } from "drizzle-orm";
import { eventSubscribers, parkedEvents } from "../../schema/tables/events.ts";
import type { Connection, Database } from "../database/database.ts";
import { type Page, type PageQuery, pageOf, readCursor } from "../database/paging.ts";
import type { Event } from "./event.ts";

/** How far a durable subscriber has come. */
export type SubscriberState = Omit<typeof eventSubscribers.$inferSelect, "name">;

/** An event that was put aside, with the reason. */
export interface ParkedEvent {
  id: string;
  subscriber: string;
  event: Event;
  attempts: number;
  message: string;
  parkedAt: number;
}

const LIST = "parked-events";
type ParkedRow = typeof parkedEvents.$inferSelect;

/** Every query of durable subscribers and parked events. */
export class DurableStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(name: string): Promise<SubscriberState | undefined> {
    const { cursor, backlog } = eventSubscribers;
    return this.#database.reader
      .select({ cursor, backlog })
      .from(eventSubscribers)
      .where(eq(eventSubscribers.name, name))
      .get();
  }

  async put(tx: Connection, name: string, state: SubscriberState): Promise<void> {
    tx.insert(eventSubscribers)
      .values({ name, ...state })
      .onConflictDoUpdate({ target: eventSubscribers.name, set: state })
      .run();
  }

  /** Forgets the place of a subscriber. */
  async remove(tx: Connection, name: string): Promise<void> {
    tx.delete(eventSubscribers).where(eq(eventSubscribers.name, name)).run();
  }

  async park(tx: Connection, { event, ...parked }: ParkedEvent): Promise<void> {
    tx.insert(parkedEvents)
      .values({ ...parked, event: JSON.stringify(event) })
      .run();
  }

  async countParked(subscriber: string): Promise<number> {
    const { reader } = this.#database;
    const where = eq(parkedEvents.subscriber, subscriber);
    return reader.select({ rows: count() }).from(parkedEvents).where(where).get()?.rows ?? 0;
  }

  async findParked(id: string): Promise<ParkedEvent | undefined> {
    const row = this.#database.reader.select().from(parkedEvents).where(eq(parkedEvents.id, id)).get();
    return row && toParked(row);
  }

  /** Oldest first; of one subscriber, or of all. @throws AppError `invalid_cursor` */
  async listParked({ limit, cursor }: PageQuery, subscriber: string | undefined): Promise<Page<ParkedEvent>> {
    const after = readCursor(LIST, cursor);
    const rows = this.#database.reader
      .select()
      .from(parkedEvents)
      .where(
        and(
          subscriber === undefined ? undefined : eq(parkedEvents.subscriber, subscriber),
          after === undefined ? undefined : gt(parkedEvents.id, after),
        ),
      )
      .orderBy(asc(parkedEvents.id))
      .limit(limit + 1)
      .all();
    return pageOf(LIST, rows.map(toParked), limit, ({ id }) => id);
  }

  async removeParked(tx: Connection, id: string): Promise<void> {
    tx.delete(parkedEvents).where(eq(parkedEvents.id, id)).run();
  }
}

const toParked = ({ event, ...row }: ParkedRow): ParkedEvent => ({ ...row, event: JSON.parse(event) });
