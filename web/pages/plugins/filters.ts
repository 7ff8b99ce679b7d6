import { PLUGIN_ORIGINS, PLUGIN_TYPES } from "../../../schema/rules/plugins.ts";
import { ORIGIN_WORDS, pluginNeeds, TYPE_WORDS } from "../../data/plugin-words.ts";
import type { Plugin } from "../../data/plugins-types.ts";

/** The filter of the page as the address holds it; empty words choose everything. */
export interface PluginQuery {
  state: string;
  type: string;
  origin: string;
  q: string;
}

interface Choice {
  id: string;
  label: string;
}

const ALL: Choice = { id: "", label: "All" };
export const STATE_CHOICES: readonly Choice[] = [
  ALL,
  { id: "attention", label: "Needs you" },
  { id: "running", label: "Running" },
  { id: "idle", label: "Not running" },
  { id: "off", label: "Off" },
];
export const ORIGIN_CHOICES: readonly Choice[] = [
  ALL,
  ...PLUGIN_ORIGINS.map((id) => ({ id, label: ORIGIN_WORDS[id] })),
];
export const TYPE_CHOICES: readonly Choice[] = [
  { id: "", label: "Every type" },
  ...PLUGIN_TYPES.map((id) => ({ id, label: TYPE_WORDS[id] })),
];

export const readPluginQuery = (query: URLSearchParams): PluginQuery => ({
  state: query.get("state") ?? "",
  type: query.get("type") ?? "",
  origin: query.get("origin") ?? "",
  q: query.get("q") ?? "",
});

/** The address of the page with some of the filter changed. */
export function pluginsHref(query: PluginQuery, change: Partial<PluginQuery> = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, ...change })) {
    if (value !== "") params.set(name, value);
  }
  const text = params.toString();
  return text === "" ? "/plugins" : `/plugins?${text}`;
}

/** The plugins that fit, those that need a person first, then by name. */
export function foundPlugins(plugins: readonly Plugin[], query: PluginQuery): Plugin[] {
  const needing = new Set(pluginNeeds(plugins).map(({ pluginId }) => pluginId));
  const words = query.q.toLowerCase().split(/\s+/).filter(Boolean);
  return plugins
    .filter((plugin) => isInState(plugin, query.state, needing))
    .filter(({ type }) => query.type === "" || type === query.type)
    .filter(({ origin }) => query.origin === "" || origin === query.origin)
    .filter((plugin) => {
      const text = textOf(plugin);
      return words.every((word) => text.includes(word));
    })
    .sort((a, b) => Number(needing.has(b.id)) - Number(needing.has(a.id)) || a.name.localeCompare(b.name));
}

function isInState(plugin: Plugin, state: string, needing: ReadonlySet<string>): boolean {
  const isRunning = plugin.pid !== null;
  switch (state) {
    case "attention":
      return needing.has(plugin.id);
    case "running":
      return isRunning;
    case "idle":
      return !isRunning && plugin.enabled;
    case "off":
      return !plugin.enabled;
    default:
      return true;
  }
}

const textOf = ({ id, name, description, author, type, capabilities, permissions }: Plugin): string =>
  [id, name, description, author, TYPE_WORDS[type], ...capabilities, ...permissions.map(({ text }) => text)]
    .join(" ")
    .toLowerCase();
