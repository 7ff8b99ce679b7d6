import { and, eq, ne, sql } from "drizzle-orm";
import {
  secretKeys,
  secretKeyWraps,
  secretRecovery,
  secretRecoveryWraps,
} from "../../schema/tables/secrets.ts";
import type { Connection, Database } from "../database/database.ts";

/** A key that encrypts values or signs the audit log; its bytes are held only wrapped. */
export type KeyRow = typeof secretKeys.$inferSelect;
/** One key under one master key. */
export type WrapRow = typeof secretKeyWraps.$inferSelect;
/** The recovery key in force. */
export type RecoveryRow = Omit<typeof secretRecovery.$inferSelect, "id">;

const ONLY_ID = 1;

/** Every query of keys. */
export class KeyStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** False for a database that an older Binnacle left and nobody has brought up to date. */
  async exists(): Promise<boolean> {
    const rows = this.#database.reader.all(
      sql`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'secret_keys'`,
    );
    return rows.length > 0;
  }

  /** Oldest first. */
  async listKeys(db: Connection = this.#database.reader): Promise<KeyRow[]> {
    return db.select().from(secretKeys).orderBy(secretKeys.purpose, secretKeys.version).all();
  }

  async listWraps(masterId: string): Promise<WrapRow[]> {
    return this.#database.reader
      .select()
      .from(secretKeyWraps)
      .where(eq(secretKeyWraps.masterId, masterId))
      .all();
  }

  async insertKey(tx: Connection, row: KeyRow): Promise<void> {
    tx.insert(secretKeys).values(row).run();
  }

  /** In place of one that an earlier attempt left. */
  async putWrap(tx: Connection, row: WrapRow): Promise<void> {
    tx.insert(secretKeyWraps)
      .values(row)
      .onConflictDoUpdate({
        target: [secretKeyWraps.keyId, secretKeyWraps.masterId],
        set: { sealed: row.sealed },
      })
      .run();
  }

  async removeKey(tx: Connection, id: string): Promise<void> {
    tx.delete(secretKeys).where(eq(secretKeys.id, id)).run();
  }

  /** Forgets every wrap, also the recovery key's, under other master keys than this; says whether there was any. */
  async keepOnly(tx: Connection, masterId: string): Promise<boolean> {
    const others = tx
      .delete(secretKeyWraps)
      .where(ne(secretKeyWraps.masterId, masterId))
      .returning({ keyId: secretKeyWraps.keyId })
      .all();
    tx.delete(secretRecoveryWraps).where(ne(secretRecoveryWraps.masterId, masterId)).run();
    return others.length > 0;
  }

  async findRecovery(db: Connection = this.#database.reader): Promise<RecoveryRow | undefined> {
    return db.select().from(secretRecovery).get();
  }

  /** In place of the one before, whose sealed master keys go with it. */
  async replaceRecovery(tx: Connection, row: RecoveryRow): Promise<void> {
    tx.delete(secretRecoveryWraps).run();
    tx.insert(secretRecovery)
      .values({ id: ONLY_ID, ...row })
      .onConflictDoUpdate({ target: secretRecovery.id, set: row })
      .run();
  }

  /** Marks the recovery key with that ending as safely kept; false when it is another one. */
  async confirmRecovery(tx: Connection, ending: string, at: number): Promise<boolean> {
    const rows = tx
      .update(secretRecovery)
      .set({ confirmedAt: at })
      .where(and(eq(secretRecovery.id, ONLY_ID), eq(secretRecovery.ending, ending)))
      .returning({ id: secretRecovery.id })
      .all();
    return rows.length > 0;
  }

  async putRecoveryWrap(tx: Connection, masterId: string, sealed: Buffer): Promise<void> {
    tx.insert(secretRecoveryWraps)
      .values({ masterId, sealed })
      .onConflictDoUpdate({ target: secretRecoveryWraps.masterId, set: { sealed } })
      .run();
  }

  async listRecoveryWraps(): Promise<{ masterId: string; sealed: Buffer }[]> {
    return this.#database.reader.select().from(secretRecoveryWraps).all();
  }
}
