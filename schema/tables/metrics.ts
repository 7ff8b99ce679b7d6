import { blob, index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * The tables of the samples file. Times are epoch milliseconds. How they work together: `server/metrics/store.ts`.
 */

/** Every series that has samples. */
export const series = sqliteTable("series", {
  id: integer("id").primaryKey(),
  /** Prometheus notation, canonical; see `server/metrics/series.ts`. */
  key: text("key").notNull().unique(),
  name: text("name").notNull(),
  labels: text("labels", { mode: "json" }).$type<Record<string, string>>().notNull(),
  unit: text("unit").notNull(),
  help: text("help").notNull(),
  firstSeenAt: integer("first_seen_at").notNull(),
  /** As of the last sealing. */
  lastSeenAt: integer("last_seen_at").notNull(),
  /** Rows of the log up to this `seq` are in chunks already, as far as this series is concerned. */
  sealedSeq: integer("sealed_seq").notNull(),
  /** Rollups before this time are in chunks; later ones are made from raw samples on reading. */
  rolledUntil: integer("rolled_until").notNull(),
});

/** What was sampled and is not sealed yet: one row an append, all its ticks and series packed. */
export const sampleLog = sqliteTable("sample_log", {
  /** Grows without end; never used twice. */
  seq: integer("seq").primaryKey(),
  /** The hour that its ticks lie in. */
  windowAt: integer("window_at").notNull(),
  /** See `server/metrics/chunks/tick.ts`. */
  ticks: blob("ticks", { mode: "buffer" }).notNull(),
});

/** Sealed samples and rollups; see `server/metrics/chunks/chunk.ts` for the bytes. */
export const chunks = sqliteTable(
  "chunks",
  {
    /** Insertion order: of two chunks with a sample of the same moment the later one counts. */
    id: integer("id").primaryKey(),
    seriesId: integer("series_id").notNull(),
    /** 0 raw, 1 one minute, 2 one hour. */
    tier: integer("tier").notNull(),
    startAt: integer("start_at").notNull(),
    endAt: integer("end_at").notNull(),
    rows: integer("rows").notNull(),
    packed: blob("packed", { mode: "buffer" }).notNull(),
  },
  (table) => [index("chunks_place").on(table.seriesId, table.tier, table.startAt)],
);

/** Where each tier begins: what is older was deleted. */
export const tierFloors = sqliteTable("tier_floors", {
  tier: integer("tier").primaryKey(),
  floorAt: integer("floor_at").notNull(),
});
