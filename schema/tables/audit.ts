import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Who did what: append-only (triggers refuse the rest), each row chained to the one before by its MAC. */
export const audit = sqliteTable(
  "audit",
  {
    seq: integer("seq").primaryKey({ autoIncrement: true }),
    /** Epoch milliseconds. */
    at: integer("at").notNull(),
    /** Name of the principal as it was then. */
    actor: text("actor").notNull(),
    /** Noun and verb: `user.create`. */
    action: text("action").notNull(),
    /** What was acted upon, an id as a rule. */
    target: text("target").notNull(),
    outcome: text("outcome", { enum: ["ok", "denied"] }).notNull(),
    correlationId: text("correlation_id").notNull(),
    address: text("address").notNull(),
    /** JSON object, exactly as it went into the MAC; holds no secret. */
    detail: text("detail").notNull(),
    /** How often it happened: denials are gathered by the minute. */
    count: integer("count").notNull(),
    /** HMAC-SHA-256 over the previous row's MAC and this row's content, hex. */
    mac: text("mac").notNull(),
  },
  (table) => [index("audit_at").on(table.at)],
);
