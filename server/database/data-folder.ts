import {
  chmodSync,
  existsSync,
  mkdirSync,
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
const MIN_FREE_BYTES = 16 * 1024 * 1024;
const KEY_BYTES = 32;
const INSTANCE_ID_BYTES = 3;
const INSTANCE_ID = /^[0-9a-f]{6}$/;
const FOLDER_MODE = 0o700;
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
    stateDatabase: join(root, "state.db"),
    samplesDatabase: join(root, "samples.db"),
    logs: join(root, "logs"),
    log: join(root, "logs", "binnacle.ndjson"),
    controlSocket: join(root, "control.sock"),
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

/** Bytes of the file system that holds `path` which an unprivileged process can still take, and its size. */
export function freeSpace(path: string): { freeBytes: number; totalBytes: number } {
  const { bavail, blocks, bsize } = statfsSync(path);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

function createFolder(root: string): void {
  const isNew = !existsSync(root);
  if (isNew) mkdirSync(root, { recursive: true, mode: FOLDER_MODE });
  else if (!statSync(root).isDirectory()) throw unavailable(`${root} is not a folder.`);
  if (isNew) chmodSync(root, FOLDER_MODE);
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
