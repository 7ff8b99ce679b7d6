import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Failures grouped by what caused them. */
export const incidents = sqliteTable(
  "incidents",
  {
    /** Hash of code, normalised cause and place: the same failure has the same id everywhere and always. */
    id: text("id").primaryKey(),
    code: text("code").notNull(),
    kind: text("kind").notNull(),
    state: text("state", { enum: ["open", "reopened", "resolved", "ignored"] }).notNull(),
    count: integer("count").notNull(),
    /** Epoch milliseconds. */
    firstSeenAt: integer("first_seen_at").notNull(),
    lastSeenAt: integer("last_seen_at").notNull(),
    /** Public sentence of the latest. */
    message: text("message").notNull(),
    /** What was being done at the latest: `GET /api/v3/users`, `timer metrics.maintain`. */
    place: text("place").notNull(),
    /** The innermost frame of our own code; empty when the cause has none. */
    frame: text("frame").notNull(),
    /** Cause and stack of the latest, without secrets; empty when there is none. */
    cause: text("cause").notNull(),
    /** JSON list of the latest occurrences: correlation id, time, place, principal. */
    occurrences: text("occurrences").notNull(),
    /** How often it came back after it was resolved. */
    regressions: integer("regressions").notNull(),
    stateChangedAt: integer("state_changed_at"),
    stateChangedBy: text("state_changed_by"),
    escalatedAt: integer("escalated_at"),
  },
  (table) => [
    index("incidents_last_seen").on(table.lastSeenAt, table.id),
    index("incidents_state").on(table.state, table.lastSeenAt),
  ],
);

/** How often an incident happened in each hour. */
export const incidentHours = sqliteTable(
  "incident_hours",
  {
    incidentId: text("incident_id")
      .notNull()
      .references(() => incidents.id, { onDelete: "cascade" }),
    /** Epoch milliseconds at which the hour begins. */
    hour: integer("hour").notNull(),
    count: integer("count").notNull(),
  },
  (table) => [primaryKey({ columns: [table.incidentId, table.hour] })],
);

/** Requests answered in each hour, and those refused by the code they were refused with. */
export const answerHours = sqliteTable(
  "answer_hours",
  {
    hour: integer("hour").notNull(),
    /** `answered` counts every request; any other value is the code of a refusal. */
    outcome: text("outcome").notNull(),
    count: integer("count").notNull(),
  },
  (table) => [primaryKey({ columns: [table.hour, table.outcome] })],
);

/** How each recovery strategy fared with each code of failure. */
export const recoveries = sqliteTable(
  "recoveries",
  {
    strategy: text("strategy").notNull(),
    code: text("code").notNull(),
    attempts: integer("attempts").notNull(),
    successes: integer("successes").notNull(),
    lastAttemptAt: integer("last_attempt_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.strategy, table.code] })],
);
