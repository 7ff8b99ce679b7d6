import { desc, eq, lt, lte } from "drizzle-orm";
import { settingsRevisions } from "../../schema/tables/settings.ts";
import type { Connection, Database } from "../database/database.ts";
import { type Page, type PageQuery, pageOf, readCursor } from "../database/paging.ts";

export type RevisionRow = typeof settingsRevisions.$inferSelect;
export type RevisionAction = RevisionRow["action"];

/** A key and its value, as written, before and after; null where there was none. */
export interface RecordedChange {
  key: string;
  before: unknown;
  after: unknown;
}

/** One change of the configuration. */
export interface Revision extends Omit<RevisionRow, "changes" | "overrides"> {
  changes: RecordedChange[];
  /** Every run-time override after it, dotted key → value. */
  overrides: Record<string, unknown>;
}

const LIST = "config-history";

/** Every query of the configuration's history, which also holds the overrides in force. */
export class HistoryStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The last change; undefined before the first. */
  async findNewest(db: Connection = this.#database.reader): Promise<Revision | undefined> {
    const row = db.select().from(settingsRevisions).orderBy(desc(settingsRevisions.revision)).limit(1).get();
    return row && read(row);
  }

  async find(revision: number, db: Connection = this.#database.reader): Promise<Revision | undefined> {
    const row = db.select().from(settingsRevisions).where(eq(settingsRevisions.revision, revision)).get();
    return row && read(row);
  }

  /** Newest first. */
  async list({ limit, cursor }: PageQuery): Promise<Page<Revision>> {
    const after = readCursor(LIST, cursor);
    const rows = this.#database.reader
      .select()
      .from(settingsRevisions)
      .where(after === undefined ? undefined : lt(settingsRevisions.revision, Number(after)))
      .orderBy(desc(settingsRevisions.revision))
      .limit(limit + 1)
      .all();
    return pageOf(LIST, rows.map(read), limit, (row) => String(row.revision));
  }

  /** Appends a change; gives its number. */
  async append(tx: Connection, { changes, overrides, ...rest }: Omit<Revision, "revision">): Promise<number> {
    const row = tx
      .insert(settingsRevisions)
      .values({ ...rest, changes: JSON.stringify(changes), overrides: JSON.stringify(overrides) })
      .returning({ revision: settingsRevisions.revision })
      .get();
    return row.revision;
  }

  /** Forgets changes up to and including that number. */
  async removeUpTo(tx: Connection, revision: number): Promise<void> {
    tx.delete(settingsRevisions).where(lte(settingsRevisions.revision, revision)).run();
  }
}

const read = ({ changes, overrides, ...rest }: RevisionRow): Revision => ({
  ...rest,
  changes: JSON.parse(changes) as RecordedChange[],
  overrides: JSON.parse(overrides) as Record<string, unknown>,
});
