import { and, desc, eq, lt, lte, sql } from "drizzle-orm";
import type { PluginHealth } from "../../../schema/rules/plugins.ts";
import { pluginHealth } from "../../../schema/tables/plugins.ts";
import type { Connection, Database } from "../../database/database.ts";
import { type Page, type PageQuery, pageOf, readCursor } from "../../database/paging.ts";
import { AppError } from "../../errors/app-error.ts";

/** What a plugin depends on, as it told at a check. */
export interface DependencyHealth {
  name: string;
  status: PluginHealth;
  /** Undefined when it was not measured. */
  responseMs: number | undefined;
}

/** What one health check found. */
export interface HealthRecord {
  /** Epoch milliseconds. */
  at: number;
  status: PluginHealth;
  /** Undefined when it did not answer. */
  responseMs: number | undefined;
  message: string;
  dependencies: DependencyHealth[];
}

const LIST = "plugin-health";
const CURSOR = /^\d{1,16}$/;
type Row = typeof pluginHealth.$inferSelect;

/** Every query of the health history. */
export class HealthStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async insert(tx: Connection, pluginId: string, record: HealthRecord): Promise<void> {
    tx.insert(pluginHealth)
      .values({
        pluginId,
        at: record.at,
        status: record.status,
        responseMs: record.responseMs === undefined ? null : Math.round(record.responseMs),
        message: record.message,
        dependencies: JSON.stringify(record.dependencies),
      })
      .run();
  }

  /** The latest first. @throws AppError `invalid_cursor` */
  async list(pluginId: string, { limit, cursor }: PageQuery): Promise<Page<HealthRecord>> {
    const key = readCursor(LIST, cursor);
    if (key !== undefined && !CURSOR.test(key)) throw new AppError("invalid_cursor");
    const rows = this.#database.reader
      .select()
      .from(pluginHealth)
      .where(
        and(
          eq(pluginHealth.pluginId, pluginId),
          key === undefined ? undefined : lt(pluginHealth.id, Number(key)),
        ),
      )
      .orderBy(desc(pluginHealth.id))
      .limit(limit + 1)
      .all();
    const { items, nextCursor } = pageOf(LIST, rows, limit, ({ id }) => String(id));
    return { items: items.map(toRecord), nextCursor };
  }

  /** Leaves at most `kept` records of a plugin, none of them from before `before` (epoch milliseconds). */
  async trim(tx: Connection, pluginId: string, kept: number, before: number): Promise<void> {
    const own = eq(pluginHealth.pluginId, pluginId);
    tx.delete(pluginHealth)
      .where(and(own, lt(pluginHealth.at, before)))
      .run();
    const newestGone = tx
      .select({ id: pluginHealth.id })
      .from(pluginHealth)
      .where(own)
      .orderBy(desc(pluginHealth.id))
      .limit(1)
      .offset(kept)
      .get();
    if (!newestGone) return;
    tx.delete(pluginHealth)
      .where(and(own, lte(pluginHealth.id, newestGone.id)))
      .run();
  }

  async removeAll(tx: Connection, pluginId: string): Promise<void> {
    tx.delete(pluginHealth).where(eq(pluginHealth.pluginId, pluginId)).run();
  }

  /** Ids of plugins with a history. */
  async listPlugins(): Promise<string[]> {
    const id = sql<string>`DISTINCT ${pluginHealth.pluginId}`;
    return this.#database.reader
      .select({ id })
      .from(pluginHealth)
      .all()
      .map((row) => row.id);
  }
}

const toRecord = ({ responseMs, dependencies, at, status, message }: Row): HealthRecord => ({
  at,
  status,
  message,
  responseMs: responseMs ?? undefined,
  dependencies: JSON.parse(dependencies),
});
