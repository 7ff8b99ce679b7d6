import type { PluginPackage } from "../trust/plugin-package.ts";
import { assemblePackage, type PackageRules } from "./assemble.ts";
import { loadBundledFiles } from "./bundled-files.ts";
import type { BundledFiles } from "./bundled-folder.ts";
import type { BrokenPlugin } from "./discovery.ts";

/**
 * The plugins inside the binary. Their bytes, and so their digests, are those of this build: nobody can change them
 * without changing the server. What they ask for is granted all the same only when an administrator enables them, which
 * is their approval.
 */
export class BundledPlugins {
  readonly #files: BundledFiles;
  #made: { rules: string; plugins: readonly (PluginPackage | BrokenPlugin)[] } | undefined;

  constructor(files: BundledFiles) {
    this.#files = files;
  }

  /** Reads them once: out of the binary, or from plugins/ when it runs from source. */
  static async load(): Promise<BundledPlugins> {
    return new BundledPlugins(await loadBundledFiles());
  }

  /** All of them; one that asks for more than the settings allow is listed with the reason. */
  under(rules: PackageRules): readonly (PluginPackage | BrokenPlugin)[] {
    const text = JSON.stringify(rules);
    if (this.#made?.rules !== text) {
      const plugins = [...this.#files].map(([name, files]) => bundledPlugin(name, files, rules));
      this.#made = { rules: text, plugins };
    }
    return this.#made.plugins;
  }
}

function bundledPlugin(
  name: string,
  files: ReadonlyMap<string, Uint8Array>,
  rules: PackageRules,
): PluginPackage | BrokenPlugin {
  const source = { origin: "bundled", path: "", files, isSingleFile: false } as const;
  const made = assemblePackage(source, rules);
  if (!("problems" in made)) return made;
  return { id: name, path: "", origin: "bundled", block: "invalid", problems: made.problems };
}
