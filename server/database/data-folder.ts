import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { AppError, errorCodeOf } from "../errors/app-error.ts";
import { type InstanceLock, takeInstanceLock } from "./instance-lock.ts";

/** Below this nothing can be relied on to be written: the databases alone take a few MiB at first start. */
export const MIN_FREE_BYTES = 16 * 1024 * 1024;
const KEY_BYTES = 32;
const INSTANCE_ID_BYTES = 3;
const INSTANCE_ID = /^[0-9a-f]{6}$/;
const FOLDER_MODE = 0o700;
const MODE_BITS = 0o7777;
const OTHERS_WRITE = 0o022;
const EVERYBODY_WRITES = 0o002;
const STATE_FILE = "state.db";
const FILE_MODE = 0o600;

/** Where everything in a data folder stands. Pure: touches no disk. */
export function dataFolderPaths(folder: string) {
  const root = resolve(folder);
  return {
    root,
    lock: join(root, "lock"),
    pid: join(root, "binnacle.pid"),
    key: join(root, "binnacle.key"),
    instance: join(root, "instance"),
    auditHead: join(root, "audit.head"),
    stateDatabase: join(root, STATE_FILE),
    samplesDatabase: join(root, "samples.db"),
    logsDatabase: join(root, "logs.db"),
    profilerDatabase: join(root, "profiler.db"),
    logs: join(root, "logs"),
    log: join(root, "logs", "binnacle.ndjson"),
    controlSocket: join(root, "control.sock"),
    certificates: join(root, "certificates"),
    remoteConfiguration: join(root, "remote-configuration.json"),
  } as const;
}

export type DataFolderPaths = ReturnType<typeof dataFolderPaths>;

/** A data folder that this process alone uses. */
export interface DataFolder {
  readonly paths: DataFolderPaths;
  /** The 32-byte master key, as it was at the start. */
  readonly key: Uint8Array;
  /** The master key before it, while the environment hands over from one to the next. */
  readonly previousKey?: Uint8Array | undefined;
  /** Six hexadecimal digits that tell this Binnacle from others of the same host. */
  readonly instanceId: string;
  /** Whether the key stands in the key file, and not in the environment. */
  readonly isKeyInFile: boolean;
  /** Gives the folder back to other processes. */
  close(): void;
}

/**
 * Creates the folder when absent (0700, with `logs/` and the key file), takes its lock and reads its key.
 *
 * @throws AppError `storage_unavailable` when it is not a folder, cannot be written or holds a bad key;
 *   `storage_full` when hardly any space is left; `already_running` when another process uses it.
 */
export function openDataFolder(
  folder: string,
  keyText: string | undefined,
  previousKeyText?: string | undefined,
): DataFolder {
  const paths = dataFolderPaths(folder);
  let lock: InstanceLock | undefined;
  try {
    createFolder(paths.root);
    closeToOthers(paths.root);
    refuseFullDisk(paths.root);
    lock = takeInstanceLock(paths.lock, paths.pid);
    mkdirSync(paths.logs, { recursive: true, mode: FOLDER_MODE });
    if (keyText === undefined) createKeyWhenAbsent(paths);
    return {
      paths,
      key: readKey(paths, keyText),
      previousKey: previousKeyText ? parseKey(previousKeyText, "BINNACLE_KEY_PREVIOUS") : undefined,
      instanceId: readOrMakeInstanceId(paths.instance),
      isKeyInFile: keyText === undefined,
      close: lock.release,
    };
  } catch (error) {
    lock?.release();
    throw folderError(error, paths.root);
  }
}

/**
 * Bytes of the file system that holds `path` which an unprivileged process can still take, its size, and how many more files
 * it takes; some set no limit to those.
 */
export function freeSpace(path: string): { freeBytes: number; totalBytes: number; freeFiles: number } {
  const { bavail, blocks, bsize, files, ffree } = statfsSync(path);
  const freeFiles = files === 0 ? Number.POSITIVE_INFINITY : ffree;
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize, freeFiles };
}

function createFolder(root: string): void {
  const isNew = !existsSync(root);
  if (isNew) mkdirSync(root, { recursive: true, mode: FOLDER_MODE });
  else if (!statSync(root).isDirectory()) throw unavailable(`${root} is not a folder.`);
  if (isNew) chmodSync(root, FOLDER_MODE);
}

