import { and, asc, count, desc, eq, gt, inArray, max, ne, sum } from "drizzle-orm";
import { secrets, secretUses } from "../../schema/tables/secrets.ts";
import type { Connection, Database } from "../database/database.ts";
import { type Page, type PageQuery, pageOf, readCursor } from "../database/paging.ts";

/** A secret as it is stored. */
export type SecretRow = typeof secrets.$inferSelect;

/** What one purpose did with a secret. */
export interface SecretUse {
  purpose: string;
  count: number;
  /** Epoch milliseconds. */
  lastUsedAt: number;
}

/** A secret without its value, and what uses it, latest first. */
export type Secret = Omit<SecretRow, "sealed" | "keyVersion"> & {
  lastUsedAt: number | null;
  uses: number;
  usedBy: SecretUse[];
};

const LIST = "secrets";
/** Purposes shown of each secret. */
const SHOWN_USES = 10;
/** Purposes kept of each secret; the least recent go first. */
const MAX_USES = 100;
const PUBLIC = {
  name: secrets.name,
  description: secrets.description,
  version: secrets.version,
  createdAt: secrets.createdAt,
  changedAt: secrets.changedAt,
  changedBy: secrets.changedBy,
};

/** Every query of secrets and their uses. */
export class SecretStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** With the encrypted value. */
  async findRow(name: string, db: Connection = this.#database.reader): Promise<SecretRow | undefined> {
    return db.select().from(secrets).where(eq(secrets.name, name)).get();
  }

  async listRows(): Promise<SecretRow[]> {
    return this.#database.reader.select().from(secrets).orderBy(asc(secrets.name)).all();
  }

  /** Names of the secrets that another data key than this encrypts. */
  async listNamesNotUnder(keyVersion: number, db: Connection = this.#database.reader): Promise<string[]> {
    return db
      .select({ name: secrets.name })
      .from(secrets)
      .where(ne(secrets.keyVersion, keyVersion))
      .all()
      .map(({ name }) => name);
  }

  async find(name: string, db: Connection = this.#database.reader): Promise<Secret | undefined> {
    const row = db.select(PUBLIC).from(secrets).where(eq(secrets.name, name)).get();
    return row && this.#withUses([row], db)[0];
  }

  /** By name. */
  async list({ limit, cursor }: PageQuery): Promise<Page<Secret>> {
    const after = readCursor(LIST, cursor);
    const db = this.#database.reader;
    const rows = db
      .select(PUBLIC)
      .from(secrets)
      .where(after === undefined ? undefined : gt(secrets.name, after))
      .orderBy(asc(secrets.name))
      .limit(limit + 1)
      .all();
    return pageOf(LIST, this.#withUses(rows, db), limit, (row) => row.name);
  }

  async count(db: Connection = this.#database.reader): Promise<number> {
    return db.select({ rows: count() }).from(secrets).get()?.rows ?? 0;
  }

  async insert(tx: Connection, row: SecretRow): Promise<void> {
    tx.insert(secrets).values(row).run();
  }

  async update(tx: Connection, { name, ...changes }: SecretRow): Promise<void> {
    tx.update(secrets).set(changes).where(eq(secrets.name, name)).run();
  }

  /** The same value under another data key; false when somebody gave the secret a new value meanwhile. */
  async reseal(tx: Connection, before: SecretRow, keyVersion: number, sealed: Buffer): Promise<boolean> {
    const isSame = and(
      eq(secrets.name, before.name),
      eq(secrets.version, before.version),
      eq(secrets.keyVersion, before.keyVersion),
    );
    return tx.update(secrets).set({ keyVersion, sealed }).where(isSame).returning().all().length > 0;
  }

  async remove(tx: Connection, name: string): Promise<void> {
    tx.delete(secrets).where(eq(secrets.name, name)).run();
  }

  /** Adds to what is known of a secret's uses; one that is gone is passed over. */
  async addUse(
    tx: Connection,
    name: string,
    { purpose, count: times, lastUsedAt }: SecretUse,
  ): Promise<void> {
    if (!tx.select({ name: secrets.name }).from(secrets).where(eq(secrets.name, name)).get()) return;
    const known = tx
      .select()
      .from(secretUses)
      .where(and(eq(secretUses.name, name), eq(secretUses.purpose, purpose)))
      .get();
    const row = { name, purpose, count: (known?.count ?? 0) + times, lastUsedAt };
    tx.insert(secretUses)
      .values(row)
      .onConflictDoUpdate({ target: [secretUses.name, secretUses.purpose], set: row })
      .run();
    const surplus = tx
      .select({ purpose: secretUses.purpose })
      .from(secretUses)
      .where(eq(secretUses.name, name))
      .orderBy(desc(secretUses.lastUsedAt))
      .limit(MAX_USES)
      .offset(MAX_USES)
      .all();
    for (const use of surplus) {
      tx.delete(secretUses)
        .where(and(eq(secretUses.name, name), eq(secretUses.purpose, use.purpose)))
        .run();
    }
  }

  #withUses(rows: readonly Omit<Secret, "lastUsedAt" | "uses" | "usedBy">[], db: Connection): Secret[] {
    const names = rows.map(({ name }) => name);
    const totals = db
      .select({ name: secretUses.name, uses: sum(secretUses.count), lastUsedAt: max(secretUses.lastUsedAt) })
      .from(secretUses)
      .where(inArray(secretUses.name, names))
      .groupBy(secretUses.name)
      .all();
    return rows.map((row) => {
      const total = totals.find(({ name }) => name === row.name);
      const usedBy = total ? this.#latestUses(row.name, db) : [];
      return { ...row, lastUsedAt: total?.lastUsedAt ?? null, uses: Number(total?.uses ?? 0), usedBy };
    });
  }

  #latestUses(name: string, db: Connection): SecretUse[] {
    return db
      .select({ purpose: secretUses.purpose, count: secretUses.count, lastUsedAt: secretUses.lastUsedAt })
      .from(secretUses)
      .where(eq(secretUses.name, name))
      .orderBy(desc(secretUses.lastUsedAt))
      .limit(SHOWN_USES)
      .all();
  }
}
