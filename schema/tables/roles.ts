import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { GrantedScope } from "../rules/scopes.ts";

/** Roles made here, beside the ones that ship. Times are epoch milliseconds. */
export const roles = sqliteTable("roles", {
  /** Lower case; never the name of a role that ships. */
  name: text("name").primaryKey(),
  description: text("description").notNull(),
  scopes: text("scopes", { mode: "json" }).$type<GrantedScope[]>().notNull(),
  createdAt: integer("created_at").notNull(),
  changedAt: integer("changed_at").notNull(),
});
