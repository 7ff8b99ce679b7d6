import { closeSync, constants } from "node:fs";
import { cString, rawSyscall, syscall } from "../../jail/libc.ts";

/** What openat2 is told of a path (linux/openat2.h). */
const RESOLVE_NO_XDEV = 0x01n;
const RESOLVE_NO_MAGICLINKS = 0x02n;
const RESOLVE_NO_SYMLINKS = 0x04n;
const RESOLVE_BENEATH = 0x08n;
const BENEATH = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
const PLAIN = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
const AT_FDCWD = -100;
const AT_REMOVEDIR = 0x200;
const HOW_BYTES = 24;
const O_CLOEXEC = 0o2_000_000;
const O_PATH = 0o10_000_000;
/** A FIFO or device must not hold the server up; what is no plain file is refused after it was opened. */
const ALWAYS = O_CLOEXEC | constants.O_NONBLOCK | constants.O_NOCTTY;
/** A rename beside the path under way makes the kernel unsure; it says so rather than guess. */
const MAX_TRIES = 8;

/** The numbers of calls that the table of the jail does not have, [x64, arm64]. */
const RENAMEAT2 = process.arch === "arm64" ? 276 : 316;
const UNLINKAT = process.arch === "arm64" ? 35 : 263;
const EAGAIN = 11;

/** A system call about a file that failed. */
export class FileCallError extends Error {
  override readonly name = "FileCallError";

  constructor(
    readonly errno: number,
    call: string,
  ) {
    super(`${call} failed (errno ${errno}).`);
  }
}

/** How something is opened. */
export const OPEN = {
  /** Only to look at it, the last link of the path itself included. */
  look: O_PATH | constants.O_NOFOLLOW,
  folder: O_PATH | constants.O_DIRECTORY,
  list: constants.O_RDONLY | constants.O_DIRECTORY,
  read: constants.O_RDONLY,
  append: constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT,
  create: constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
} as const;

/** An open file descriptor that is closed at the end of its block. */
export class OpenFile implements Disposable {
  readonly fd: number;
  #isOpen = true;

  constructor(fd: number) {
    this.fd = fd;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Opens an absolute path in which no link stands. @throws FileCallError */
export const openPlain = (path: string, flags: number, mode = 0): OpenFile =>
  openat2(AT_FDCWD, path, flags, mode, PLAIN);

/**
 * Opens `path` beneath the open folder: the kernel follows no link, leaves neither the folder nor its file system, and
 * whatever is renamed meanwhile changes nothing of that. @throws FileCallError
 */
export const openBeneath = (folder: OpenFile, path: string, flags: number, mode = 0): OpenFile =>
  openat2(folder.fd, path, flags, mode, BENEATH);

/** Renames within one open folder, over what stands there. @throws FileCallError */
export function renameWithin(folder: OpenFile, from: string, to: string): void {
  must("renameat2", rawSyscall(RENAMEAT2, folder.fd, cString(from), folder.fd, cString(to), 0));
}

/** Removes a file, or an empty folder. @throws FileCallError */
export function removeWithin(folder: OpenFile, name: string, isFolder: boolean): void {
  must("unlinkat", rawSyscall(UNLINKAT, folder.fd, cString(name), isFolder ? AT_REMOVEDIR : 0));
}

function openat2(folder: number, path: string, flags: number, mode: number, resolve: bigint): OpenFile {
  const isLook = (flags & O_PATH) !== 0;
  const how = BigUint64Array.of(BigInt(flags | (isLook ? O_CLOEXEC : ALWAYS)), BigInt(mode), resolve);
  const name = cString(path);
  let answer = -EAGAIN;
  for (let tries = 0; answer === -EAGAIN && tries < MAX_TRIES; tries++) {
    answer = syscall("openat2", folder, name, how, HOW_BYTES);
  }
  must("openat2", answer);
  return new OpenFile(answer);
}

function must(call: string, answer: number): void {
  if (answer < 0) throw new FileCallError(-answer, call);
}
