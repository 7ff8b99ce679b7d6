import type { PluginType } from "../rules/plugins.ts";

/** Why a permission is needed, in the author's words; shown at the approval. */
interface Grant {
  why: string;
}

/**
 * Values written as `${config.path}` are taken from the plugin's configuration: a list gives one grant an item. Such a
 * path can then be changed by an administrator only, never by the plugin itself.
 */
export interface NetGrant extends Grant {
  /** Exact host name or IP literal; no wildcard. */
  host: string;
  /** 443 when absent. */
  port?: number | string;
  /** Whether the name may resolve to a private address. A literal address or `localhost` is named already. */
  private?: boolean;
}
export interface PathGrant extends Grant {
  /** Absolute folder or file. */
  path: string;
}
export interface NameGrant extends Grant {
  name: string;
}
export interface RunGrant extends Grant {
  /** Absolute path of the program. */
  command: string;
  /** Each argument as allowed: a literal, or `*` for any one argument that does not begin with a dash. `...` at the end: any number of such. */
  arguments?: string[];
}
export interface HooksGrant extends Grant {
  /** Event type or pattern: `alert.raised`, `backup.*`. */
  event: string;
}
export interface BrowserGrant extends Grant {
  hosts: string[];
  /** Whether the names may resolve to private addresses. A literal address or `localhost` is named already. */
  private?: boolean;
}
export interface RegistryGrant extends Grant {
  access: "read" | "write" | "execute" | "admin";
}

/** Everything a plugin may do beyond computing; each kind a list of grants. */
export interface PluginPermissions {
  net?: NetGrant[];
  read?: PathGrant[];
  write?: PathGrant[];
  env?: NameGrant[];
  run?: RunGrant[];
  hooks?: HooksGrant[];
  secrets?: NameGrant[];
  middleware?: Grant[];
  browser?: BrowserGrant[];
  registry?: RegistryGrant[];
}

/** An event handed to the plugin's `onEvent`; needs the matching `hooks` permission. */
export interface PluginHook {
  event: string;
  /** Payload field → value it must have. */
  filter?: Record<string, string | number | boolean>;
  /** Higher first among the hooks of all plugins; 0 when absent. */
  priority?: number;
}

export interface PluginMiddleware {
  /** Lower first, −1000 to 1000; 0 when absent. */
  priority?: number;
  /** What it may add to a request; 50 when absent. */
  timeBudgetMs?: number;
  /** Whether a request goes on when the plugin fails or is late. */
  failure: "open" | "closed";
  /** Prefixes of paths it sees; all when absent. */
  paths?: string[];
}

/** What the dashboard shows of a plugin without a rebuild. */
export interface PluginPanel {
  id: string;
  title: string;
  kind: "metric" | "table" | "stat" | "form";
  /** For `metric` and `stat`: series names as the plugin records them, without its prefix. */
  series?: string[];
  /** For `table`, `stat` and `form`: the input given to `execute`; a form adds the person's. */
  input?: unknown;
  /** For `table`: fields of the rows of the answer. */
  columns?: { field: string; title: string }[];
  /** For `form`: JSON Schema of what is asked. */
  schema?: Record<string, unknown>;
  /** Where it stands: the plugin's page (as a rule), or the Overview too. */
  place?: "plugin" | "overview";
}

export interface PluginLimits {
  /** Longest call. */
  timeoutMs?: number;
  /** Above the host's baseline. */
  memoryMib?: number;
  concurrency?: number;
  outputBytes?: number;
}

export interface PluginHealthSchedule {
  intervalSeconds?: number;
  timeoutMs?: number;
}

/** When the `collect` of a plugin of type monitor is called. */
export interface PluginCollection {
  /** From 1 to 86400, or a field of the configuration: `${config.path}`; 60 when absent. */
  intervalSeconds?: number | string;
  /** 30000 when absent; the longest call of the plugin bounds it. */
  timeoutMs?: number;
}

/** `plugin.json`, as its author writes it. */
export interface PluginManifest {
  /** `[a-z0-9][a-z0-9_-]*`, at most 64 characters. */
  id: string;
  /** Semantic version. */
  version: string;
  type: PluginType;
  /** Module of the plugin, relative to its folder. */
  main: string;
  name?: string;
  description?: string;
  author?: string;
  license?: string;
  homepage?: string;
  contract_format?: "native" | "odata" | "prometheus" | "elasticsearch" | "graphql" | "custom";
  /** Plugin id → semver range. */
  dependencies?: Record<string, string>;
  capabilities?: string[];
  permissions?: PluginPermissions;
  limits?: PluginLimits;
  /** JSON Schema (draft 2020-12) of the configuration; `writeOnly: true` marks a secret. */
  config?: Record<string, unknown>;
  hooks?: PluginHook[];
  middleware?: PluginMiddleware;
  health?: PluginHealthSchedule;
  collect?: PluginCollection;
  /** `lazy` (as a rule): the process starts with the first call. */
  activation?: "lazy" | "eager";
  panels?: PluginPanel[];
  queries?: Record<string, unknown>[];
  datasources?: Record<string, unknown>[];
}
