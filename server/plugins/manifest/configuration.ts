import type { PluginManifest } from "../../../schema/plugin/manifest.ts";
import type { InputIssue } from "../../errors/app-error.ts";
import { compileSchema } from "../../lib/json-schema.ts";
import { defaultsOf } from "./config-rules.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/** A plugin's configuration as its layers give it. */
export interface PluginConfiguration {
  /** What the plugin is given: references of the files resolved. Holds secrets: never shown. */
  values: Record<string, unknown>;
  /** The same as it is written, references in place. Fields marked `writeOnly` may still hold secrets. */
  written: Record<string, unknown>;
  /** Dotted paths that a file holds: what is set for them in the dashboard has no effect. */
  locked: string[];
  /** What refers to something that is not there. */
  issues: InputIssue[];
}

/** The layers over the defaults of the manifest, weakest first. */
export interface ConfigurationLayers {
  /** Set in the dashboard, over the API, or by the plugin itself. */
  stored: JsonObject;
  /** `plugins.items[].config`. */
  file: JsonObject;
  /** Resolves `${env:NAME}` and `${secret:NAME}`; only values of files may hold some. @throws Error with what is missing */
  resolveText: (text: string) => string;
}

const MAX_DEPTH = 20;

/** Puts a plugin's configuration together: the manifest's defaults, over them what is stored, over them what a file holds. */
export function pluginConfiguration(
  manifest: PluginManifest,
  layers: ConfigurationLayers,
): PluginConfiguration {
  const issues: InputIssue[] = [];
  const below = merged(defaultsOf(manifest.config), layers.stored);
  const written = merged(below, layers.file);
  const values = merged(below, resolved(layers.file, "", layers.resolveText, issues));
  return { values, written, locked: leavesOf(layers.file, ""), issues };
}

/** What is wrong with a plugin's whole configuration by its manifest's schema; without one it takes nothing. */
export function configurationIssues({ config: schema }: PluginManifest, values: JsonObject): InputIssue[] {
  if (!schema) {
    return Object.keys(values).map((path) => ({
      path,
      message: "the plugin's manifest declares no configuration",
    }));
  }
  const compiled = compileSchema(schema);
  return "refused" in compiled ? [{ path: "", message: compiled.refused }] : compiled.check(values);
}

/** Objects are merged field by field; anything else, lists too, is replaced as a whole. */
function merged(below: JsonObject, above: JsonObject, depth = 0): Record<string, unknown> {
  const result = new Map(Object.entries(below));
  for (const [name, value] of Object.entries(above)) {
    const before = result.get(name);
    const isInner = isObject(before) && isObject(value) && depth < MAX_DEPTH;
    result.set(name, isInner ? merged(before, value, depth + 1) : value);
  }
  // Not by assignment: a field may have the name of a prototype.
  return Object.fromEntries(result);
}

function resolved(
  layer: JsonObject,
  path: string,
  resolveText: (text: string) => string,
  issues: InputIssue[],
): Record<string, unknown> {
  const one = (value: unknown, at: string): unknown => {
    if (typeof value === "string" && value.includes("${")) return resolvedText(value, at);
    if (Array.isArray(value)) return value.map((item, index) => one(item, `${at}.${index}`));
    return isObject(value) ? resolved(value, at, resolveText, issues) : value;
  };
  const resolvedText = (text: string, at: string): string => {
    try {
      return resolveText(text);
    } catch (error) {
      issues.push({ path: at, message: error instanceof Error ? error.message : "cannot be resolved" });
      return "";
    }
  };
  return Object.fromEntries(
    Object.entries(layer).map(([name, value]) => [name, one(value, join(path, name))]),
  );
}

const leavesOf = (layer: JsonObject, path: string): string[] =>
  Object.entries(layer).flatMap(([name, value]) =>
    isObject(value) && Object.keys(value).length > 0 ? leavesOf(value, join(path, name)) : [join(path, name)],
  );

const join = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
