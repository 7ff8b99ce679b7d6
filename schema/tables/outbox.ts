import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/** Everything that is to be delivered outside or to plugins; delivered rows stay a while for de-duplication. */
export const outbox = sqliteTable(
  "outbox",
  {
    /** Order of delivery within a target. */
    seq: integer("seq").primaryKey({ autoIncrement: true }),
    /** UUIDv7; the idempotency key that every attempt carries. */
    id: text("id").notNull().unique(),
    kind: text("kind").notNull(),
    target: text("target").notNull(),
    /** JSON. */
    payload: text("payload").notNull(),
    /** A second entry of the same kind, target and key is the first one. */
    dedupeKey: text("dedupe_key"),
    state: text("state", { enum: ["waiting", "leased", "delivered", "dead"] }).notNull(),
    /** Counted when an attempt begins, so that one which ends the process counts too. */
    attempts: integer("attempts").notNull(),
    /** Epoch milliseconds before which it is not tried. */
    notBefore: integer("not_before").notNull(),
    /** The run of the server that holds the lease: the lease of an earlier run is void. */
    leaseRun: text("lease_run"),
    leaseUntil: integer("lease_until"),
    createdAt: integer("created_at").notNull(),
    /** When it was delivered or given up. */
    settledAt: integer("settled_at"),
    lastError: text("last_error"),
  },
  (table) => [
    uniqueIndex("outbox_dedupe").on(table.kind, table.target, table.dedupeKey),
    index("outbox_target").on(table.kind, table.target, table.state, table.seq),
    index("outbox_state").on(table.state, table.settledAt),
  ],
);

/** Targets that are not simply running: paused, switched off, or failing. */
export const outboxTargets = sqliteTable(
  "outbox_targets",
  {
    kind: text("kind").notNull(),
    target: text("target").notNull(),
    state: text("state", { enum: ["active", "paused", "off"] }).notNull(),
    /** Attempts that failed in a row. */
    failures: integer("failures").notNull(),
    lastError: text("last_error"),
    changedAt: integer("changed_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.kind, table.target] })],
);
