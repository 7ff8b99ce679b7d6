import { blob, index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * The tables of the log file, beside the full-text index `log_index`. Times are epoch milliseconds. How they work
 * together: `server/logs/store.ts`.
 */

/** Sealed lines, compressed; one row a block, whose `id` is the number of its first line. */
export const logBlocks = sqliteTable("log_blocks", {
  id: integer("id").primaryKey(),
  lastId: integer("last_id").notNull(),
  minAt: integer("min_at").notNull(),
  maxAt: integer("max_at").notNull(),
  sealedAt: integer("sealed_at").notNull(),
  /** Lines of each level. */
  debug: integer("debug").notNull(),
  info: integer("info").notNull(),
  warning: integer("warning").notNull(),
  error: integer("error").notNull(),
  /** Numbers of the sources within, as `,3,17,`. */
  sources: text("sources").notNull(),
  /** Times, levels and sources of the lines; see `server/logs/store/marks.ts`. */
  marks: blob("marks", { mode: "buffer" }).notNull(),
});

/** The texts of a block apart from what is known of them, so that looking for blocks reads few pages. */
export const logTexts = sqliteTable("log_texts", {
  id: integer("id").primaryKey(),
  packed: blob("packed", { mode: "buffer" }).notNull(),
});

/** The newest lines, not sealed yet: one row an append. */
export const logTail = sqliteTable("log_tail", {
  id: integer("id").primaryKey(),
  marks: blob("marks", { mode: "buffer" }).notNull(),
  texts: text("texts").notNull(),
});

/** Who speaks. */
export const logSources = sqliteTable("log_sources", {
  id: integer("id").primaryKey(),
  name: text("name").notNull().unique(),
  firstSeenAt: integer("first_seen_at").notNull(),
  lastSeenAt: integer("last_seen_at").notNull(),
  /** Lines ever taken. */
  lines: integer("lines").notNull(),
  /** Who named it first, and has one less to name: a user; empty for this machine's files. */
  sender: text("sender").notNull().default(""),
});

/** How far each watched file was read; committed together with its lines. */
export const logFiles = sqliteTable(
  "log_files",
  {
    path: text("path").primaryKey(),
    /** Device and inode, as a text: both may exceed what a number holds. */
    inode: text("inode").notNull(),
    offset: integer("offset").notNull(),
    /** Hash of the first bytes, and how many they are: tells a new file that was given an old inode. */
    fingerprint: text("fingerprint").notNull(),
    fingerprintBytes: integer("fingerprint_bytes").notNull(),
    seenAt: integer("seen_at").notNull(),
  },
  (table) => [index("log_files_seen").on(table.seenAt)],
);

/** One row: the number that the next line had at the last deletion, so that numbers are never given twice. */
export const logFloor = sqliteTable("log_floor", {
  id: integer("id").primaryKey(),
  nextId: integer("next_id").notNull(),
});
