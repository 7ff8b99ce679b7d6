import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { PLUGIN_HEALTHS, PLUGIN_ORIGINS, PLUGIN_TYPES } from "../rules/plugins.ts";

/** Plugins that were ever found here, by id. Times are epoch milliseconds; the running state lives in memory. */
export const plugins = sqliteTable("plugins", {
  id: text("id").primaryKey(),
  origin: text("origin", { enum: PLUGIN_ORIGINS }).notNull(),
  /** Where its source lies; empty for a bundled one. */
  path: text("path").notNull(),
  type: text("type", { enum: PLUGIN_TYPES }).notNull(),
  /** The version in force, and the digest of its files. */
  version: text("version").notNull(),
  digest: text("digest").notNull(),
  /** The lasting wish; undefined until somebody expressed one. */
  isEnabled: integer("is_enabled", { mode: "boolean" }),
  isPaused: integer("is_paused", { mode: "boolean" }).notNull().default(false),
  /** JSON object of the configuration as set here; secrets stand in the secret store. */
  config: text("config").notNull().default("{}"),
  /** Why it is quarantined, for which digest, by which build of the server; null when it is not. */
  quarantineReason: text("quarantine_reason"),
  quarantinedDigest: text("quarantined_digest"),
  quarantinedBuild: text("quarantined_build"),
  quarantinedAt: integer("quarantined_at"),
  registeredBy: text("registered_by").notNull(),
  registeredAt: integer("registered_at").notNull(),
  changedBy: text("changed_by").notNull(),
  changedAt: integer("changed_at").notNull(),
  /** When it was removed; it can be brought back until the row is pruned. */
  removedAt: integer("removed_at"),
});

/** Who let which bytes do what. The newest of a plugin is in force. */
export const pluginApprovals = sqliteTable(
  "plugin_approvals",
  {
    id: text("id").primaryKey(),
    pluginId: text("plugin_id").notNull(),
    version: text("version").notNull(),
    digest: text("digest").notNull(),
    /** JSON object of the permissions as approved, placeholders unresolved. */
    permissions: text("permissions").notNull(),
    /** JSON list of the manifest's file hashes: path, sha256, sizeBytes. */
    files: text("files").notNull(),
    /** Id of the key that signed it; null when none did. */
    signedBy: text("signed_by"),
    approvedBy: text("approved_by").notNull(),
    approvedAt: integer("approved_at").notNull(),
  },
  (table) => [index("plugin_approvals_by_plugin").on(table.pluginId, table.approvedAt)],
);

/** What health checks found, one row each. */
export const pluginHealth = sqliteTable(
  "plugin_health",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    pluginId: text("plugin_id").notNull(),
    at: integer("at").notNull(),
    status: text("status", { enum: PLUGIN_HEALTHS }).notNull(),
    /** Milliseconds; null when it did not answer. */
    responseMs: integer("response_ms"),
    message: text("message").notNull().default(""),
    /** JSON list: name, status, responseMs. */
    dependencies: text("dependencies").notNull().default("[]"),
  },
  (table) => [index("plugin_health_by_plugin").on(table.pluginId, table.at)],
);

/** Key–value state of each plugin, kept over reloads and removals that are undone. */
export const pluginState = sqliteTable(
  "plugin_state",
  {
    pluginId: text("plugin_id").notNull(),
    key: text("key").notNull(),
    /** JSON. */
    value: text("value").notNull(),
    sizeBytes: integer("size_bytes").notNull(),
    changedAt: integer("changed_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.pluginId, table.key] })],
);
