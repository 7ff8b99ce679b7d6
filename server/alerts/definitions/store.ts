import { and, desc, eq, notInArray } from "drizzle-orm";
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

  async find(tx: Connection, id: string): Promise<DefinitionRow | undefined> {
    return tx.select().from(alertDefinitions).where(eq(alertDefinitions.id, id)).get();
  }

  async put(tx: Connection, row: DefinitionRow): Promise<void> {
    tx.insert(alertDefinitions)
      .values(row)
      .onConflictDoUpdate({ target: alertDefinitions.id, set: row })
      .run();
  }

  /** Of what was removed, remembers the latest `keep`. */
  async forgetRemoved(tx: Connection, keep: number): Promise<void> {
    const isRemoved = eq(alertDefinitions.kind, "removed");
    const kept = tx
      .select({ id: alertDefinitions.id })
      .from(alertDefinitions)
      .where(isRemoved)
      .orderBy(desc(alertDefinitions.updatedAt), desc(alertDefinitions.id))
      .limit(keep);
    tx.delete(alertDefinitions)
      .where(and(isRemoved, notInArray(alertDefinitions.id, kept)))
      .run();
  }
}
