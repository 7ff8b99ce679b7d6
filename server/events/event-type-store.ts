import { asc, eq } from "drizzle-orm";
import { eventTypes } from "../../schema/tables/events.ts";
import type { Connection, Database } from "../database/database.ts";

/** A registered type as it is stored. */
export type EventTypeRow = typeof eventTypes.$inferSelect;

/** Every query of registered event types. */
export class EventTypeStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async listAll(): Promise<EventTypeRow[]> {
    return this.#database.reader.select().from(eventTypes).orderBy(asc(eventTypes.name)).all();
  }

  async put(tx: Connection, row: EventTypeRow): Promise<void> {
    const { description, schema, updatedAt } = row;
    tx.insert(eventTypes)
      .values(row)
      .onConflictDoUpdate({ target: eventTypes.name, set: { description, schema, updatedAt } })
      .run();
  }

  async remove(tx: Connection, name: string): Promise<void> {
    tx.delete(eventTypes).where(eq(eventTypes.name, name)).run();
  }
}
