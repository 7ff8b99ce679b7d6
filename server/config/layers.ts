import { Value } from "@sinclair/typebox/value";
import { AppError, type InputIssue } from "../errors/app-error.ts";
import { nearest } from "../lib/nearest.ts";
import {
  ENVIRONMENT_PREFIX,
  environmentName,
  SETTINGS,
  type SettingDefinition,
  type Settings,
  SettingsSchema,
} from "./schema.ts";

/** One source of values; later layers win, key by key. */
export interface Layer {
  /** What a person reads as the origin of a value: a file name, `environment`, `flags`. */
  origin: string;
  /** Dotted key → value, unvalidated. */
  values: ReadonlyMap<string, unknown>;
  /** Where a key stands in a file. */
  positions?: ReadonlyMap<string, { line: number; column: number }>;
}

/** The settings in force and, for each key, where its value comes from. */
export interface MergedSettings {
  settings: Settings;
  origins: ReadonlyMap<string, string>;
}

const BY_KEY = new Map<string, SettingDefinition>(SETTINGS.map((setting) => [setting.key, setting]));
export const DEFAULT_ORIGIN = "default";

/**
 * Merges layers over the defaults and validates the result.
 * @throws AppError `invalid_configuration` with one issue a wrong key: origin, line and column where known, the allowed
 *   values, and the nearest valid key for an unknown one. Nothing is applied then.
 */
export function mergeLayers(layers: readonly Layer[]): MergedSettings {
  const issues: InputIssue[] = [];
  const flat = new Map<string, unknown>();
  const origins = new Map<string, string>();
  for (const setting of SETTINGS) {
    flat.set(setting.key, Value.Create(setting.schema));
    origins.set(setting.key, DEFAULT_ORIGIN);
  }
  for (const layer of layers) {
    for (const [key, value] of layer.values) {
      const message = problemOf(key, value);
      if (message) {
        issues.push({ path: key, message: `${message} (${place(layer, key)})` });
        continue;
      }
      flat.set(key, value);
      origins.set(key, layer.origin);
    }
  }
  if (issues.length > 0) {
    const lines = issues.map((issue) => `${issue.path}: ${issue.message}`).join("; ");
    throw new AppError("invalid_configuration", `The configuration is not valid: ${lines}`, { issues });
  }
  return { settings: Value.Parse(SettingsSchema, unflatten(flat)), origins };
}

/** Nested objects → dotted keys of the leaves. A section without content (all of it commented out) says nothing. */
export function flatten(value: unknown, prefix = ""): Map<string, unknown> {
  const result = new Map<string, unknown>();
  if (value === null && isSection(prefix)) return result;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return result.set(prefix, value);
  for (const [name, child] of Object.entries(value)) {
    const key = prefix ? `${prefix}.${name}` : name;
    if (BY_KEY.has(key)) result.set(key, child);
    else for (const [inner, leaf] of flatten(child, key)) result.set(inner, leaf);
  }
  return result;
}

const isSection = (key: string): boolean => SETTINGS.some((setting) => setting.key.startsWith(`${key}.`));

function unflatten(flat: ReadonlyMap<string, unknown>): unknown {
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

function problemOf(key: string, value: unknown): string | undefined {
  const setting = BY_KEY.get(key);
  if (!setting) return unknownKey(key);
  const first = Value.Errors(setting.schema, value).First();
  if (!first) return undefined;
  return `${JSON.stringify(value)} is not allowed: ${allowed(setting)}`;
}

function unknownKey(key: string): string {
  if (isSection(key)) return "this is a section; its settings stand beneath it";
  const isName = key.startsWith(ENVIRONMENT_PREFIX);
  const known = SETTINGS.map((setting) => (isName ? environmentName(setting.key) : setting.key));
  const suggestion = nearest(key, known);
  return suggestion ? `there is no such setting; did you mean "${suggestion}"?` : "there is no such setting";
}

function allowed({ schema }: SettingDefinition): string {
  if (Array.isArray(schema.enum)) return `one of ${schema.enum.join(", ")}`;
  if (schema.type === "integer") return `a whole number from ${schema.minimum} to ${schema.maximum}`;
  if (schema.type === "boolean") return "true or false";
  if (schema.type === "array") return `a list of at most ${schema.maxItems} texts`;
  return schema.pattern
    ? `a text that matches ${schema.pattern}`
    : `a text of at most ${schema.maxLength} characters`;
}

function place(layer: Layer, key: string): string {
  const position = layer.positions?.get(key);
  return position ? `${layer.origin}:${position.line}:${position.column}` : layer.origin;
}
