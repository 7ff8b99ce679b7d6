import { and, eq } from "drizzle-orm";
import { alertDefinitions } from "../../../schema/tables/alerts.ts";
import type { Connection, Database } from "../../database/database.ts";

export type DefinitionRow = typeof alertDefinitions.$inferSelect;

/** Every query of what people set up. */
export class DefinitionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list(db: Connection = this.#database.reader): Promise<DefinitionRow[]> {
    return db.select().from(alertDefinitions).orderBy(alertDefinitions.createdAt, alertDefinitions.id).all();
  }

  async findByName(
    tx: Connection,
    kind: DefinitionRow["kind"],
    name: string,
  ): Promise<DefinitionRow | undefined> {
    const where = and(eq(alertDefinitions.kind, kind), eq(alertDefinitions.name, name));
    return tx.select().from(alertDefinitions).where(where).get();
  }

  async put(tx: Connection, row: DefinitionRow): Promise<void> {
    tx.insert(alertDefinitions)
      .values(row)
      .onConflictDoUpdate({ target: alertDefinitions.id, set: row })
      .run();
  }

  async remove(tx: Connection, id: string): Promise<void> {
    tx.delete(alertDefinitions).where(eq(alertDefinitions.id, id)).run();
  }
}
