import { AppError } from "../../../errors/app-error.ts";
import { isPlainName, MAX_FILES, MAX_PLUGIN_BYTES } from "../source-tree.ts";

const MAX_NAME_LENGTH = 1_024;
const MAX_SEGMENT_LENGTH = 255;
const MAX_DEPTH = 16;
const MAX_SHOWN = 120;
/** Left by macOS beside the files themselves. */
const FOREIGN = /^(?:__MACOSX\/.*|(?:.*\/)?\._[^/]*|(?:.*\/)?\.DS_Store)$/;
/** `C:` and the like are absolute elsewhere. */
const DRIVE = /^[A-Za-z]:/;

/** What an entry of an archive says it is. */
export type EntryKind =
  | "file"
  | "folder"
  | "symbolic link"
  | "hard link"
  | "device"
  | "pipe"
  | "thing of an unknown kind";

/** Why an archive is not taken, naming the entry. */
export const refusedEntry = (name: string, reason: string): AppError => {
  const shown = JSON.stringify(name.length > MAX_SHOWN ? `${name.slice(0, MAX_SHOWN)}…` : name);
  const message = `The archive holds ${shown}, which ${reason}.`;
  return new AppError("plugin_invalid", message, {
    issues: [{ path: name.slice(0, MAX_SHOWN), message: reason }],
  });
};

export const refusedArchive = (reason: string, cause?: unknown): AppError =>
  new AppError("plugin_invalid", `The archive ${reason}.`, { cause });

/** Collects the files of an archive and refuses, by name, whatever would not stay inside one folder. */
export class ArchiveEntries {
  readonly #files = new Map<string, Uint8Array>();
  /** Names as file systems that fold case and accents would see them, with the name that came first. */
  readonly #folded = new Map<string, string>();
  readonly #folders = new Set<string>();
  #count = 0;
  #sizeBytes = 0;

  /** Whether the content of that entry is wanted: it is a file of the plugin, and not too much. @throws AppError `plugin_invalid` */
  accepts(name: string, kind: EntryKind, sizeBytes: number): boolean {
    this.#count++;
    if (this.#count > MAX_FILES * 2) throw refusedArchive(`holds more than ${MAX_FILES * 2} entries`);
    if (kind !== "file" && kind !== "folder") throw refusedEntry(name, `is a ${kind}, not a file`);
    const path = pathOf(name);
    if (kind === "folder" || FOREIGN.test(path)) return false;
    if (this.#sizeBytes + sizeBytes > MAX_PLUGIN_BYTES) throw tooLarge();
    return true;
  }

  /** @throws AppError `plugin_invalid` for a name that is there already, and for too many or too large files */
  add(name: string, bytes: Uint8Array): void {
    const path = pathOf(name);
    this.#refuseTwin(name, path);
    this.#sizeBytes += bytes.length;
    if (this.#sizeBytes > MAX_PLUGIN_BYTES) throw tooLarge();
    this.#files.set(path, bytes);
    if (this.#files.size > MAX_FILES) throw refusedArchive(`holds more than ${MAX_FILES} files`);
  }

  /** Path → content, from the one folder that holds everything when there is one. */
  finish(): Map<string, Uint8Array> {
    const folders = new Set([...this.#files.keys()].map((path) => path.split("/", 1)[0] ?? ""));
    const [only] = folders;
    const isWrapped = folders.size === 1 && only !== undefined && !this.#files.has(only);
    if (!isWrapped) return this.#files;
    return new Map([...this.#files].map(([path, bytes]) => [path.slice(only.length + 1), bytes]));
  }

  #refuseTwin(name: string, path: string): void {
    const folded = fold(path);
    if (this.#folded.has(folded)) throw refusedEntry(name, `stands there twice: ${this.#folded.get(folded)}`);
    this.#folded.set(folded, path);
    const segments = folded.split("/");
    const above = segments.slice(0, -1).map((_, index) => segments.slice(0, index + 1).join("/"));
    const isBoth = this.#folders.has(folded) || above.some((folder) => this.#folded.has(folder));
    if (isBoth) throw refusedEntry(name, "is both a file and a folder");
    for (const folder of above) this.#folders.add(folder);
  }
}

const tooLarge = (): AppError =>
  refusedArchive(`holds more than ${MAX_PLUGIN_BYTES / 1024 / 1024} MiB when it is unpacked`);

const fold = (path: string): string => path.normalize("NFC").toLowerCase();

/** The path inside the plugin's folder that a name stands for. @throws AppError `plugin_invalid` when it is none */
function pathOf(name: string): string {
  if (name.length > MAX_NAME_LENGTH)
    throw refusedEntry(name, `has a name of more than ${MAX_NAME_LENGTH} characters`);
  if (!isPlainName(name))
    throw refusedEntry(name, "has a name with a backslash, a control character, or that is not UTF-8");
  if (name.startsWith("/") || DRIVE.test(name)) throw refusedEntry(name, "has an absolute name");
  const segments = name.split("/").filter((segment) => segment !== "" && segment !== ".");
  if (segments.includes("..")) throw refusedEntry(name, "leads out of the archive");
  if (segments.length > MAX_DEPTH) throw refusedEntry(name, `lies more than ${MAX_DEPTH} folders deep`);
  if (segments.some((segment) => Buffer.byteLength(segment) > MAX_SEGMENT_LENGTH))
    throw refusedEntry(name, `has a part of more than ${MAX_SEGMENT_LENGTH} bytes`);
  return segments.join("/");
}
