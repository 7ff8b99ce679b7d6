import { importError } from "./load-error.ts";

/** Tried in this order behind a specifier without its ending. */
const ENDINGS = [
  "",
  ".ts",
  ".tsx",
  ".js",
  ".jsx",
  ".mts",
  ".mjs",
  ".json",
  "/index.ts",
  "/index.tsx",
  "/index.js",
];
/** TypeScript lets an import name the file that it would become. */
const COMPILED_ENDING = /\.(m?)js(x?)$/;

/**
 * The plugin's file that `specifier`, written in `importer`, means; paths are relative to the plugin's folder.
 * @throws PluginLoadError when it lies outside, or is not there
 */
export function resolveFile(
  files: ReadonlyMap<string, Uint8Array>,
  importer: string,
  specifier: string,
): string {
  const parts = importer.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) {
      throw importError(importer, specifier, "it lies outside the plugin's folder");
    }
  }
  const base = parts.join("/");
  const candidates = [...ENDINGS.map((ending) => base + ending), base.replace(COMPILED_ENDING, ".$1ts$2")];
  const found = candidates.find((candidate) => files.has(candidate));
  if (found === undefined) throw importError(importer, specifier, "the plugin has no such file");
  return found;
}
