import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { users } from "./users.ts";

/** Signed-in browsers. Times are epoch milliseconds. */
export const sessions = sqliteTable(
  "sessions",
  {
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** SHA-256 of the secret in the cookie, hex; the secret itself is stored nowhere. */
    secretHash: text("secret_hash").notNull().unique(),
    createdAt: integer("created_at").notNull(),
    /** Written at most once a minute. */
    lastSeenAt: integer("last_seen_at").notNull(),
    /** The absolute end, as the settings were at sign-in. */
    expiresAt: integer("expires_at").notNull(),
    address: text("address").notNull(),
    userAgent: text("user_agent").notNull(),
    /** Id of the OpenID provider that vouched for the person; null for a password. */
    provider: text("provider"),
    /** The provider's ID token, which names the person there when they sign out; no credential of ours. */
    idToken: text("id_token"),
  },
  (table) => [
    index("sessions_user").on(table.userId),
    index("sessions_expires").on(table.expiresAt),
    index("sessions_last_seen").on(table.lastSeenAt),
  ],
);
