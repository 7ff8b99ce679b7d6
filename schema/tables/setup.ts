import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** The one-time set-up link in force: one row, or none. */
export const setup = sqliteTable("setup", {
  /** Always 1. */
  id: integer("id").primaryKey(),
  /** SHA-256 of the token in the link, hex. */
  tokenHash: text("token_hash").notNull(),
  /** Epoch milliseconds. */
  expiresAt: integer("expires_at").notNull(),
});
