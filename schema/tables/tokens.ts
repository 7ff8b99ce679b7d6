import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { GrantedScope } from "../rules/scopes.ts";
import { users } from "./users.ts";

/** API tokens. Times are epoch milliseconds. */
export const tokens = sqliteTable(
  "tokens",
  {
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    /** SHA-256 of the token, hex; the token itself is shown once and stored nowhere. */
    secretHash: text("secret_hash").notNull().unique(),
    /** The first characters, by which a person recognises it. */
    prefix: text("prefix").notNull(),
    scopes: text("scopes", { mode: "json" }).$type<GrantedScope[]>().notNull(),
    createdAt: integer("created_at").notNull(),
    /** Null: it never expires. */
    expiresAt: integer("expires_at"),
    /** Written at most once a minute. */
    lastUsedAt: integer("last_used_at"),
  },
  (table) => [index("tokens_user").on(table.userId)],
);
