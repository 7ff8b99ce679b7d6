import { and, asc, eq, gt, isNotNull, isNull, lt } from "drizzle-orm";
import { plugins } from "../../../schema/tables/plugins.ts";
import type { Connection, Database } from "../../database/database.ts";
import { type Page, type PageQuery, pageOf, readCursor } from "../../database/paging.ts";

type Row = typeof plugins.$inferSelect;

/** A plugin as it is remembered: what was found of it, what somebody wished, what happened. */
export interface StoredPlugin extends Omit<Row, "config"> {
  /** As set here; secrets stand in the secret store. */
  config: Record<string, unknown>;
}

/** Why a plugin is started no more, for which content, by which build of the server. */
export interface Quarantine {
  reason: string;
  digest: string;
  build: string;
  at: number;
}

/** Who changes something, and when (epoch milliseconds). */
export interface ChangedBy {
  by: string;
  at: number;
}

const LIST = "plugins";

/** Every query of the plugins that were ever found here. */
export class PluginStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Whether or not it is removed. */
  async find(id: string, db: Connection = this.#database.reader): Promise<StoredPlugin | undefined> {
    const row = db.select().from(plugins).where(eq(plugins.id, id)).get();
    return row && read(row);
  }

  /** Those that are not removed, by id. */
  async listAll(db: Connection = this.#database.reader): Promise<StoredPlugin[]> {
    return db
      .select()
      .from(plugins)
      .where(isNull(plugins.removedAt))
      .orderBy(asc(plugins.id))
      .all()
      .map(read);
  }

  /** Those that are not removed, by id. */
  async list({ limit, cursor }: PageQuery): Promise<Page<StoredPlugin>> {
    const after = readCursor(LIST, cursor);
    const rows = this.#database.reader
      .select()
      .from(plugins)
      .where(and(isNull(plugins.removedAt), after === undefined ? undefined : gt(plugins.id, after)))
      .orderBy(asc(plugins.id))
      .limit(limit + 1)
      .all();
    return pageOf(LIST, rows.map(read), limit, ({ id }) => id);
  }

  /** Those that are removed and can be brought back, by id. */
  async listRemoved(db: Connection = this.#database.reader): Promise<StoredPlugin[]> {
    return db
      .select()
      .from(plugins)
      .where(isNotNull(plugins.removedAt))
      .orderBy(asc(plugins.id))
      .all()
      .map(read);
  }

  async insert(tx: Connection, { config, ...row }: StoredPlugin): Promise<void> {
    tx.insert(plugins)
      .values({ ...row, config: JSON.stringify(config) })
      .run();
  }

  /** What was found of it now, wherever it lies; a removed one is back by it. */
  async putSource(
    tx: Connection,
    id: string,
    source: Pick<StoredPlugin, "origin" | "path" | "type" | "version" | "digest">,
    { by, at }: ChangedBy,
  ): Promise<void> {
    const { origin, path, type, version, digest } = source;
    const row = { origin, path, type, version, digest, removedAt: null, changedBy: by, changedAt: at };
    tx.update(plugins).set(row).where(eq(plugins.id, id)).run();
  }

  /** The lasting wishes; what is undefined stays. */
  async putWishes(
    tx: Connection,
    id: string,
    { isEnabled, isPaused }: { isEnabled?: boolean; isPaused?: boolean },
    { by, at }: ChangedBy,
  ): Promise<void> {
    const row = {
      ...(isEnabled === undefined ? {} : { isEnabled }),
      ...(isPaused === undefined ? {} : { isPaused }),
      changedBy: by,
      changedAt: at,
    };
    tx.update(plugins).set(row).where(eq(plugins.id, id)).run();
  }

  async putConfig(
    tx: Connection,
    id: string,
    config: Readonly<Record<string, unknown>>,
    { by, at }: ChangedBy,
  ): Promise<void> {
    const row = { config: JSON.stringify(config), changedBy: by, changedAt: at };
    tx.update(plugins).set(row).where(eq(plugins.id, id)).run();
  }

  /** Undefined releases it. */
  async putQuarantine(tx: Connection, id: string, quarantine: Quarantine | undefined): Promise<void> {
    const row = {
      quarantineReason: quarantine?.reason ?? null,
      quarantinedDigest: quarantine?.digest ?? null,
      quarantinedBuild: quarantine?.build ?? null,
      quarantinedAt: quarantine?.at ?? null,
    };
    tx.update(plugins).set(row).where(eq(plugins.id, id)).run();
  }

  async markRemoved(tx: Connection, id: string, { by, at }: ChangedBy): Promise<void> {
    const row = { removedAt: at, isEnabled: false, changedBy: by, changedAt: at };
    tx.update(plugins).set(row).where(eq(plugins.id, id)).run();
  }

  /** Forgets those that were removed before that time; gives their ids, of which other tables may hold rows. */
  async pruneRemoved(tx: Connection, before: number): Promise<string[]> {
    return tx
      .delete(plugins)
      .where(lt(plugins.removedAt, before))
      .returning({ id: plugins.id })
      .all()
      .map(({ id }) => id);
  }
}

const read = ({ config, ...row }: Row): StoredPlugin => ({
  ...row,
  config: JSON.parse(config) as Record<string, unknown>,
});
