import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** People who can sign in. Times are epoch milliseconds. */
export const users = sqliteTable(
  "users",
  {
    id: text("id").primaryKey(),
    /** Lower case: that makes it unique whatever the case it is typed in. */
    name: text("name").notNull().unique(),
    /** A name of the role table; one that this version does not know grants nothing. */
    role: text("role").notNull(),
    /** PHC string of argon2id. */
    passwordHash: text("password_hash").notNull(),
    disabled: integer("disabled", { mode: "boolean" }).notNull().default(false),
    createdAt: integer("created_at").notNull(),
    lastSignInAt: integer("last_sign_in_at"),
  },
  (table) => [index("users_role").on(table.role)],
);
