import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { ALERT_SOURCES, ALERT_STATES } from "../rules/alert-states.ts";
import { SEVERITIES } from "../rules/severities.ts";

/** Everything that somebody should know, while it lasts and for a while after it was resolved. */
export const alerts = sqliteTable(
  "alerts",
  {
    /** UUIDv7. */
    id: text("id").primaryKey(),
    /** What two raises of one alert have in common; of those that are not resolved, each is there once. */
    fingerprint: text("fingerprint").notNull(),
    type: text("type").notNull(),
    severity: text("severity", { enum: SEVERITIES }).notNull(),
    state: text("state", { enum: ALERT_STATES }).notNull(),
    /** Of the latest raise. */
    message: text("message").notNull(),
    labels: text("labels", { mode: "json" }).$type<Record<string, string>>().notNull(),
    source: text("source", { enum: ALERT_SOURCES }).notNull(),
    /** The rule that raised it. */
    ruleId: text("rule_id"),
    /** How often it was raised. */
    occurrences: integer("occurrences").notNull(),
    /** Epoch milliseconds. */
    raisedAt: integer("raised_at").notNull(),
    lastSeenAt: integer("last_seen_at").notNull(),
    stateChangedAt: integer("state_changed_at").notNull(),
    stateChangedBy: text("state_changed_by").notNull(),
    /** When a mute ends. */
    mutedUntil: integer("muted_until"),
  },
  (table) => [
    uniqueIndex("alerts_open").on(table.fingerprint).where(sql`state <> 'resolved'`),
    index("alerts_raised").on(table.raisedAt, table.id),
    index("alerts_state").on(table.state, table.stateChangedAt),
    index("alerts_rule").on(table.ruleId, table.state),
  ],
);

/** Every change of an alert's state or severity: the timeline. */
export const alertTransitions = sqliteTable(
  "alert_transitions",
  {
    seq: integer("seq").primaryKey({ autoIncrement: true }),
    alertId: text("alert_id")
      .notNull()
      .references(() => alerts.id, { onDelete: "cascade" }),
    fingerprint: text("fingerprint").notNull(),
    /** Absent when it was raised. */
    from: text("from_state", { enum: ALERT_STATES }),
    to: text("to_state", { enum: ALERT_STATES }).notNull(),
    severity: text("severity", { enum: SEVERITIES }).notNull(),
    at: integer("at").notNull(),
    by: text("by").notNull(),
    note: text("note").notNull(),
  },
  (table) => [
    index("alert_transitions_alert").on(table.alertId, table.seq),
    index("alert_transitions_fingerprint").on(table.fingerprint, table.at),
    index("alert_transitions_at").on(table.at),
  ],
);

/**
 * What people set up of alerts: rules, channels, routes, windows. `defaults` marks that those of the house were made,
 * `removed` which ids may be taken up again.
 */
export const alertDefinitions = sqliteTable(
  "alert_definitions",
  {
    id: text("id").primaryKey(),
    kind: text("kind", { enum: ["rule", "channel", "route", "window", "defaults", "removed"] }).notNull(),
    name: text("name").notNull(),
    /** JSON; its shape is the kind's. */
    definition: text("definition", { mode: "json" }).$type<unknown>().notNull(),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
    updatedBy: text("updated_by").notNull(),
  },
  (table) => [uniqueIndex("alert_definitions_name").on(table.kind, table.name)],
);

/** What the people of a route were told of an alert, and what they are still to be told. */
export const alertNotices = sqliteTable(
  "alert_notices",
  {
    alertId: text("alert_id")
      .notNull()
      .references(() => alerts.id, { onDelete: "cascade" }),
    routeId: text("route_id").notNull(),
    groupKey: text("group_key").notNull(),
    /** When it is looked at next; absent when they know how it stands. Epoch milliseconds. */
    dueAt: integer("due_at"),
    /** Why they were not told when it was due. */
    heldBy: text("held_by", { enum: ["maintenance", "quiet_hours", "inhibited", "flapping"] }),
    /** What they know: state and severity; absent when nothing. */
    told: text("told"),
    /** The escalation step that comes next, from 0. */
    step: integer("step").notNull(),
    /** When it is taken; absent when none is left. */
    escalateAt: integer("escalate_at"),
  },
  (table) => [
    primaryKey({ columns: [table.alertId, table.routeId] }),
    index("alert_notices_due").on(table.dueAt),
    index("alert_notices_escalate").on(table.escalateAt),
    index("alert_notices_group").on(table.routeId, table.groupKey, table.dueAt),
  ],
);

/** Which messages named an alert, so that a person can see who was told; how the delivery fares stands in the outbox. */
export const alertMessages = sqliteTable(
  "alert_messages",
  {
    alertId: text("alert_id")
      .notNull()
      .references(() => alerts.id, { onDelete: "cascade" }),
    /** Id of the entry in the outbox. */
    deliveryId: text("delivery_id").notNull(),
    routeId: text("route_id").notNull(),
    channelId: text("channel_id").notNull(),
    reason: text("reason", { enum: ["change", "escalation"] }).notNull(),
    /** Epoch milliseconds. */
    at: integer("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.alertId, table.deliveryId] })],
);

/** When the people of a route were last told of a group. */
export const alertGroups = sqliteTable(
  "alert_groups",
  {
    routeId: text("route_id").notNull(),
    groupKey: text("group_key").notNull(),
    toldAt: integer("told_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.routeId, table.groupKey] }),
    index("alert_groups_told").on(table.toldAt),
  ],
);
