import { asc, desc, gt, sql } from "drizzle-orm";
import { audit } from "../../schema/tables/audit.ts";
import type { Connection, Database } from "../database/database.ts";

/** One row of the audit log. */
export type AuditRow = typeof audit.$inferSelect;

/** Every query of the audit log. */
export class AuditStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async findLast(db: Connection): Promise<Pick<AuditRow, "seq" | "mac"> | undefined> {
    return db.select({ seq: audit.seq, mac: audit.mac }).from(audit).orderBy(desc(audit.seq)).limit(1).get();
  }

  async insert(tx: Connection, row: AuditRow): Promise<void> {
    tx.insert(audit).values(row).run();
  }

  /** Rows after `seq`, oldest first. */
  async listAfter(seq: number, limit: number): Promise<AuditRow[]> {
    return this.#database.reader
      .select()
      .from(audit)
      .where(gt(audit.seq, seq))
      .orderBy(asc(audit.seq))
      .limit(limit)
      .all();
  }

  /** The highest number ever given, rows that are gone included; 0 before the first. */
  async highestSeqGiven(): Promise<number> {
    const [row] = this.#database.reader.all<{ seq: number }>(
      sql`SELECT seq FROM sqlite_sequence WHERE name = 'audit'`,
    );
    return row?.seq ?? 0;
  }
}