/**
 * A folder that others may write to is closed to them when it is this user's and holds nothing but what is theirs of a
 * Binnacle; any other one is refused: a folder that serves others too must not be changed, and what others put there, or
 * can exchange, is not to be trusted.
 * @throws AppError `storage_unavailable`
 */
function closeToOthers(root: string): void {
  const self = process.getuid?.();
  const { mode, uid } = statSync(root);
  if (self === undefined || (mode & OTHERS_WRITE) === 0) return;
  const names = readdirSync(root);
  const isOurs = names.length === 0 || names.includes(STATE_FILE);
  const isTheirs = names.every((name) => lstatSync(join(root, name)).uid === self);
  if (uid === self && isOurs && isTheirs) {
    chmodSync(root, FOLDER_MODE);
    return;
  }
  // A group is given write access by whoever set up a volume; everybody is not.
  if ((mode & EVERYBODY_WRITES) === 0) return;
  throw unavailable(
    `Everybody on this machine can write to ${root} (mode ${(mode & MODE_BITS).toString(8)}) and could exchange what is in it. Run "chmod 700 ${root}", or name a folder inside it with --data ${join(root, "binnacle")}, which is then made for its owner alone.`,
  );
}

function refuseFullDisk(root: string): void {
  const { freeBytes } = freeSpace(root);
  if (freeBytes >= MIN_FREE_BYTES) return;
  const freeMib = (freeBytes / 1024 / 1024).toFixed(1);
  throw new AppError(
    "storage_full",
    `The disk that holds ${root} is full (${freeMib} MiB free, ${MIN_FREE_BYTES / 1024 / 1024} MiB are needed). Free some space and start again.`,
  );
}

/** The master key: from `keyText` when given, else from the key file. @throws AppError `storage_unavailable` */
export function readKey(paths: DataFolderPaths, keyText: string | undefined): Uint8Array {
  if (keyText !== undefined) return parseKey(keyText, "BINNACLE_KEY");
  return parseKey(readFileSync(paths.key, "utf8"), paths.key);
}

/** The key outlives every database it protects: it is made once, before any of them. */
function createKeyWhenAbsent(paths: DataFolderPaths): void {
  if (existsSync(paths.key)) return;
  if (existsSync(paths.stateDatabase)) {
    throw unavailable(
      `${paths.key} is missing although ${paths.stateDatabase} exists. Put the key file back, set BINNACLE_KEY, or make it anew from the recovery key: binnacle secret recover.`,
    );
  }
  const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  const partial = `${paths.key}.partial`;
  writeFileSync(partial, `${Buffer.from(key).toString("base64")}\n`, { mode: FILE_MODE, flush: true });
  renameSync(partial, paths.key);
}

/** It names cookies: one that is lost, or garbage, is made anew, and people sign in once more. */
function readOrMakeInstanceId(path: string): string {
  const known = existsSync(path) ? readFileSync(path, "utf8").trim() : "";
  if (INSTANCE_ID.test(known)) return known;
  const made = Buffer.from(crypto.getRandomValues(new Uint8Array(INSTANCE_ID_BYTES))).toString("hex");
  writeFileSync(path, `${made}\n`, { mode: FILE_MODE });
  return made;
}

function parseKey(text: string, origin: string): Uint8Array {
  const key = Buffer.from(text.trim(), "base64");
  if (key.length === KEY_BYTES) return key;
  throw unavailable(`${origin} does not hold a key: expected ${KEY_BYTES} bytes in base64.`);
}

const unavailable = (message: string, cause?: unknown): AppError =>
  new AppError("storage_unavailable", message, { cause });

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOTDIR: "a part of the path is not a folder",
  EEXIST: "a file is in the way",
  SQLITE_CANTOPEN: "it cannot be written",
  SQLITE_READONLY: "it cannot be written",
};

function folderError(thrown: unknown, root: string): unknown {
  if (thrown instanceof AppError) return thrown;
  const code = errorCodeOf(thrown);
  if (code === "ENOSPC" || code === "EDQUOT" || code === "SQLITE_FULL") {
    return new AppError(
      "storage_full",
      `The disk that holds ${root} is full. Free some space and start again.`,
      {
        cause: thrown,
      },
    );
  }
  const reason = REASONS[code] ?? code;
  return unavailable(
    `Cannot use the data folder ${root}: ${reason || "it cannot be written"}. Choose another with --data.`,
    thrown,
  );
}
