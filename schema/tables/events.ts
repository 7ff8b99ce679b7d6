import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** The ring of recent events. Numbers grow without holes and are never given again. */
export const events = sqliteTable(
  "events",
  {
    seq: integer("seq").primaryKey({ autoIncrement: true }),
    /** UUIDv7. */
    id: text("id").notNull().unique(),
    type: text("type").notNull(),
    /** Epoch milliseconds at which it was accepted. */
    time: integer("time").notNull(),
    /** Who speaks: `binnacle/…`, or `app/…` for what came from outside. */
    source: text("source").notNull(),
    correlationId: text("correlation_id").notNull(),
    /** JSON. */
    payload: text("payload").notNull(),
    /** What the row weighs against the ring's budget. */
    sizeBytes: integer("size_bytes").notNull(),
  },
  (table) => [
    index("events_type").on(table.type, table.seq),
    index("events_source").on(table.source, table.seq),
    index("events_correlation").on(table.correlationId, table.seq),
  ],
);

/** Event types that applications registered. */
export const eventTypes = sqliteTable("event_types", {
  name: text("name").primaryKey(),
  description: text("description").notNull(),
  /** JSON Schema of the payload. */
  schema: text("schema", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
  createdAt: integer("created_at").notNull(),
  updatedAt: integer("updated_at").notNull(),
});

/** How far each durable subscriber has come. */
export const eventSubscribers = sqliteTable("event_subscribers", {
  name: text("name").primaryKey(),
  /** Every event up to this number is handled, parked, or in the backlog. */
  cursor: integer("cursor").notNull(),
  /** Sources that are behind the cursor because an event of theirs failed. */
  backlog: text("backlog", { mode: "json" })
    .$type<{ source: string; fromSeq: number; attempts: number; message: string }[]>()
    .notNull(),
});

/** Events that failed at a durable subscriber until it gave up; whole, since the ring forgets. */
export const parkedEvents = sqliteTable(
  "parked_events",
  {
    id: text("id").primaryKey(),
    subscriber: text("subscriber").notNull(),
    /** JSON of the event. */
    event: text("event").notNull(),
    attempts: integer("attempts").notNull(),
    message: text("message").notNull(),
    parkedAt: integer("parked_at").notNull(),
  },
  (table) => [index("parked_events_subscriber").on(table.subscriber, table.id)],
);
