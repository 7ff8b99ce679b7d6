import { fstatSync, realpathSync, type Stats, statSync } from "node:fs";
import { posix } from "node:path";
import { AppError, errorCodeOf } from "../../../errors/app-error.ts";
import type { PluginDecisions } from "../decisions.ts";
import { isBeneath } from "../grants/read-grant.ts";
import { grantsOf, type ResolvedGrants } from "../grants.ts";
import { FileCallError, OPEN, type OpenFile, openBeneath, openPlain } from "./open-beneath.ts";

/** What is asked of a file; writing covers reading. */
export type FileAccess = "read" | "write";

/** A path within a grant. */
interface Granted {
  /** The granted folder or file. */
  grant: string;
  /** Relative to it; empty for itself. */
  rest: string;
}

const MAX_PATH_LENGTH = 4_096;
const ENOENT = 2;
const ENOTDIR = 20;
const ENXIO = 6;
const EISDIR = 21;
const ENOSPC = 28;
const EXDEV = 18;
const ELOOP = 40;
const ENAMETOOLONG = 36;
const ENOSYS = 38;
const ENOTEMPTY = 39;

/** Opens what a plugin was granted, and nothing else. */
export class GrantedFiles {
  readonly #folders: Readonly<Record<FileAccess, readonly string[]>>;
  readonly #forbidden: readonly string[];
  readonly #decisions: PluginDecisions;

  /** @param forbidden what no grant reaches, by whatever path: through a link in its own name, or a bind mount of it */
  constructor(grants: ResolvedGrants, forbidden: readonly string[], decisions: PluginDecisions) {
    const write = grantsOf(grants, "write").map(({ path }) => path);
    this.#folders = { write, read: [...grantsOf(grants, "read").map(({ path }) => path), ...write] };
    this.#forbidden = [...new Set(forbidden.flatMap((path) => [path, realPath(path)]))];
    this.#decisions = decisions;
  }

  /**
   * Opens a path as it is. `beforehand` sees a folder of the same file system before anything can have been made there.
   * @throws AppError `permission_denied`, `not_found`, `invalid_request`
   */
  open(
    access: FileAccess,
    path: string,
    flags: number,
    mode = 0,
    beforehand?: (folder: OpenFile) => void,
  ): OpenFile {
    const { grant, rest } = this.#granted(access, path);
    return this.#guarded(access, path, () => {
      if (rest !== "") {
        using folder = this.#checked(openPlain(grant, OPEN.folder), access, path);
        beforehand?.(folder);
        return openBeneath(folder, rest, flags, mode);
      }
      if (beforehand) {
        using parent = openPlain(posix.dirname(grant), OPEN.folder);
        beforehand(parent);
      }
      return this.#checked(openPlain(grant, flags, mode), access, path);
    });
  }

  /** Opens the folder that a path stands in, with the path's last name: to make, replace or remove it there. */
  openParent(path: string): { folder: OpenFile; name: string } {
    const { grant, rest } = this.#granted("write", path);
    return this.#guarded("write", path, () => {
      const name = posix.basename(rest === "" ? grant : rest);
      if (rest === "") {
        if (isFolder(grant)) throw new AppError("invalid_request", `${grant} is a folder.`);
        return { folder: openPlain(posix.dirname(grant), OPEN.folder), name };
      }
      const root = this.#checked(openPlain(grant, OPEN.folder), "write", path);
      const parent = posix.dirname(rest);
      if (parent === ".") return { folder: root, name };
      using _root = root;
      return { folder: openBeneath(root, parent, OPEN.folder), name };
    });
  }

  /** Turns what the kernel said into what the plugin is told; an attempt to leave a grant is a denial. */
  #guarded<T>(access: FileAccess, path: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof FileCallError)) throw error;
      if (error.errno === ELOOP || error.errno === EXDEV) {
        const reason = `${path} leads over a symbolic link or to another file system, which no grant reaches.`;
        throw this.#decisions.deny(access, path, reason);
      }
      throw fileError(error, path);
    }
  }

  #granted(access: FileAccess, path: string): Granted {
    const plain = normalised(path);
    const [grant] = this.#folders[access]
      .filter((folder) => isBeneath(plain, folder))
      .sort((a, b) => b.length - a.length);
    const isForbidden = this.#forbidden.some((one) => isBeneath(plain, one));
    if (grant === undefined || isForbidden) throw this.#decisions.deny(access, plain);
    this.#decisions.allow(access);
    return { grant, rest: posix.relative(grant, plain) };
  }

  /** A granted folder that is, under another name, one of those nobody reaches. */
  #checked(opened: OpenFile, access: FileAccess, path: string): OpenFile {
    const { dev, ino } = fstatSync(opened.fd);
    const isForbidden = this.#forbidden.some((one) => {
      const known = statSync(one, { throwIfNoEntry: false });
      return known?.dev === dev && known.ino === ino;
    });
    if (!isForbidden) return opened;
    opened.close();
    throw this.#decisions.deny(access, path);
  }
}

/**
 * What was opened, when it is a plain file with one name: a second hard link may be a file of another folder.
 * @throws AppError `invalid_request`; the file is closed then
 */
export function requirePlainFile(opened: OpenFile, path: string): Stats {
  const facts = fstatSync(opened.fd);
  if (facts.isFile() && facts.nlink === 1) return facts;
  opened.close();
  throw new AppError("invalid_request", `${path} is not a plain file, or has a second name by a hard link.`);
}

/** What a failed call means for whoever asked. */
export function fileError(error: FileCallError, path: string): AppError {
  const { errno } = error;
  if (errno === ENOENT || errno === ENOTDIR) return new AppError("not_found", `There is no ${path}.`);
  if (errno === ENOSPC) return new AppError("storage_full", undefined, { cause: error });
  if (errno === ENOTEMPTY) return new AppError("invalid_request", `${path} is a folder that is not empty.`);
  if (errno === ENAMETOOLONG) return new AppError("invalid_request", "A name of the path is too long.");
  if (errno === EISDIR || errno === ENXIO)
    return new AppError("invalid_request", `${path} is not a plain file.`);
  if (errno === ENOSYS) return new AppError("feature_off", "Files need a Linux of 5.6 or newer.");
  return new AppError("storage_unavailable", `${path} cannot be used (errno ${errno}).`, { cause: error });
}

/** Whether a folder stands there; a file that was granted may be yet to be written. */
function isFolder(path: string): boolean {
  try {
    using found = openPlain(path, OPEN.look);
    return fstatSync(found.fd).isDirectory();
  } catch (error) {
    if (error instanceof FileCallError && error.errno === ENOENT) return false;
    throw error;
  }
}

/** Where a path leads; itself when nothing stands there. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (errorCodeOf(error) === "ENOENT") return path;
    throw error;
  }
}

function normalised(path: string): string {
  const isSound = path.startsWith("/") && path.length <= MAX_PATH_LENGTH && !path.includes("\0");
  if (!isSound || path.split("/").includes("..")) {
    throw new AppError("invalid_request", 'A path is absolute, and holds neither ".." nor a NUL.');
  }
  return posix.normalize(path).replace(/(.)\/$/, "$1");
}
