import { parseLayer } from "../config/config-file.ts";
import type { Configuration } from "../config/configuration.ts";
import { type ConfigurationIssue, InvalidConfiguration } from "../config/invalid-configuration.ts";
import { entryProblem, type Layer, mergeLayers } from "../config/layers.ts";
import { findSetting } from "../config/schema.ts";
import { canonical } from "../config/setting-text.ts";
import type { RecordedChange } from "./history-store.ts";
import { shownValue } from "./setting-view.ts";

/** Dotted key → value: what is stored of the configuration. */
export type Overrides = Readonly<Record<string, unknown>>;

const OVERRIDE_ORIGIN = "override";

/** The overrides as a layer. */
export const overrideLayer = (overrides: Overrides): Layer => ({
  kind: "override",
  origin: OVERRIDE_ORIGIN,
  values: new Map(Object.entries(overrides)),
});

/**
 * Puts stored overrides in force. One that this version cannot take (its setting is gone, or has other limits now) is
 * left out and told of: it must not keep the server from starting.
 */
export function loadOverrides(configuration: Configuration, stored: Overrides): ConfigurationIssue[] {
  const { usable, problems } = usableOverrides(stored);
  try {
    configuration.put(["override"], [overrideLayer(usable)]);
    return problems;
  } catch (error) {
    if (!(error instanceof InvalidConfiguration)) throw error;
    return [...problems, ...error.problems];
  }
}

/** The overrides that this version can take, and what is wrong with the others. */
export function usableOverrides(stored: Overrides): { usable: Overrides; problems: ConfigurationIssue[] } {
  const problems = Object.entries(stored).flatMap(([path, value]) => {
    const message = entryProblem({ kind: "override" }, path, value);
    return message === undefined ? [] : [{ path, message, origin: OVERRIDE_ORIGIN }];
  });
  const bad = new Set(problems.map(({ path }) => path));
  return { usable: Object.fromEntries(Object.entries(stored).filter(([key]) => !bad.has(key))), problems };
}

/** The overrides after setting and unsetting some; a key in both is set. */
export function changedOverrides(current: Overrides, set: Overrides, unset: readonly string[]): Overrides {
  const kept = Object.entries(current).filter(([key]) => !unset.includes(key));
  const added = Object.entries(set).map(([key, value]) => {
    const setting = findSetting(key);
    return [key, setting ? canonical(setting, value) : value] as const;
  });
  return Object.fromEntries([...kept, ...added]);
}

/** A key that is left out, and why. */
export interface SkippedKey {
  key: string;
  reason: string;
}

/** Key by key what differs, as it may be shown; null for an override that is not there. */
export function overrideChanges(before: Overrides, after: Overrides): RecordedChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
    .sort()
    .map((key) => ({
      key,
      before: shownValue(key, before[key]) ?? null,
      after: shownValue(key, after[key]) ?? null,
    }));
}

/** Beside the overrides there are, or in place of them. */
export type ImportMode = "merge" | "replace";

/** The settings of an import, without those that belong to a machine. @throws InvalidConfiguration */
export function readImport(text: string): { overrides: Overrides; skipped: SkippedKey[] } {
  const layer = parseLayer(text, "import", "override");
  const foreign = [...layer.values.keys()].filter((key) => findSetting(key)?.schema.machineOnly);
  const values = new Map([...layer.values].filter(([key]) => !foreign.includes(key)));
  mergeLayers([{ ...layer, values }], { environment: {} });
  const reason = "only a file, the environment or a flag of this machine may set it";
  return { overrides: Object.fromEntries(values), skipped: foreign.map((key) => ({ key, reason })) };
}

/** What is stored from an older version and cannot be taken any more does not stand in the way of other edits. */
export function withoutStale(before: Overrides, after: Overrides): Overrides {
  const { problems } = usableOverrides(before);
  const stale = problems
    .map(({ path }) => path)
    .filter((key) => JSON.stringify(before[key]) === JSON.stringify(after[key]));
  return Object.fromEntries(Object.entries(after).filter(([key]) => !stale.includes(key)));
}
