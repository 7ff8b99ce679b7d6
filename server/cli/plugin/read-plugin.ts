import { statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { AppError, errorCodeOf } from "../../errors/app-error.ts";
import { assemblePackage } from "../../plugins/discovery/assemble.ts";
import { readSource } from "../../plugins/discovery/source-files.ts";
import { listSource, RefusedSource } from "../../plugins/discovery/source-tree.ts";
import { isSingleFile as isSingleFileName } from "../../plugins/manifest/read-manifest.ts";
import type { PluginPackage } from "../../plugins/trust/plugin-package.ts";

const asSentence = (text: string): string => (text.endsWith(".") ? text : `${text}.`);

/** What a manifest may ask for at most when no server says otherwise: a day. */
const MAX_TIMEOUT_MS = 86_400_000;

/**
 * Reads a plugin as the server would: a folder with its manifest, or one file.
 * @throws AppError `plugin_invalid` with each thing that is wrong, its path and line
 */
export async function readPlugin(path: string): Promise<PluginPackage> {
  const absolute = resolve(path);
  try {
    const isSingleFile = statSync(absolute).isFile();
    if (isSingleFile && !isSingleFileName(basename(absolute))) {
      const wanted = "a folder, a .zip, .tar or .tar.gz of one, or a module (.ts, .mts, .js, .mjs)";
      throw new AppError("plugin_invalid", `${path} is no plugin: ${wanted} is expected.`);
    }
    const files = await readPluginFiles(absolute);
    const rules = { limits: { maxTimeoutMs: MAX_TIMEOUT_MS, forbiddenPaths: [] }, trustedKeys: [] };
    const made = assemblePackage({ origin: "folder", path: absolute, files, isSingleFile }, rules);
    if (!("problems" in made)) return made;
    const lines = made.problems.map(({ path: field, message, line }) => {
      return `${line === undefined ? "" : `line ${line}: `}${field} ${message}`.trim();
    });
    throw new AppError("plugin_invalid", `${path} is not a valid plugin: ${asSentence(lines.join("; "))}`, {
      issues: made.problems,
    });
  } catch (error) {
    if (error instanceof RefusedSource) {
      throw new AppError("plugin_invalid", `${path}: ${error.path} ${error.message}.`, { cause: error });
    }
    if (errorCodeOf(error) === "ENOENT")
      throw new AppError(
        "plugin_invalid",
        `There is nothing at ${path}. To make a plugin there: binnacle plugin new ${path}`,
        { cause: error },
      );
    throw error;
  }
}

/**
 * Its files, by path. Whoever has a plugin here is its author: who else could have written them is the server's question.
 * @throws RefusedSource
 */
export async function readPluginFiles(path: string): Promise<Map<string, Uint8Array>> {
  return readSource(await listSource(resolve(path), { isRoot: false }));
}
