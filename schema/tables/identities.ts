import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { users } from "./users.ts";

/** Accounts at OpenID providers by which users sign in. Times are epoch milliseconds. */
export const identities = sqliteTable(
  "identities",
  {
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    /** Id of the provider in the settings, for people; `issuer` and `subject` are what identifies. */
    provider: text("provider").notNull(),
    issuer: text("issuer").notNull(),
    /** Who it is there: the `sub` claim, unique within the issuer and never given to another. */
    subject: text("subject").notNull(),
    /** As the provider said at the last sign-in; shown, never matched. */
    email: text("email"),
    /** The user came to be by this account, so that the provider decides over the role. */
    madeUser: integer("made_user", { mode: "boolean" }).notNull(),
    createdAt: integer("created_at").notNull(),
    lastUsedAt: integer("last_used_at"),
  },
  (table) => [
    uniqueIndex("identities_subject").on(table.issuer, table.subject),
    index("identities_user").on(table.userId),
  ],
);
