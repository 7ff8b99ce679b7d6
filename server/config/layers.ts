import { Value } from "@sinclair/typebox/value";
import { AppError } from "../errors/app-error.ts";
import { type ConfigurationIssue, InvalidConfiguration } from "./invalid-configuration.ts";
import { distantItemProblem, fieldsOf } from "./object-settings.ts";
import {
  asksEnvironment,
  asksSecret,
  hasReference,
  type ReferenceSources,
  resolve,
  secretReference,
  syntaxProblem,
} from "./references.ts";
import { settingRules } from "./rules.ts";
import { findSetting, isSection, SETTINGS, type Settings, SettingsSchema } from "./schema.ts";
import { FEATURES_DEFAULT_KEY, FEATURES_PREFIX } from "./sections/features.ts";
import { unknownKey, valueProblem } from "./setting-problem.ts";
import { canonical } from "./setting-text.ts";
import type { SettingDefinition } from "./setting-types.ts";

/** The layers over the built-in defaults, weakest first. */
export const LAYER_KINDS = [
  "file",
  "environmentFile",
  "serviceFile",
  "remote",
  "override",
  "environment",
  "flags",
] as const;
export type LayerKind = (typeof LAYER_KINDS)[number];

/** A key held by one of these cannot be overridden at run time. */
const LOCKING_KINDS: ReadonlySet<LayerKind | "default"> = new Set(["environment", "flags"]);
/** These come over the network: they may not reach what belongs to the machine. */
const DISTANT_KINDS: ReadonlySet<LayerKind> = new Set(["remote", "override"]);

/** One source of values; later layers win, key by key. */
export interface Layer {
  /** Where it stands among the layers; a file when left out. */
  kind?: LayerKind;
  /** What a person reads as the origin of a value: a file name, `environment`, `flags`. */
  origin: string;
  /** Dotted key → value, unvalidated. */
  values: ReadonlyMap<string, unknown>;
  /** Where a key stands in a file. */
  positions?: ReadonlyMap<string, { line: number; column: number }>;
  /** Key → the environment variable it comes from. */
  variables?: ReadonlyMap<string, string>;
}

/** Where the value of a key comes from. */
export interface ValueOrigin {
  kind: LayerKind | "default";
  /** A file name, `environment`, `flags`, `default`, … */
  origin: string;
  line?: number;
  column?: number;
  /** The environment variable. */
  variable?: string;
}

/** What a merge of layers gives. */
export interface MergedSettings {
  /** Key → value as it is written, references left in place: what may be shown. */
  written: ReadonlyMap<string, unknown>;
  /** Key → value with its references resolved: what counts. */
  resolved: ReadonlyMap<string, unknown>;
  origins: ReadonlyMap<string, ValueOrigin>;
  /** Keys that keep their default until the secrets are open. */
  waiting: readonly string[];
}

const DEFAULT_ORIGIN = "default";

/** Whether a run-time override of the key would have no effect. */
export const isLocking = ({ kind }: ValueOrigin): boolean => LOCKING_KINDS.has(kind);

/**
 * Merges layers over the defaults and validates the result.
 * @throws InvalidConfiguration with one issue a wrong key: origin, line and column where known, the allowed values,
 *   and the nearest valid key for an unknown one. Nothing is applied then.
 */
export function mergeLayers(layers: readonly Layer[], sources: ReferenceSources): MergedSettings {
  const problems: ConfigurationIssue[] = [];
  const written = new Map<string, unknown>(SETTINGS.map(({ key, schema }) => [key, Value.Create(schema)]));
  const origins = new Map<string, ValueOrigin>(
    SETTINGS.map(({ key }) => [key, { kind: "default", origin: DEFAULT_ORIGIN }]),
  );
  for (const layer of layers) {
    for (const [key, value] of layer.values) {
      const message = entryProblem(layer, key, value);
      if (message) {
        problems.push({ path: key, message, ...placeOf(originOf(layer, key)) });
        continue;
      }
      written.set(key, canonicalValue(key, value));
      origins.set(key, originOf(layer, key));
    }
  }
  const { resolved, waiting } = resolveAll(written, origins, sources, problems);
  applyFeaturesDefault(written, resolved, origins);
  for (const { path, message } of settingRules((key) =>
    (waiting.includes(key) ? written : resolved).get(key),
  )) {
    problems.push({ path, message, ...placeOf(origins.get(path)) });
  }
  if (problems.length > 0) throw new InvalidConfiguration(problems);
  return { written, resolved, origins, waiting };
}

/** Dotted keys as the nested, typed object that parts read. @throws AppError `internal` when a key is missing. */
export function settingsOf(resolved: ReadonlyMap<string, unknown>): Settings {
  const settings = unflatten(resolved);
  if (Value.Check(SettingsSchema, settings)) return settings;
  throw new AppError("internal", "The merged settings do not fit their schema.");
}

