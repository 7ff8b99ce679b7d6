import type {
  PermissionKind,
  PluginBlock,
  PluginHealth,
  PluginOrigin,
  PluginState,
  PluginStatus,
  PluginType,
  PluginVerb,
  SandboxLevel,
} from "../../schema/rules/plugins.ts";

/** Something a plugin may do, or asks to. */
export interface Permission {
  kind: PermissionKind;
  text: string;
  why: string;
  granted: boolean;
}

/** What a plugin shows on the dashboard. */
export interface Panel {
  id: string;
  title: string;
  kind: "metric" | "table" | "stat" | "form";
  /** Full names of series. */
  series: string[];
  /** What the plugin is executed with; null for nothing. */
  input: unknown;
  columns: { field: string; title: string }[];
  /** JSON Schema of a form. */
  schema: Record<string, unknown> | null;
  place: "plugin" | "overview";
}

export interface PluginFailure {
  code: string;
  message: string;
  at: string;
  correlationId: string;
}

/** A plugin as lists show it. */
export interface Plugin {
  id: string;
  name: string;
  version: string;
  type: PluginType;
  description: string;
  author: string;
  origin: PluginOrigin;
  state: PluginState;
  status: PluginStatus;
  enabled: boolean;
  health: PluginHealth;
  /** Null while it is unknown. */
  healthCheckedAt: string | null;
  /** Why it, or its newest build, does not run although it is wished to. */
  block: { code: PluginBlock; message: string } | null;
  quarantine: { reason: string; at: string } | null;
  /** Null without a process, as is what is measured of one. */
  level: SandboxLevel | null;
  pid: number | null;
  startedAt: string | null;
  uptimeSeconds: number;
  calls: number;
  errors: number;
  /** 0 to 1, of the last five minutes. */
  errorRate: number;
  lastError: PluginFailure | null;
  cpuPercent: number | null;
  memoryBytes: number | null;
  callsUnderWay: number;
  permissions: Permission[];
  needsApproval: boolean;
  capabilities: string[];
  /** Null unless it is a monitor that may run. */
  collection: {
    intervalSeconds: number;
    lastAt: string | null;
    values: number;
    error: string | null;
  } | null;
  hooks: { event: string; priority: number; granted: boolean }[];
  panels: Panel[];
  dependencies: { id: string; range: string; satisfied: boolean }[];
  registeredBy: string;
  registeredAt: string;
  changedBy: string;
  changedAt: string;
  verbs: PluginVerb[];
}

export interface PluginConfig {
  /** What a change of it is made upon. */
  revision: string;
  /** Null: there is nothing to set. */
  schema: Record<string, unknown> | null;
  /** In force, without secrets. */
  values: Record<string, unknown>;
  secrets: { path: string; isSet: boolean }[];
  locked: { path: string; origin: string }[];
}

/** A plugin as its page shows it. */
export interface PluginDetail extends Plugin {
  license: string;
  homepage: string;
  contractFormat: string;
  activation: "lazy" | "eager";
  /** Null for those who may not change it. */
  config: PluginConfig | null;
  limits: { timeoutMs: number; memoryBytes: number; concurrency: number; outputBytes: number };
  digest: string;
  signedBy: string | null;
  files: { path: string; sha256: string; sizeBytes: number }[];
  stderrTail: string[];
  decisions: { kind: string; allowed: number; denied: number }[];
}

export interface HealthRecord {
  at: string;
  status: PluginHealth;
  responseMs: number | null;
  message: string;
  dependencies: { name: string; status: PluginHealth; responseMs: number | null }[];
}

export interface HealthPage {
  status: PluginHealth;
  items: HealthRecord[];
  nextCursor: string | null;
}

export const LOG_LEVELS = ["debug", "info", "warning", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A line of a plugin's log; `seq` grows by one. */
export interface LogLine {
  seq: number;
  at: string;
  level: LogLevel;
  source: "plugin" | "stderr" | "server";
  message: string;
  fields: Record<string, unknown>;
  /** Of the call that it was written in. */
  correlationId: string | null;
}

/** What somebody has to look at before a plugin may use what it asks for. */
export interface Approval {
  id: string;
  version: string;
  digest: string;
  isNeeded: boolean;
  permissions: {
    kind: PermissionKind;
    text: string;
    why: string;
    /** What a text with a placeholder gives now. */
    now: string[] | null;
    change: "same" | "added" | "removed";
  }[];
  files: {
    path: string;
    sha256: string;
    sizeBytes: number;
    change: "same" | "added" | "changed" | "removed";
  }[];
  signedBy: string | null;
  approved: { version: string; digest: string; by: string; at: string } | null;
}

export interface Execution {
  name: string;
  result: unknown;
  durationMs: number;
}

/** What became of a verb on every plugin. */
export interface BulkOutcome {
  items: {
    id: string;
    outcome: "done" | "skipped" | "failed";
    error: { code: string; message: string } | null;
  }[];
}

/** What holds the plugins of this machine. */
export interface Sandbox {
  level: SandboxLevel;
  isRequired: boolean;
  /** What is missing; empty when nothing is. */
  message: string;
}

export interface RemovedPlugin {
  id: string;
  version: string;
  removedAt: string;
  removedBy: string;
}
