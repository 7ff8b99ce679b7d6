import { eq, inArray, lt } from "drizzle-orm";
import { passwordResets } from "../../schema/tables/password-resets.ts";
import { users } from "../../schema/tables/users.ts";
import type { Connection, Database } from "../database/database.ts";

/** A link that sets a new password, by the hash of its token. */
export type PasswordResetRow = typeof passwordResets.$inferSelect;

/** Every query of links that set a new password. */
export class PasswordResetStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async findByHash(
    tokenHash: string,
    db: Connection = this.#database.reader,
  ): Promise<PasswordResetRow | undefined> {
    return db.select().from(passwordResets).where(eq(passwordResets.tokenHash, tokenHash)).get();
  }

  /** In place of the user's link before. */
  async replace(tx: Connection, row: PasswordResetRow): Promise<void> {
    const { tokenHash, expiresAt } = row;
    tx.insert(passwordResets)
      .values(row)
      .onConflictDoUpdate({ target: passwordResets.userId, set: { tokenHash, expiresAt } })
      .run();
  }

  async removeOfUser(tx: Connection, userId: string): Promise<void> {
    tx.delete(passwordResets).where(eq(passwordResets.userId, userId)).run();
  }

  async removeOfRole(tx: Connection, role: string): Promise<void> {
    const holders = tx.select({ id: users.id }).from(users).where(eq(users.role, role));
    tx.delete(passwordResets).where(inArray(passwordResets.userId, holders)).run();
  }

  async removeExpired(tx: Connection, now: number): Promise<void> {
    tx.delete(passwordResets).where(lt(passwordResets.expiresAt, now)).run();
  }
}