/** Nested objects → dotted keys of the leaves. A section without content (all of it commented out) says nothing. */
export function flatten(value: unknown, prefix = ""): Map<string, unknown> {
  const result = new Map<string, unknown>();
  if (value === null && isSection(prefix)) return result;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return result.set(prefix, value);
  for (const [name, child] of Object.entries(value)) {
    const key = prefix ? `${prefix}.${name}` : name;
    if (findSetting(key)) result.set(key, child);
    else for (const [inner, leaf] of flatten(child, key)) result.set(inner, leaf);
  }
  return result;
}

/** Dotted keys → nested objects. */
export function unflatten(flat: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [key, value] of flat) {
    const names = key.split(".");
    let node = root;
    for (const name of names.slice(0, -1)) {
      node[name] ??= {};
      node = node[name] as Record<string, unknown>;
    }
    node[names.at(-1) ?? key] = value;
  }
  return root;
}

/** Why a layer may not hold that value for that key, as far as it can be told from the layer alone. */
export function entryProblem(layer: Pick<Layer, "kind">, key: string, value: unknown): string | undefined {
  const setting = findSetting(key);
  if (!setting) return unknownKey(key);
  const isDistant = layer.kind !== undefined && DISTANT_KINDS.has(layer.kind);
  if (isDistant && setting.schema.machineOnly) {
    return "only a file, the environment or a flag of this machine may set it";
  }
  if (layer.kind === "environment" && setting.schema.notEnvironment) {
    return "only a file or a flag of this machine may set it";
  }
  if (layer.kind === "remote" && setting.schema.notRemote) return "no remote source may set it";
  if (isDistant && fieldsOf(setting))
    return valueProblem(setting, value, setting.schema.secret) ?? distantItemProblem(setting, value);
  if (hasReference(value))
    return syntaxProblem(value) ?? (isDistant ? reachProblem(setting, value) : undefined);
  if (layer.kind === "override" && setting.schema.secret && value !== "") {
    return `a secret does not stand here in the open; store it under Secrets and write ${secretReference("NAME")}`;
  }
  return valueProblem(setting, canonical(setting, value), setting.schema.secret);
}

/** A reference over the network would be a way to read what it points to. */
function reachProblem({ schema }: SettingDefinition, value: unknown): string | undefined {
  if (asksEnvironment(value)) return "only this machine's own files may refer to its environment";
  if (asksSecret(value) && !schema.secret)
    return "its value is shown to people, so it may not refer to a secret";
  return undefined;
}

function resolveAll(
  written: ReadonlyMap<string, unknown>,
  origins: ReadonlyMap<string, ValueOrigin>,
  sources: ReferenceSources,
  problems: ConfigurationIssue[],
) {
  const resolved = new Map(written);
  const waiting: string[] = [];
  for (const setting of SETTINGS) {
    const { key } = setting;
    const value = written.get(key);
    if (!hasReference(value)) continue;
    const outcome = resolve(setting, value, sources);
    if (outcome.state === "waiting") {
      resolved.set(key, Value.Create(setting.schema));
      waiting.push(key);
      continue;
    }
    const message = outcome.state === "failed" ? outcome.message : valueProblem(setting, outcome.value, true);
    if (message) problems.push({ path: key, message, ...placeOf(origins.get(key)) });
    else if (outcome.state === "resolved") resolved.set(key, outcome.value);
  }
  return { resolved, waiting };
}

/** `features.default: off` answers for every switch that nobody has set. */
function applyFeaturesDefault(
  written: Map<string, unknown>,
  resolved: Map<string, unknown>,
  origins: Map<string, ValueOrigin>,
): void {
  if (resolved.get(FEATURES_DEFAULT_KEY) !== "off") return;
  const origin = origins.get(FEATURES_DEFAULT_KEY);
  for (const { key } of SETTINGS) {
    if (!key.startsWith(FEATURES_PREFIX) || key === FEATURES_DEFAULT_KEY) continue;
    if (origins.get(key)?.kind !== "default") continue;
    written.set(key, false);
    resolved.set(key, false);
    if (origin) origins.set(key, { kind: "default", origin: `${FEATURES_DEFAULT_KEY} (${origin.origin})` });
  }
}

function canonicalValue(key: string, value: unknown): unknown {
  const setting = findSetting(key);
  return setting && !hasReference(value) ? canonical(setting, value) : value;
}

function placeOf(value: ValueOrigin | undefined): Omit<ConfigurationIssue, "path" | "message"> {
  const { origin, line, column, variable } = value ?? { origin: DEFAULT_ORIGIN };
  return {
    origin: variable === undefined ? origin : `${variable} in the environment`,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  };
}

function originOf(layer: Layer, key: string): ValueOrigin {
  const position = layer.positions?.get(key);
  const variable = layer.variables?.get(key);
  return {
    kind: layer.kind ?? "file",
    origin: layer.origin,
    ...(position ?? {}),
    ...(variable === undefined ? {} : { variable }),
  };
}
