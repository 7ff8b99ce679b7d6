import { chmod, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { AppError, errorCodeOf } from "../../errors/app-error.ts";
import { newId } from "../../lib/ids.ts";
import type { FileHash } from "../trust/plugin-package.ts";
import { digestOf, fileListText, parseFileList, sha256Of } from "./file-list.ts";

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const HASH = /^[0-9a-f]{64}$/;
const PARTIAL = ".partial";

/**
 * Files of plugins under the SHA-256 of what they hold, so that the version in force outlives every edit of its source.
 * A plugin's list of files is stored like a file and its name is the plugin's digest: whoever knows the digest has the
 * plugin. What is read is hashed again each time; the folder is nobody's but the server's.
 */
export class ContentStore {
  readonly #folder: string;
  /** Written or asked for since the last {@link prune}: what refers to it may not be stored yet. */
  #fresh = new Set<string>();

  /** @param folder `<data>/plugin-store`; made with the first file. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Stores every file of a plugin, and the list of them last; gives its digest. What is there already is left alone. */
  async keep(files: ReadonlyMap<string, Uint8Array>, hashes: ReadonlyMap<string, FileHash>): Promise<string> {
    await mkdir(this.#folder, { recursive: true, mode: FOLDER_MODE });
    await chmod(this.#folder, FOLDER_MODE);
    for (const [path, { sha256 }] of hashes) {
      const bytes = files.get(path);
      if (bytes) await this.#write(sha256, bytes);
    }
    const list = Buffer.from(fileListText(hashes));
    await this.#write(digestOf(hashes), list);
    return sha256Of(list);
  }

  /** The files of the plugin of that digest; undefined when it is not kept. @throws AppError `plugin_invalid` when something of it is missing or damaged */
  async open(
    digest: string,
  ): Promise<{ files: Map<string, Uint8Array>; hashes: Map<string, FileHash> } | undefined> {
    const list = await this.#read(digest);
    if (list === undefined) return undefined;
    const hashes = parseFileList(list.toString("utf8"));
    if (!hashes) throw damaged(digest);
    const files = new Map<string, Uint8Array>();
    for (const [path, { sha256 }] of hashes) {
      const bytes = await this.#read(sha256);
      if (bytes === undefined) throw damaged(sha256);
      files.set(path, bytes);
    }
    return { files, hashes };
  }

  /** Removes what none of these plugins consists of, and was not kept since the last time; gives how many files that were. */
  async prune(digests: ReadonlySet<string>): Promise<number> {
    const wanted = new Set([...digests, ...this.#fresh]);
    this.#fresh = new Set();
    for (const digest of digests) {
      const list = await this.#read(digest).catch(unlessDamaged);
      const hashes = parseFileList(list?.toString("utf8") ?? "");
      for (const { sha256 } of hashes?.values() ?? []) wanted.add(sha256);
    }
    // A file that is being written bears the name that it will have, and more.
    const names = (await this.#names()).filter((name) => !wanted.has(name.split(".", 1)[0] ?? ""));
    for (const name of names) await rm(join(this.#folder, name), { force: true });
    return names.length;
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.#folder);
    } catch (error) {
      if (errorCodeOf(error) === "ENOENT") return [];
      throw error;
    }
  }

  async #write(sha256: string, bytes: Uint8Array): Promise<void> {
    const path = join(this.#folder, sha256);
    this.#fresh.add(sha256);
    if (await hasSize(path, bytes.length)) return;
    const partial = `${path}.${newId()}${PARTIAL}`;
    const handle = await open(partial, "wx", FILE_MODE);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, path);
  }

  /** Undefined when it is not there. A damaged file is taken away, so that the next {@link keep} writes it anew. */
  async #read(sha256: string): Promise<Buffer | undefined> {
    if (!HASH.test(sha256)) return undefined;
    const path = join(this.#folder, sha256);
    let bytes: Buffer;
    try {
      bytes = await readFile(path);
    } catch (error) {
      if (errorCodeOf(error) === "ENOENT") return undefined;
      throw error;
    }
    if (sha256Of(bytes) === sha256) return bytes;
    await rm(path, { force: true });
    throw damaged(sha256);
  }
}

async function hasSize(path: string, sizeBytes: number): Promise<boolean> {
  try {
    return (await stat(path)).size === sizeBytes;
  } catch (error) {
    if (errorCodeOf(error) === "ENOENT") return false;
    throw error;
  }
}

/** A plugin whose list is damaged cannot be had any more: its files have no other use. */
function unlessDamaged(error: unknown): undefined {
  if (error instanceof AppError && error.code === "plugin_invalid") return undefined;
  throw error;
}

const damaged = (sha256: string): AppError =>
  new AppError(
    "plugin_invalid",
    `A kept file of the plugin is missing or damaged (${sha256.slice(0, 12)}). Reload the plugin from its folder, or install it again.`,
  );
