import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/**
 * Who did what: append-only, each row chained to the one before by its MAC. A trigger refuses every update, and every
 * deletion of a row that no checkpoint stands for.
 */
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
    /** How often it happened: denials and uses are gathered by the minute. */
    count: integer("count").notNull(),
    /** HMAC-SHA-256 over the previous row's MAC and this row's content, hex. */
    mac: text("mac").notNull(),
  },
  (table) => [
    index("audit_at").on(table.at),
    index("audit_actor").on(table.actor),
    index("audit_action").on(table.action),
    index("audit_target").on(table.target),
  ],
);

/** What is left of rows that retention removed: the newest checkpoint is what the first kept row is chained to. */
export const auditCheckpoints = sqliteTable("audit_checkpoints", {
  /** Number of the last removed row. */
  seq: integer("seq").primaryKey(),
  /** MAC of that row. */
  mac: text("mac").notNull(),
  /** Epoch milliseconds of the removal. */
  at: integer("at").notNull(),
  /** HMAC-SHA-256 over the rest under the key of the chain, hex. */
  signature: text("signature").notNull(),
});
