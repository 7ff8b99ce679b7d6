import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** People who can sign in. Times are epoch milliseconds. */
export const users = sqliteTable(
  "users",
  {
    id: text("id").primaryKey(),
    /** Lower case: that makes it unique whatever the case it is typed in. */
    name: text("name").notNull().unique(),
    /** A role that ships, or one of the table `roles`; a name that is neither grants nothing. */
    role: text("role").notNull(),
    /** PHC string of argon2id; empty for somebody who signs in by a provider only. */
    passwordHash: text("password_hash").notNull(),
    disabled: integer("disabled", { mode: "boolean" }).notNull().default(false),
    createdAt: integer("created_at").notNull(),
    lastSignInAt: integer("last_sign_in_at"),
  },
  (table) => [index("users_role").on(table.role)],
);
