import { setup } from "../../schema/tables/setup.ts";
import type { Connection, Database } from "../database/database.ts";

/** The set-up link in force, by the hash of its token. */
export type SetupRow = Omit<typeof setup.$inferSelect, "id">;

const ONLY_ID = 1;

/** Every query of the set-up link. */
export class SetupStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(db: Connection = this.#database.reader): Promise<SetupRow | undefined> {
    return db.select().from(setup).get();
  }

  /** In place of the one before. */
  async replace(tx: Connection, row: SetupRow): Promise<void> {
    tx.insert(setup)
      .values({ id: ONLY_ID, ...row })
      .onConflictDoUpdate({ target: setup.id, set: row })
      .run();
  }

  async remove(tx: Connection): Promise<void> {
    tx.delete(setup).run();
  }
}
