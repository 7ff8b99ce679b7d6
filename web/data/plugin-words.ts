import type {
  PluginBlock,
  PluginHealth,
  PluginOrigin,
  PluginState,
  PluginType,
  PluginVerb,
  SandboxLevel,
} from "../../schema/rules/plugins.ts";
import { foreignText } from "../lib/foreign-text.ts";
import type { Plugin } from "./plugins-types.ts";

export type PluginLevel = "calm" | "watch" | "alarm" | "info" | "unknown";

/** A state as shape and word. */
export interface StateWord {
  level: PluginLevel;
  word: string;
}

const BLOCK_STATES: Record<PluginBlock, StateWord> = {
  invalid: { level: "alarm", word: "Invalid" },
  conflict: { level: "alarm", word: "Conflict" },
  missing_dependency: { level: "alarm", word: "Lacks a plugin" },
  circular_dependency: { level: "alarm", word: "In a circle" },
  not_allowed: { level: "watch", word: "Not allowed" },
  awaiting_approval: { level: "watch", word: "Needs approval" },
  sandbox_unavailable: { level: "alarm", word: "No sandbox" },
  failed: { level: "alarm", word: "Failed" },
};

/** States in which there is a version that takes calls, or would. */
const RUNNING: ReadonlySet<PluginState> = new Set(["loaded", "initialized", "active", "paused"]);

/** What there is to say of a plugin first: what keeps it from running, else how far it has come. */
export function stateOf(plugin: Pick<Plugin, "state" | "enabled" | "block" | "quarantine">): StateWord {
  const { state, enabled, block, quarantine } = plugin;
  if (quarantine !== null || state === "quarantined") return { level: "alarm", word: "Quarantined" };
  if (!enabled) return { level: "unknown", word: "Off" };
  // A new build that waits does not stop the old one, which runs on.
  if (block !== null && !RUNNING.has(state)) return BLOCK_STATES[block.code];
  if (state === "paused") return { level: "info", word: "Paused" };
  if (state === "active") return { level: "calm", word: "Active" };
  if (state === "inactive") return { level: "unknown", word: "Stopped" };
  return state === "unloaded" ? { level: "unknown", word: "Not loaded" } : { level: "calm", word: "Ready" };
}

/** Why a plugin takes no calls now, with the next step. */
export function whyNoCalls(plugin: Pick<Plugin, "state" | "enabled" | "block"> | undefined): string {
  if (plugin?.enabled === false) return "It is off; enable it first.";
  if (plugin?.state === "paused") return "It is paused; resume it first.";
  if (plugin?.state === "quarantined") return "It is quarantined; release it first.";
  if (plugin?.state === "inactive") return "It is stopped; start it first.";
  return plugin?.block ? foreignText(plugin.block.message) : "It takes no calls in its present state.";
}

export const HEALTH_WORDS: Record<PluginHealth, StateWord> = {
  healthy: { level: "calm", word: "Healthy" },
  degraded: { level: "watch", word: "Degraded" },
  unhealthy: { level: "alarm", word: "Unhealthy" },
  unknown: { level: "unknown", word: "Not checked" },
};

export const TYPE_WORDS: Record<PluginType, string> = {
  backup: "Backup",
  alert: "Alert channel",
  monitor: "Monitor",
  task: "Task",
  query: "Query",
  middleware: "Middleware",
  custom: "Custom",
};

export const ORIGIN_WORDS: Record<PluginOrigin, string> = {
  bundled: "Bundled",
  folder: "From the folder",
  installed: "Installed",
};

/** Who holds a plugin, and what that means. */
export const SANDBOX_WORDS: Record<SandboxLevel, { title: string; detail: string; level: PluginLevel }> = {
  full: {
    title: "Held by the kernel: full",
    detail: "Files, network, signals and other processes are out of its reach but for what was approved.",
    level: "calm",
  },
  strong: {
    title: "Held by the kernel: strong",
    detail: "This kernel's Landlock is older; system call filters close what it lacks.",
    level: "calm",
  },
  process: {
    title: "A process of its own only",
    detail: "This kernel cannot hold plugins. A crash stays inside, hostile code would not.",
    level: "watch",
  },
};

