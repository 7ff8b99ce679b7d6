/** What a plugin is for; each type has a verb of its own. */
export const PLUGIN_TYPES = ["backup", "alert", "monitor", "task", "query", "middleware", "custom"] as const;
export type PluginType = (typeof PLUGIN_TYPES)[number];

/** How far a plugin has come. */
export const PLUGIN_STATES = [
  "unloaded",
  "loaded",
  "initialized",
  "active",
  "inactive",
  "paused",
  "quarantined",
] as const;
export type PluginState = (typeof PLUGIN_STATES)[number];

/** What its process does. */
export const PLUGIN_STATUSES = ["IDLE", "RUNNING", "PAUSED", "STOPPED", "ERROR"] as const;
export type PluginStatus = (typeof PLUGIN_STATUSES)[number];

export const PLUGIN_HEALTHS = ["healthy", "degraded", "unhealthy", "unknown"] as const;
export type PluginHealth = (typeof PLUGIN_HEALTHS)[number];

/** Why a plugin does not run although it is wished to: each is shown with its next step. */
export const PLUGIN_BLOCKS = [
  "invalid",
  "conflict",
  "missing_dependency",
  "circular_dependency",
  "not_allowed",
  "awaiting_approval",
  "sandbox_unavailable",
  "failed",
] as const;
export type PluginBlock = (typeof PLUGIN_BLOCKS)[number];

/** Where a plugin comes from. `bundled`: pinned inside the binary; `folder`: found in the plugins folder; `installed`: put there by `plugin install`. */
export const PLUGIN_ORIGINS = ["bundled", "folder", "installed"] as const;
export type PluginOrigin = (typeof PLUGIN_ORIGINS)[number];

/** How strongly the kernel holds a plugin; see docs/sandbox.md. */
export const SANDBOX_LEVELS = ["full", "strong", "process"] as const;
export type SandboxLevel = (typeof SANDBOX_LEVELS)[number];

/** What a plugin can ask for; the words are Deno's where Deno has one. */
export const PERMISSION_KINDS = [
  "net",
  "read",
  "write",
  "env",
  "run",
  "hooks",
  "secrets",
  "middleware",
  "browser",
  "registry",
] as const;
export type PermissionKind = (typeof PERMISSION_KINDS)[number];

/** What a person reads beside each kind of permission. */
export const PERMISSION_DESCRIPTIONS = {
  net: "Opens connections to these hosts, through the server",
  read: "Reads files under these folders",
  write: "Reads and writes files under these folders",
  env: "Reads these environment variables of the server",
  run: "Runs these programs",
  hooks: "Is told of these events",
  secrets: "Reads these secrets",
  middleware: "Sees every request to this server, and may refuse or change it",
  browser: "Drives a browser on these hosts",
  registry: "Works with the registry of queries and datasources",
} as const satisfies Record<PermissionKind, string>;

/** The verbs a person can use on a plugin. */
export const PLUGIN_VERBS = [
  "approve",
  "enable",
  "disable",
  "start",
  "stop",
  "pause",
  "resume",
  "reload",
  "release",
  "execute",
  "remove",
] as const;
export type PluginVerb = (typeof PLUGIN_VERBS)[number];

/** Which verbs a state allows; read by the server before it acts and by the dashboard to offer them. */
export const VERBS_OF_STATE = {
  unloaded: ["approve", "enable", "disable", "start", "reload", "remove"],
  loaded: ["approve", "enable", "disable", "start", "stop", "pause", "reload", "execute", "remove"],
  initialized: ["approve", "disable", "start", "stop", "reload", "execute", "remove"],
  active: ["approve", "disable", "stop", "pause", "reload", "execute", "remove"],
  inactive: ["approve", "enable", "disable", "start", "reload", "remove"],
  paused: ["approve", "disable", "stop", "resume", "reload", "remove"],
  quarantined: ["approve", "disable", "release", "reload", "remove"],
} as const satisfies Record<PluginState, readonly PluginVerb[]>;
