import type { IconName } from "../components/icons.ts";
import { alertHref, stateOf as alertStateOf, byWeight, SEVERITY_WORDS } from "../data/alert-words.ts";
import type { Alert } from "../data/alerts-types.ts";
import { nameOf, pluginHref, stateOf } from "../data/plugin-words.ts";
import type { Plugin } from "../data/plugins-types.ts";
import type { Session } from "../data/session.ts";
import type { Series, User } from "../data/types.ts";
import { foreignText } from "../lib/foreign-text.ts";
import { seriesTitle } from "../lib/series-key.ts";
import { ACCOUNT, navigationFor } from "./navigation.ts";

const SHOWN_LIMIT = 40;
const MAX_ALERT_LABEL = 120;

export interface PaletteEntry {
  group: "Pages" | "Commands" | "Alerts" | "Plugins" | "Series" | "Users";
  label: string;
  hint: string;
  icon: IconName;
  /** An address to go to, or something to do. */
  target: string | (() => void);
}

/** Groups of which nothing is offered before it is asked for: there may be very many. */
const NUMEROUS: ReadonlySet<PaletteEntry["group"]> = new Set(["Alerts", "Series"]);

/** The pages the reader may open, from the navigation table. */
export function pageEntries(session: Session): PaletteEntry[] {
  const items = navigationFor(session).flatMap((group) => group.items);
  return [...items, ACCOUNT].map((item) => ({
    group: "Pages",
    label: item.label,
    hint: item.href,
    icon: item.icon,
    target: item.href,
  }));
}

export function seriesEntries(series: Iterable<Series>): PaletteEntry[] {
  return [...series].map(({ key, name, labels }) => ({
    group: "Series",
    label: seriesTitle(name, labels),
    hint: key,
    icon: "chart",
    target: `/metrics?series=${encodeURIComponent(key)}`,
  }));
}

/** Open alerts, the worst first. */
export function alertEntries(open: readonly Alert[]): PaletteEntry[] {
  return open.toSorted(byWeight).map((alert) => ({
    group: "Alerts",
    label: foreignText(alert.message, MAX_ALERT_LABEL),
    hint: `${SEVERITY_WORDS[alert.severity].word.toLowerCase()} · ${alertStateOf(alert).word.toLowerCase()}`,
    icon: "bell",
    target: alertHref(alert.id),
  }));
}

export function pluginEntries(plugins: readonly Plugin[]): PaletteEntry[] {
  return plugins.map((plugin) => ({
    group: "Plugins",
    label: nameOf(plugin),
    hint: `${plugin.id} · ${stateOf(plugin).word.toLowerCase()}`,
    icon: "plug",
    target: pluginHref(plugin.id),
  }));
}

export function userEntries(users: readonly User[]): PaletteEntry[] {
  return users.map(({ name, role }) => ({
    group: "Users",
    label: name,
    hint: role,
    icon: "user",
    target: "/users",
  }));
}

/** The entries that contain every word of the question, those starting with it first, at most 40. */
export function findEntries(question: string, entries: readonly PaletteEntry[]): PaletteEntry[] {
  const words = question
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return entries.filter(({ group }) => !NUMEROUS.has(group)).slice(0, SHOWN_LIMIT);
  const scored = entries.flatMap((entry) => {
    const label = entry.label.toLowerCase();
    const text = `${label} ${entry.hint.toLowerCase()}`;
    if (!words.every((word) => text.includes(word))) return [];
    const first = words[0] ?? "";
    let rank = 2;
    if (label.startsWith(first)) rank = 0;
    else if (label.includes(first)) rank = 1;
    return [{ entry, rank }];
  });
  return scored
    .sort((a, b) => a.rank - b.rank)
    .slice(0, SHOWN_LIMIT)
    .map(({ entry }) => entry);
}
