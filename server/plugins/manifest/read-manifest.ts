import type { PluginManifest } from "../../../schema/plugin/manifest.ts";
import { type JsonText, type ManifestProblem, readJsonText } from "./json-text.ts";
import { fromOlderForm, idFrom, olderName } from "./older-form.ts";
import { type ManifestLimits, ruleProblems } from "./rules.ts";
import { type FieldProblem, shapeProblems } from "./shape.ts";

export type { ManifestProblem } from "./json-text.ts";
export type { ManifestLimits } from "./rules.ts";

/** The manifest's file, and the one of the older form that is read when there is none. */
export const MANIFEST_FILE = "plugin.json";
export const OLDER_MANIFEST_FILE = "plugin_config.json";

const MAX_BYTES = 256 * 1024;
const MAX_PROBLEMS = 50;
const MODULE_NAME = /^(.+)\.(?:ts|mts|js|mjs)$/;

/** A manifest, or everything that is wrong with it. */
export type ManifestReading =
  | {
      manifest: PluginManifest;
      /** The wish that the older form holds; undefined when the file says nothing of it. */
      isEnabled: boolean | undefined;
    }
  | { problems: ManifestProblem[] };

/**
 * Reads a plugin's manifest. Nothing is guessed: every field that is wrong is named with its path, its line, and what
 * is allowed there.
 * @param fileName which of the two forms it is: {@link MANIFEST_FILE} or {@link OLDER_MANIFEST_FILE}
 */
export function readManifest(bytes: Uint8Array, fileName: string, limits: ManifestLimits): ManifestReading {
  const text = readJsonText(bytes, MAX_BYTES);
  if ("problems" in text) return text;
  const { value } = text;
  if (!isObject(value))
    return { problems: [{ path: "", message: "is not a JSON object", line: 1, column: 1 }] };
  const isOlder = fileName === OLDER_MANIFEST_FILE;
  const { manifest, isEnabled } = isOlder ? fromOlderForm(value) : { manifest: value, isEnabled: undefined };
  const reading = check(manifest, limits);
  if ("manifest" in reading) return { manifest: reading.manifest, isEnabled };
  const placed = reading.problems.map((problem) =>
    located(isOlder ? { ...problem, path: olderName(problem.path, value) } : problem, text),
  );
  return { problems: placed };
}

/** The manifest of a plugin that is one file: `hello.ts` is `hello`, of type custom, without permissions. */
export function singleFileManifest(fileName: string, limits: ManifestLimits): ManifestReading {
  const stem = MODULE_NAME.exec(fileName)?.[1] ?? "";
  const id = idFrom(stem);
  if (id !== stem) {
    const message = `${JSON.stringify(fileName)} makes no id: name the file with lower-case letters, digits, _ and -`;
    return { problems: [{ path: "", message: id === "" ? message : `${message}, such as ${id}.ts` }] };
  }
  const reading = check({ id, version: "0.0.0", type: "custom", main: fileName }, limits);
  return "manifest" in reading ? { manifest: reading.manifest, isEnabled: undefined } : reading;
}

/** Whether a file of that name, by itself, is a plugin. */
export const isSingleFile = (fileName: string): boolean =>
  MODULE_NAME.test(fileName) && !fileName.endsWith(".d.ts") && !fileName.endsWith(".test.ts");

function check(
  value: unknown,
  limits: ManifestLimits,
): { manifest: PluginManifest } | { problems: FieldProblem[] } {
  const wrong = shapeProblems(value);
  if (wrong.length > 0 || !isManifest(value)) return { problems: wrong.slice(0, MAX_PROBLEMS) };
  const broken = ruleProblems(value, limits);
  return broken.length > 0 ? { problems: broken.slice(0, MAX_PROBLEMS) } : { manifest: withoutHint(value) };
}

/** The printed schema, which has just passed, is what the type is. */
const isManifest = (value: unknown): value is PluginManifest => isObject(value);

/** What an editor needs is no part of the plugin. */
function withoutHint(manifest: PluginManifest & { $schema?: string }): PluginManifest {
  const { $schema: _hint, ...rest } = manifest;
  return rest;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const located = (problem: FieldProblem, text: JsonText): ManifestProblem => ({
  ...problem,
  ...text.placeOf(problem.path),
});
