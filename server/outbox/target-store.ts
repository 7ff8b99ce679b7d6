import { and, eq, sql } from "drizzle-orm";
import { outboxTargets } from "../../schema/tables/outbox.ts";
import type { Connection, Database } from "../database/database.ts";
import { Prepared } from "../database/prepared.ts";

/** One row of the targets that are not simply running. */
export type TargetRow = typeof outboxTargets.$inferSelect;

const { placeholder } = sql;
const FIND = new Prepared((db) =>
  db
    .select()
    .from(outboxTargets)
    .where(and(eq(outboxTargets.kind, placeholder("kind")), eq(outboxTargets.target, placeholder("target"))))
    .prepare(),
);

/** Every query of how the targets of deliveries fare. */
export class TargetStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(
    kind: string,
    target: string,
    db: Connection = this.#database.reader,
  ): Promise<TargetRow | undefined> {
    return FIND.on(db).get({ kind, target });
  }

  /** Whether deliveries go to it; neither paused nor switched off. */
  async isActive(tx: Connection, kind: string, target: string): Promise<boolean> {
    return ((await this.find(kind, target, tx))?.state ?? "active") === "active";
  }

  async list(tx: Connection): Promise<TargetRow[]> {
    return tx.select().from(outboxTargets).all();
  }

  async put(tx: Connection, row: TargetRow): Promise<void> {
    const { kind, target, ...set } = row;
    tx.insert(outboxTargets)
      .values(row)
      .onConflictDoUpdate({ target: [outboxTargets.kind, outboxTargets.target], set })
      .run();
  }

  async remove(tx: Connection, kind: string, target: string): Promise<void> {
    tx.delete(outboxTargets)
      .where(and(eq(outboxTargets.kind, kind), eq(outboxTargets.target, target)))
      .run();
  }
}
