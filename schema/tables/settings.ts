import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { users } from "./users.ts";

/**
 * Every change of the configuration, one row each; the newest row holds the run-time overrides in force. One table, so
 * that a change, its history and its revision number cannot come apart.
 */
export const settingsRevisions = sqliteTable("settings_revisions", {
  /** Grows by one with each change; what an editor says it has seen. */
  revision: integer("revision").primaryKey({ autoIncrement: true }),
  /** Epoch milliseconds. */
  at: integer("at").notNull(),
  /** Name of the principal as it was then; the file or address for a change from outside. */
  actor: text("actor").notNull(),
  action: text("action", { enum: ["change", "rollback", "import", "file", "remote"] }).notNull(),
  /** What the person wrote about it. */
  note: text("note").notNull(),
  correlationId: text("correlation_id").notNull(),
  /** JSON list of {key, before, after}: values as written, null for an override that is not there. */
  changes: text("changes").notNull(),
  /** JSON object, dotted key → value: all run-time overrides after this change. */
  overrides: text("overrides").notNull(),
});

/** What each person has chosen for themselves. */
export const userPreferences = sqliteTable("user_preferences", {
  userId: text("user_id")
    .primaryKey()
    .references(() => users.id, { onDelete: "cascade" }),
  /** JSON object of the preferences that differ from the defaults. */
  preferences: text("preferences").notNull(),
  /** Epoch milliseconds. */
  changedAt: integer("changed_at").notNull(),
});
