import { and, asc, count, eq } from "drizzle-orm";
import { identities } from "../../../schema/tables/identities.ts";
import type { Connection, Database } from "../../database/database.ts";

/** An account at a provider by which a user signs in. */
export type IdentityRow = typeof identities.$inferSelect;

/** Every query of linked accounts. Without a connection the reader answers. */
export class IdentityStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(id: string, db: Connection = this.#database.reader): Promise<IdentityRow | undefined> {
    return db.select().from(identities).where(eq(identities.id, id)).get();
  }

  async findBySubject(
    issuer: string,
    subject: string,
    db: Connection = this.#database.reader,
  ): Promise<IdentityRow | undefined> {
    const isIt = and(eq(identities.issuer, issuer), eq(identities.subject, subject));
    return db.select().from(identities).where(isIt).get();
  }

  /** Oldest first. */
  async listOfUser(userId: string): Promise<IdentityRow[]> {
    return this.#database.reader
      .select()
      .from(identities)
      .where(eq(identities.userId, userId))
      .orderBy(asc(identities.id))
      .all();
  }

  async countOfUser(tx: Connection, userId: string): Promise<number> {
    return (
      tx.select({ rows: count() }).from(identities).where(eq(identities.userId, userId)).get()?.rows ?? 0
    );
  }

  async insert(tx: Connection, row: IdentityRow): Promise<void> {
    tx.insert(identities).values(row).run();
  }

  async update(tx: Connection, id: string, changes: Partial<Omit<IdentityRow, "id">>): Promise<void> {
    tx.update(identities).set(changes).where(eq(identities.id, id)).run();
  }

  async remove(tx: Connection, id: string): Promise<void> {
    tx.delete(identities).where(eq(identities.id, id)).run();
  }
}
