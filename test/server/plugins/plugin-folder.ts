import { chmodSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type Discovery,
  type DiscoveryOptions,
  PluginDiscovery,
} from "../../../server/plugins/discovery/discovery.ts";
import { TempFolder } from "../../support/temp-folder.ts";

export const MAIN =
  'import { definePlugin } from "binnacle";\nexport default definePlugin({ execute: () => 1 });\n';

/** The smallest manifest, with what a test wants of it. */
export const manifest = (id: string, more: object = {}): string =>
  JSON.stringify({ id, version: "1.0.0", type: "custom", main: "main.ts", ...more });

/** A plugins folder of one test's own, and a discovery that looks at it. */
export class PluginFolder implements Disposable {
  readonly #folder = new TempFolder();
  readonly path = join(realpathSync(this.#folder.path), "plugins");
  readonly discovery = new PluginDiscovery();

  constructor() {
    mkdirSync(this.path);
    chmodSync(this.path, 0o755);
  }

  /** Absolute path of `name` in the plugins folder. */
  file(name: string): string {
    return join(this.path, name);
  }

  /** Absolute path beside the plugins folder. */
  beside(name: string): string {
    return join(dirname(this.path), name);
  }

  /** Path in the plugins folder → content. */
  write(files: Record<string, string | Uint8Array>): void {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(this.file(name)), { recursive: true });
      writeFileSync(this.file(name), content);
    }
  }

  /** A folder with a manifest and a module. */
  plugin(id: string, more: object = {}, files: Record<string, string> = {}): void {
    const own = { "plugin.json": manifest(id, more), "main.ts": MAIN, ...files };
    this.write(Object.fromEntries(Object.entries(own).map(([name, text]) => [`${id}/${name}`, text])));
  }

  look(options: Partial<DiscoveryOptions> = {}): Promise<Discovery> {
    return this.discovery.look({
      folder: this.path,
      paths: [],
      bundled: [],
      registered: new Map(),
      installed: new Set(),
      rules: { limits: { maxTimeoutMs: 600_000, forbiddenPaths: [] }, trustedKeys: [] },
      policy: { isRoot: true },
      ...options,
    });
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

export const idsOf = ({ packages }: Discovery): string[] => packages.map(({ manifest: { id } }) => id);

/** Name of each broken plugin's file or folder, with its first problem. */
export const brokenIn = ({ broken }: Discovery): Record<string, string> =>
  Object.fromEntries(
    broken.map(({ path, problems: [first] }) => [
      path.slice(path.lastIndexOf("/") + 1),
      `${first?.path}: ${first?.message}`,
    ]),
  );
