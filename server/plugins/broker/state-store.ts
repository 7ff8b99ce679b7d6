import { and, asc, count, eq, gt, gte, lt, sum } from "drizzle-orm";
import { pluginState } from "../../../schema/tables/plugins.ts";
import type { Connection, Database } from "../../database/database.ts";

/** What a plugin's state takes. */
export interface StateExtent {
  keys: number;
  sizeBytes: number;
}

/** A key to keep, its value as JSON. */
export interface StateRow {
  pluginId: string;
  key: string;
  value: string;
  sizeBytes: number;
  changedAt: number;
}

/** Beyond every key that begins with a prefix. */
const LAST_CHARACTER = "\u{10ffff}";

/** Every query of the plugins' key–value state. */
export class PluginStateStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(pluginId: string, key: string): Promise<string | undefined> {
    const row = this.#database.reader
      .select({ value: pluginState.value })
      .from(pluginState)
      .where(at(pluginId, key))
      .get();
    return row?.value;
  }

  /** Size of one row; 0 when there is none. */
  async sizeOf(tx: Connection, pluginId: string, key: string): Promise<number> {
    const row = tx
      .select({ sizeBytes: pluginState.sizeBytes })
      .from(pluginState)
      .where(at(pluginId, key))
      .get();
    return row?.sizeBytes ?? 0;
  }

  async extentOf(tx: Connection, pluginId: string): Promise<StateExtent> {
    const row = tx
      .select({ keys: count(), sizeBytes: sum(pluginState.sizeBytes) })
      .from(pluginState)
      .where(eq(pluginState.pluginId, pluginId))
      .get();
    return { keys: row?.keys ?? 0, sizeBytes: Number(row?.sizeBytes ?? 0) };
  }

  /** Keys in the order of their bytes. */
  async listKeys(pluginId: string, prefix: string, after: string, limit: number): Promise<string[]> {
    const rows = this.#database.reader
      .select({ key: pluginState.key })
      .from(pluginState)
      .where(
        and(
          eq(pluginState.pluginId, pluginId),
          gte(pluginState.key, prefix),
          lt(pluginState.key, `${prefix}${LAST_CHARACTER}`),
          gt(pluginState.key, after),
        ),
      )
      .orderBy(asc(pluginState.key))
      .limit(limit)
      .all();
    return rows.map(({ key }) => key);
  }

  async put(tx: Connection, row: StateRow): Promise<void> {
    const { value, sizeBytes, changedAt } = row;
    tx.insert(pluginState)
      .values(row)
      .onConflictDoUpdate({
        target: [pluginState.pluginId, pluginState.key],
        set: { value, sizeBytes, changedAt },
      })
      .run();
  }

  async remove(tx: Connection, pluginId: string, key: string): Promise<void> {
    tx.delete(pluginState).where(at(pluginId, key)).run();
  }

  async removeAll(tx: Connection, pluginId: string): Promise<void> {
    tx.delete(pluginState).where(eq(pluginState.pluginId, pluginId)).run();
  }
}

const at = (pluginId: string, key: string) =>
  and(eq(pluginState.pluginId, pluginId), eq(pluginState.key, key));
