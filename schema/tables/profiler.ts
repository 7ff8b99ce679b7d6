import {
  blob,
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";

/** The tables of the profiler's file. Times are epoch milliseconds unless the name says otherwise. */

/** Everything that was ever timed and is still remembered. */
export const operations = sqliteTable(
  "operations",
  {
    id: integer("id").primaryKey(),
    /** See `schema/rules/operations.ts`. */
    kind: text("kind").notNull(),
    /** `binnacle`, or the service that reported it. */
    source: text("source").notNull(),
    name: text("name").notNull(),
    firstSeenAt: integer("first_seen_at").notNull(),
    lastSeenAt: integer("last_seen_at").notNull(),
  },
  (table) => [uniqueIndex("operations_identity").on(table.kind, table.source, table.name)],
);

/** How an operation went within one minute or one hour. */
export const operationWindows = sqliteTable(
  "operation_windows",
  {
    /** Milliseconds that the window is wide. */
    widthMs: integer("width_ms").notNull(),
    startAt: integer("start_at").notNull(),
    operationId: integer("operation_id")
      .notNull()
      .references(() => operations.id, { onDelete: "cascade" }),
    count: integer("count").notNull(),
    errors: integer("errors").notNull(),
    sumMs: real("sum_ms").notNull(),
    minMs: real("min_ms").notNull(),
    maxMs: real("max_ms").notNull(),
    /** See `server/profiler/sketch.ts`. */
    buckets: blob("buckets", { mode: "buffer" }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.widthMs, table.startAt, table.operationId] }),
    index("operation_windows_operation").on(table.operationId, table.widthMs, table.startAt),
  ],
);

/** The latest operations that took longer than they should. */
export const slowOperations = sqliteTable(
  "slow_operations",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    kind: text("kind").notNull(),
    source: text("source").notNull(),
    name: text("name").notNull(),
    /** When it ended. */
    at: integer("at").notNull(),
    durationMs: real("duration_ms").notNull(),
    thresholdMs: real("threshold_ms").notNull(),
    hasFailed: integer("has_failed", { mode: "boolean" }).notNull(),
    correlationId: text("correlation_id"),
    traceId: text("trace_id"),
    principal: text("principal"),
    /** JSON object of texts, without secrets. */
    attributes: text("attributes").notNull(),
  },
  (table) => [index("slow_operations_duration").on(table.durationMs)],
);

/** Traces as a list shows them. */
export const traces = sqliteTable(
  "traces",
  {
    /** 32 hexadecimal digits. */
    id: text("id").primaryKey(),
    /** Of the earliest span without a parent, or else of the earliest one. */
    name: text("name").notNull(),
    service: text("service").notNull(),
    /** Microseconds since the epoch. */
    startedAtUs: integer("started_at_us").notNull(),
    endedAtUs: integer("ended_at_us").notNull(),
    durationUs: integer("duration_us").notNull(),
    spans: integer("spans").notNull(),
    errors: integer("errors").notNull(),
  },
  (table) => [index("traces_started").on(table.startedAtUs, table.id)],
);

/** The spans of traces. */
export const spans = sqliteTable(
  "spans",
  {
    traceId: text("trace_id")
      .notNull()
      .references(() => traces.id, { onDelete: "cascade" }),
    /** 16 hexadecimal digits. */
    id: text("id").notNull(),
    parentId: text("parent_id"),
    name: text("name").notNull(),
    /** internal, server, client, producer or consumer. */
    kind: text("kind").notNull(),
    service: text("service").notNull(),
    startedAtUs: integer("started_at_us").notNull(),
    durationUs: integer("duration_us").notNull(),
    hasFailed: integer("has_failed", { mode: "boolean" }).notNull(),
    /** What the span says of its failure. */
    message: text("message").notNull(),
    /** JSON object of texts, numbers and truths, without secrets. */
    attributes: text("attributes").notNull(),
    /** JSON list of what happened within it: `{ offsetUs, name, attributes }`. */
    events: text("events").notNull().default("[]"),
  },
  (table) => [primaryKey({ columns: [table.traceId, table.id] })],
);
