import { lstat, mkdir, readdir, realpath, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { AppError, errorCodeOf } from "../../../errors/app-error.ts";
import type { Clock } from "../../../lib/clock.ts";
import { newId } from "../../../lib/ids.ts";
import { Mutex } from "../../../lib/mutex.ts";
import { isSingleFile } from "../../manifest/read-manifest.ts";
import type { PluginPackage } from "../../trust/plugin-package.ts";
import { assemblePackage, type PackageRules } from "../assemble.ts";
import { readSource } from "../source-files.ts";
import { listSource, RefusedSource, type SourcePolicy } from "../source-tree.ts";

/** A plugin that was read and is good, before anything of it is in place. */
export interface PreparedPlugin {
  package: PluginPackage;
  /** Everything that is put in place, the signature too. */
  files: ReadonlyMap<string, Uint8Array>;
  isSingleFile: boolean;
}

interface InstallerParts {
  /** The plugins folder. */
  folder: () => string;
  rules: () => PackageRules;
  policy: SourcePolicy;
  clock: Clock;
}

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const HIDDEN = { recursive: true, mode: FOLDER_MODE } as const;
/** Discovery passes over names that begin with a dot. */
const STAGING = ".staging";
const READY = ".ready";
const REMOVED = ".removed";
const REMOVED_NAME = /^([a-z0-9][a-z0-9_-]*)@(\d{1,15})@(.+)$/;
const ARCHIVE = /\.(?:tar|tar\.gz|tgz|zip)$/i;

/**
 * Puts plugins into the plugins folder and takes them out. Each is written beside its place and moved there in one step:
 * a crash leaves the old one, or the new one, which {@link recover} puts in place at the next start. What is replaced or
 * removed is moved aside as it lies, edits and version control included, and can be brought back until it is pruned.
 */
export class PluginInstaller {
  readonly #parts: InstallerParts;
  readonly #mutex = new Mutex();

  constructor(parts: InstallerParts) {
    this.#parts = parts;
  }

  /** Reads a folder, a module or an archive of this machine. @throws AppError `plugin_invalid` */
  async openPath(path: string): Promise<PreparedPlugin> {
    try {
      const tree = await listSource(path, this.#parts.policy);
      const files = await readSource(tree);
      const isOneFile = tree.folders.length === 0;
      const [archive] = files.values();
      if (isOneFile && archive && ARCHIVE.test(path)) return await this.openArchive(archive);
      if (isOneFile && !isSingleFile(basename(path))) {
        throw new RefusedSource("", "is neither a folder, a module, nor a .tar, .tar.gz or .zip archive");
      }
      return this.#prepare(files, isOneFile);
    } catch (error) {
      if (!(error instanceof RefusedSource)) throw error;
      const where = error.path === "" ? path : join(path, error.path);
      const { message } = error;
      throw new AppError("plugin_invalid", `${where} ${message}.`, {
        issues: [{ path: error.path, message }],
      });
    }
  }

  /** Reads an archive. @throws AppError `plugin_invalid` */
  async openArchive(bytes: Uint8Array): Promise<PreparedPlugin> {
    // With the libraries that read archives: few servers ever see one.
    const { readArchive } = await import("./read-archive.ts");
    return this.#prepare(await readArchive(bytes), false);
  }

  /** Looks through files that were read before. @throws AppError `plugin_invalid` */
  openFiles(files: ReadonlyMap<string, Uint8Array>): PreparedPlugin {
    return this.#prepare(files, false);
  }

  /**
   * Puts a plugin in place; gives its path.
   * @param replaces path of the plugin that has its id now; it is moved aside
   * @throws AppError `plugin_conflict` when something else stands in its place
   */
  async place(prepared: PreparedPlugin, replaces?: string): Promise<string> {
    return this.#mutex.run(async () => {
      const { id, main } = prepared.package.manifest;
      const name = prepared.isSingleFile ? main : id;
      const root = await this.#root();
      const target = join(root, name);
      if (replaces !== undefined && dirname(replaces) !== root) {
        throw new AppError(
          "plugin_conflict",
          `The plugin "${id}" lies in ${replaces}; put the new version there, or take it out of plugins.items.`,
        );
      }
      if (target !== replaces && (await exists(target))) {
        throw new AppError(
          "plugin_conflict",
          `${target} is there already, and is not the plugin "${id}". Remove it first.`,
        );
      }
      for (const folder of [STAGING, READY]) await mkdir(join(root, folder), HIDDEN);
      const staged = join(root, STAGING, newId());
      await writeAll(staged, prepared);
      const ready = join(root, READY, name);
      await rm(ready, { recursive: true, force: true });
      await rename(staged, ready);
      if (replaces !== undefined && (await exists(replaces))) await this.#moveAside(id, replaces);
      await rename(ready, target);
      return target;
    });
  }

  /** Moves a plugin aside. @throws AppError `plugin_state_conflict` when it does not lie in the plugins folder */
  async remove(id: string, path: string): Promise<void> {
    if (dirname(path) !== (await this.#root())) {
      const reason =
        path === ""
          ? "it is part of Binnacle; disable it"
          : `it lies in ${path}; take it out of plugins.items`;
      throw new AppError("plugin_state_conflict", `The plugin "${id}" cannot be removed: ${reason}.`);
    }
    await this.#mutex.run(() => this.#moveAside(id, path));
  }

  /**
   * Brings back what was removed last under that id; gives its path.
   * @throws AppError `plugin_not_found` when nothing is kept; `plugin_conflict` when its place is taken
   */
  async restore(id: string): Promise<string> {
    return this.#mutex.run(async () => {
      const newest = (await this.#removed()).filter((one) => one.id === id).at(-1);
      if (!newest) throw new AppError("plugin_not_found", `Nothing is kept of a removed plugin "${id}".`);
      const target = join(await this.#root(), newest.name);
      if (await exists(target)) {
        throw new AppError("plugin_conflict", `${target} is there already; remove it first.`);
      }
      await rename(newest.path, target);
      return target;
    });
  }

  /** Deletes what was removed before that time (epoch milliseconds); gives how many plugins that were. */
  async prune(before: number): Promise<number> {
    return this.#mutex.run(async () => {
      const old = (await this.#removed()).filter(({ at }) => at < before);
      for (const { path } of old) await rm(path, { recursive: true, force: true });
      return old.length;
    });
  }

  /** Ends what a crash cut short: what was complete is put in place, what was not is thrown away. */
  async recover(): Promise<void> {
    await this.#mutex.run(async () => {
      const root = await this.#root();
      await rm(join(root, STAGING), { recursive: true, force: true });
      for (const name of await namesIn(join(root, READY))) {
        const target = join(root, name);
        const id = name.replace(/\.[a-z]+$/, "");
        if (await exists(target)) await this.#moveAside(id, target);
        await rename(join(root, READY, name), target);
      }
    });
  }

  /** The plugins folder, made when it is absent, free of links as discovery gives paths. */
  async #root(): Promise<string> {
    const folder = this.#parts.folder();
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
    return realpath(folder);
  }

  #prepare(files: ReadonlyMap<string, Uint8Array>, isSingle: boolean): PreparedPlugin {
    const made = assemblePackage(
      { origin: "installed", path: "", files, isSingleFile: isSingle },
      this.#parts.rules(),
    );
    if (!("problems" in made)) return { package: made, files, isSingleFile: isSingle };
    const issues = made.problems.map(({ path, message, line }) => ({
      path,
      message: line === undefined ? message : `${message} (line ${line})`,
    }));
    const [first] = issues;
    throw new AppError("plugin_invalid", `The plugin is not valid: ${first?.path} ${first?.message}.`, {
      issues,
    });
  }

  async #moveAside(id: string, path: string): Promise<void> {
    const aside = join(await this.#root(), REMOVED);
    await mkdir(aside, HIDDEN);
    // Two of one millisecond must not meet.
    const names = new Set(await namesIn(aside));
    let at = this.#parts.clock.now();
    while (names.has(`${id}@${at}@${basename(path)}`)) at++;
    await rename(path, join(aside, `${id}@${at}@${basename(path)}`));
  }

  /** Oldest first. */
  async #removed(): Promise<{ id: string; at: number; name: string; path: string }[]> {
    const folder = join(await this.#root(), REMOVED);
    const kept = (await namesIn(folder)).flatMap((entry) => {
      const [, id, at, name] = REMOVED_NAME.exec(entry) ?? [];
      return id && at && name ? [{ id, at: Number(at), name, path: join(folder, entry) }] : [];
    });
    return kept.sort((a, b) => a.at - b.at);
  }
}

async function writeAll(staged: string, { files, isSingleFile: isSingle }: PreparedPlugin): Promise<void> {
  if (!isSingle) await mkdir(staged, { mode: FOLDER_MODE });
  for (const [path, bytes] of files) {
    const target = isSingle ? staged : join(staged, path);
    await mkdir(dirname(target), { recursive: true, mode: FOLDER_MODE });
    await writeFile(target, bytes, { mode: FILE_MODE, flag: "wx", flush: true });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (errorCodeOf(error) === "ENOENT") return false;
    throw error;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (errorCodeOf(error) === "ENOENT") return [];
    throw error;
  }
}
