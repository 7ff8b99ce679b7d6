import { and, asc, desc, eq, gt, gte, like, lt, lte, or, type SQL, sql } from "drizzle-orm";
import { audit, auditCheckpoints } from "../../schema/tables/audit.ts";
import type { Connection, Database } from "../database/database.ts";
import type { ChainPosition } from "./audit-chain.ts";

/** One row of the audit log. */
export type AuditRow = typeof audit.$inferSelect;

/** What stands for the rows that retention removed. */
export type CheckpointRow = typeof auditCheckpoints.$inferSelect;

/** Which rows are asked for; what is absent does not matter. Times are epoch milliseconds. */
export interface AuditFilter {
  /** Exactly this actor. */
  actor?: string | undefined;
  /** Exactly this action, or a noun (`user`) for all of its actions. */
  action?: string | undefined;
  target?: string | undefined;
  outcome?: AuditRow["outcome"] | undefined;
  from?: number | undefined;
  to?: number | undefined;
  /** Anywhere in actor, action, target, address, correlation id or detail; case does not matter. */
  text?: string | undefined;
}

/** Numbers of rows, both included. */
export interface SeqRange {
  first: number;
  last: number;
}

/** Every query of the audit log. */
export class AuditStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async findLast(db: Connection = this.#database.reader): Promise<ChainPosition | undefined> {
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

  /** Rows of the range that the filter fits; newest first, or oldest first. */
  async search(
    filter: AuditFilter,
    { first, last }: SeqRange,
    limit: number,
    order: "newest" | "oldest" = "newest",
  ): Promise<AuditRow[]> {
    return this.#database.reader
      .select()
      .from(audit)
      .where(and(gte(audit.seq, first), lte(audit.seq, last), ...conditionsOf(filter)))
      .orderBy(order === "newest" ? desc(audit.seq) : asc(audit.seq))
      .limit(limit)
      .all();
  }

  /** The numbers of the oldest and the newest row; undefined when there is none. */
  async findRange(): Promise<SeqRange | undefined> {
    const edge = (order: SQL) =>
      this.#database.reader.select({ seq: audit.seq }).from(audit).orderBy(order).limit(1).get()?.seq;
    const [first, last] = [edge(asc(audit.seq)), edge(desc(audit.seq))];
    return first === undefined || last === undefined ? undefined : { first, last };
  }

  async has(action: string): Promise<boolean> {
    const { reader } = this.#database;
    return (
      reader.select({ seq: audit.seq }).from(audit).where(eq(audit.action, action)).limit(1).all().length > 0
    );
  }

  /** The highest number ever given, rows that are gone included; 0 before the first. */
  async highestSeqGiven(): Promise<number> {
    const [row] = this.#database.reader.all<{ seq: number }>(
      sql`SELECT seq FROM sqlite_sequence WHERE name = 'audit'`,
    );
    return row?.seq ?? 0;
  }

  /** The oldest row that is from `at` or later. */
  async findFirstSince(at: number): Promise<number | undefined> {
    const [row] = this.#database.reader.all<{ seq: number | null }>(
      sql`SELECT min(${audit.seq}) AS seq FROM ${audit} WHERE ${audit.at} >= ${at}`,
    );
    return row?.seq ?? undefined;
  }

  async findRow(seq: number): Promise<AuditRow | undefined> {
    return this.#database.reader.select().from(audit).where(eq(audit.seq, seq)).get();
  }

  /** The one in force; undefined in a database of an older Binnacle, or as long as nothing was removed. */
  async findCheckpoint(): Promise<CheckpointRow | undefined> {
    const { reader } = this.#database;
    const [table] = reader.all(
      sql`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'audit_checkpoints'`,
    );
    if (!table) return undefined;
    return reader.select().from(auditCheckpoints).orderBy(desc(auditCheckpoints.seq)).limit(1).get();
  }

  /** Puts the checkpoint in force and removes the rows it stands for. */
  async removeThrough(tx: Connection, checkpoint: CheckpointRow): Promise<void> {
    tx.insert(auditCheckpoints).values(checkpoint).run();
    tx.delete(auditCheckpoints).where(lt(auditCheckpoints.seq, checkpoint.seq)).run();
    tx.delete(audit).where(lte(audit.seq, checkpoint.seq)).run();
  }
}

function conditionsOf({ actor, action, target, outcome, from, to, text }: AuditFilter): (SQL | undefined)[] {
  return [
    actor === undefined ? undefined : eq(audit.actor, actor),
    action === undefined ? undefined : actionCondition(action),
    target === undefined ? undefined : eq(audit.target, target),
    outcome === undefined ? undefined : eq(audit.outcome, outcome),
    from === undefined ? undefined : gte(audit.at, from),
    to === undefined ? undefined : lt(audit.at, to),
    text === undefined ? undefined : textCondition(text),
  ];
}

/** The dot sorts just before the slash: all actions of a noun lie between, where the index finds them. */
const actionCondition = (action: string): SQL | undefined =>
  action.includes(".")
    ? eq(audit.action, action)
    : and(gte(audit.action, `${action}.`), lt(audit.action, `${action}/`));

function textCondition(text: string): SQL | undefined {
  const pattern = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  const columns = [audit.actor, audit.action, audit.target, audit.address, audit.correlationId, audit.detail];
  return or(...columns.map((column) => sql`${like(column, pattern)} ESCAPE '\\'`));
}