/** What a person presses. */
export const VERB_WORDS: Record<PluginVerb, { label: string; told: string }> = {
  approve: { label: "Review and approve", told: "was approved" },
  enable: { label: "Enable", told: "is enabled" },
  disable: { label: "Disable", told: "is disabled" },
  start: { label: "Start", told: "has started" },
  stop: { label: "Stop", told: "has stopped" },
  pause: { label: "Pause", told: "takes no calls until it is resumed" },
  resume: { label: "Resume", told: "takes calls again" },
  reload: { label: "Reload", told: "runs in a new process" },
  release: { label: "Release", told: "left its quarantine" },
  execute: { label: "Run it", told: "was run" },
  remove: { label: "Remove", told: "was removed" },
};

/** What a plugin is called on the page: its name is its author's, so it is drawn as text of somebody else. */
export const nameOf = ({ id, name }: Pick<Plugin, "id" | "name">): string =>
  foreignText(name === "" ? id : name, 100);

export type PluginTab = "overview" | "log" | "health" | "configuration" | "permissions" | "run";

/** The page of a plugin, at one of its tabs. */
export function pluginHref(id: string, tab: PluginTab = "overview"): string {
  const path = `/plugins/${encodeURIComponent(id)}`;
  return tab === "overview" ? path : `${path}?tab=${tab}`;
}

/** Something of a plugin that a person has to settle. */
export interface PluginNeed {
  pluginId: string;
  severity: "alarm" | "watch";
  title: string;
  detail: string;
  action: { label: string; href: string };
  /** ISO 8601; undefined when it is not known. */
  since: string | undefined;
}

/** What each plugin needs of a person, worst first. */
export function pluginNeeds(plugins: readonly Plugin[]): PluginNeed[] {
  const needs = plugins.flatMap((plugin) => needOf(plugin) ?? []);
  const rank = ({ severity }: PluginNeed): number => (severity === "alarm" ? 0 : 1);
  return needs.sort((a, b) => rank(a) - rank(b));
}

function needOf(plugin: Plugin): PluginNeed | undefined {
  // What is switched off may wait as long as it likes.
  if (!plugin.enabled) return undefined;
  const { id, quarantine, block, health } = plugin;
  const name = nameOf(plugin);
  const need = (
    severity: PluginNeed["severity"],
    title: string,
    detail: string,
    label: string,
    tab?: PluginTab,
    since?: string,
  ): PluginNeed => ({
    pluginId: id,
    severity,
    title,
    detail: foreignText(detail),
    action: { label, href: pluginHref(id, tab) },
    since,
  });
  if (quarantine !== null)
    return need(
      "alarm",
      `Plugin ${name} is quarantined`,
      quarantine.reason,
      "Review and release",
      "overview",
      quarantine.at,
    );
  if (block?.code === "awaiting_approval" || plugin.needsApproval)
    return need(
      "watch",
      `Plugin ${name} waits for your approval`,
      block?.message ?? "It asks for permissions that nobody has granted yet.",
      "Review what it asks for",
      "permissions",
    );
  if (block !== null) return need(isMild(plugin, block) ? "watch" : "alarm", ...blockWords(plugin, block));
  if (health === "unhealthy")
    return need(
      "alarm",
      `Plugin ${name} is unhealthy`,
      plugin.lastError?.message ?? "Its last health check failed; calls are refused until one succeeds.",
      "See its health",
      "health",
    );
  return undefined;
}

/** Nothing stands still as long as an older version runs on. */
const isMild = ({ state }: Plugin, { code }: NonNullable<Plugin["block"]>): boolean =>
  RUNNING.has(state) || BLOCK_STATES[code].level === "watch";

function blockWords(
  plugin: Plugin,
  { code, message }: NonNullable<Plugin["block"]>,
): [string, string, string, PluginTab] {
  const name = nameOf(plugin);
  if (RUNNING.has(plugin.state))
    return [
      `The newest files of plugin ${name} do not start; the ones before run on`,
      message,
      "See its log",
      "log",
    ];
  if (code === "failed") return [`Plugin ${name} does not start`, message, "See its log", "log"];
  if (code === "sandbox_unavailable")
    return [`Plugin ${name} is not run: no sandbox`, message, "See what is missing", "overview"];
  if (code === "not_allowed")
    return [`Plugin ${name} is not allowed here`, message, "See what it asks for", "permissions"];
  return [`Plugin ${name} cannot be loaded`, message, "See what is wrong", "overview"];
}
