import { eq } from "drizzle-orm";
import { userPreferences } from "../../schema/tables/settings.ts";
import type { Connection, Database } from "../database/database.ts";

/** Every query of people's own preferences. */
export class PreferenceStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** JSON object of what differs from the defaults; undefined when nothing does. */
  async find(userId: string, db: Connection = this.#database.reader): Promise<string | undefined> {
    return db
      .select({ preferences: userPreferences.preferences })
      .from(userPreferences)
      .where(eq(userPreferences.userId, userId))
      .get()?.preferences;
  }

  async replace(tx: Connection, userId: string, preferences: string, changedAt: number): Promise<void> {
    tx.insert(userPreferences)
      .values({ userId, preferences, changedAt })
      .onConflictDoUpdate({ target: userPreferences.userId, set: { preferences, changedAt } })
      .run();
  }
}
