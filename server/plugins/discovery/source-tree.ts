import type { BigIntStats } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { errorCodeOf } from "../../errors/app-error.ts";

export const MAX_FILES = 2_000;
export const MAX_PLUGIN_BYTES = 20 * 1024 * 1024;
/** Largest archive that is read at all: a plugin and its wrapping. */
export const MAX_ARCHIVE_BYTES = 24 * 1024 * 1024;
const MAX_DEPTH = 16;
const WORLD_WRITABLE = 0o002n;
/** What editors, file managers and version control leave behind: no part of a plugin, and never loaded. */
const IGNORED = /^(?:\.git|\.hg|\.svn|\.DS_Store|Thumbs\.db|\.#.*|.*~|.*\.sw[a-z])$/;

/** Why a plugin's files are not taken: a sentence, and the path inside its folder that it is about. */
export class RefusedSource extends Error {
  override readonly name = "RefusedSource";
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

/** One file of a plugin, found but not read. */
export interface SourceFile {
  /** Inside the plugin's folder, with `/`. */
  path: string;
  /** Absolute, free of links. */
  realPath: string;
  status: BigIntStats;
}

/** Files of a plugin as they lie there, and folders whose notices matter. */
export interface SourceTree {
  files: SourceFile[];
  /** Absolute. */
  folders: string[];
  /** User id of whoever owns the folder that they lie in. */
  owner: bigint;
  /** Changes whenever any file may have. */
  fingerprint: string;
}

/** How much is asked of the owners of files. */
export interface SourcePolicy {
  /** A server that runs as root takes nothing that any user of the machine could have written. */
  isRoot: boolean;
}

/**
 * Lists the files of a plugin without opening any: a folder, or one file. Links are followed as long as they stay
 * inside the folder.
 * @throws RefusedSource for what leads out of the folder, is no file, is too much, or could have been written by anybody
 */
export async function listSource(path: string, policy: SourcePolicy): Promise<SourceTree> {
  const root = await resolved("", path);
  const walk = new Walk(root.realPath, policy);
  const isFolder = root.status.isDirectory();
  if (isFolder) await walk.folder("", root, []);
  else walk.file(basename(path), root);
  const { uid: owner } = isFolder ? root.status : (await resolved("", dirname(root.realPath))).status;
  const files = walk.files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, folders: walk.folders, owner, fingerprint: [owner, ...files.map(identityOf)].join("\n") };
}

/** Identity, size and times. */
export const identityOf = ({ path, status }: Pick<SourceFile, "path" | "status">): string =>
  `${path} ${status.dev}:${status.ino}:${status.size}:${status.mtimeNs}:${status.ctimeNs}:${status.mode}`;

interface Found {
  realPath: string;
  status: BigIntStats;
}

/** Where the way leads, and what stands there. */
async function resolved(path: string, absolute: string): Promise<Found> {
  try {
    const realPath = await realpath(absolute);
    return { realPath, status: await stat(realPath, { bigint: true }) };
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** @throws what is no error of the system */
export function unreadable(path: string, error: unknown): RefusedSource {
  const code = errorCodeOf(error);
  if (code === "") throw error;
  return new RefusedSource(path, code === "ENOENT" ? "is not there" : `cannot be read (${code})`);
}

class Walk {
  readonly files: SourceFile[] = [];
  readonly folders: string[] = [];
  readonly #root: string;
  readonly #policy: SourcePolicy;
  #sizeBytes = 0n;

  constructor(root: string, policy: SourcePolicy) {
    this.#root = root;
    this.#policy = policy;
  }

  async folder(path: string, found: Found, above: readonly string[]): Promise<void> {
    if (above.length > MAX_DEPTH) throw new RefusedSource(path, `lies more than ${MAX_DEPTH} folders deep`);
    this.#refuseOpenToAll(path, found.status);
    this.folders.push(found.realPath);
    if (this.folders.length > MAX_FILES) throw new RefusedSource("", `has more than ${MAX_FILES} folders`);
    const line = [...above, found.realPath];
    for (const name of await this.#namesIn(path, found.realPath)) {
      const inner = path === "" ? name : `${path}/${name}`;
      const next = await resolved(inner, join(found.realPath, name));
      this.#refuseOutside(inner, next);
      // A link to a folder above would lead round in circles.
      if (line.includes(next.realPath)) throw new RefusedSource(inner, "is a link to a folder that holds it");
      if (next.status.isDirectory()) await this.folder(inner, next, line);
      else this.file(inner, next);
    }
  }

  file(path: string, { realPath, status }: Found): void {
    if (!status.isFile()) throw new RefusedSource(path, "is a pipe, a socket or a device, not a file");
    this.#refuseOpenToAll(path, status);
    this.#sizeBytes += status.size;
    this.files.push({ path, realPath, status });
    if (this.files.length > MAX_FILES) throw new RefusedSource("", `has more than ${MAX_FILES} files`);
    if (this.#sizeBytes > MAX_PLUGIN_BYTES)
      throw new RefusedSource("", `has more than ${MAX_PLUGIN_BYTES / 1024 / 1024} MiB`);
  }

  async #namesIn(path: string, folder: string): Promise<string[]> {
    const names = await readdir(folder).catch((error: unknown) => {
      throw unreadable(path, error);
    });
    const wanted = names.filter((name) => !IGNORED.test(name)).sort();
    const odd = wanted.find((name) => !isPlainName(name));
    if (odd !== undefined) {
      throw new RefusedSource(path, `holds a file whose name is not plain UTF-8: ${JSON.stringify(odd)}`);
    }
    return wanted;
  }

  #refuseOutside(path: string, { realPath }: Found): void {
    if (realPath.startsWith(`${this.#root}${sep}`) || realPath === this.#root) return;
    throw new RefusedSource(path, "is a link that leads out of the plugin's folder");
  }

  #refuseOpenToAll(path: string, { mode }: BigIntStats): void {
    if (!this.#policy.isRoot || (mode & WORLD_WRITABLE) === 0n) return;
    throw new RefusedSource(
      path,
      "can be written by every user of this machine, and this server runs as root; take that right away (chmod o-w)",
    );
  }
}

/** Names that are not UTF-8 arrive with the replacement character; controls and backslashes mean something elsewhere. */
export const isPlainName = (name: string): boolean => !/[\p{Cc}\p{Zl}\p{Zp}\\\uFFFD]/u.test(name);
