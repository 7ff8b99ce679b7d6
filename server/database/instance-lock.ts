import { Database as SqliteConnection } from "bun:sqlite";
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { AppError, errorCodeOf } from "../errors/app-error.ts";

const FILE_MODE = 0o600;

/** Held until closed, or until the process ends in whatever way. */
export interface InstanceLock {
  release(): void;
}

/**
 * Takes the one lock of a data folder. It is SQLite's own file lock on an empty file: the kernel drops it with the
 * process, so that a crash leaves nothing behind, and it works wherever the databases beside it do. The pid file is
 * for people and error messages only; the lock does not depend on it.
 *
 * @throws AppError `already_running`, naming the pid of the holder where it is known.
 */
export function takeInstanceLock(lockPath: string, pidPath: string): InstanceLock {
  // Only a new file: closing any descriptor of a file gives up this process's POSIX locks on it.
  if (!existsSync(lockPath)) closeSync(openSync(lockPath, "a", FILE_MODE));
  const connection = new SqliteConnection(lockPath, { readwrite: true });
  try {
    // Nothing is ever written: a rollback journal on disk would only make the lock fail on a full one.
    connection.run("PRAGMA journal_mode = MEMORY");
    connection.run("BEGIN EXCLUSIVE");
    writeFileSync(pidPath, `${process.pid}\n`, { mode: FILE_MODE });
  } catch (error) {
    connection.close();
    if (errorCodeOf(error).startsWith("SQLITE_BUSY")) throw alreadyRunning(lockPath, pidPath, error);
    throw error;
  }
  return {
    release() {
      rmSync(pidPath, { force: true });
      connection.close();
    },
  };
}

/** Whether some process holds the lock at this moment. Takes nothing and creates nothing. */
export function isInstanceLocked(lockPath: string): boolean {
  if (!existsSync(lockPath)) return false;
  const connection = new SqliteConnection(lockPath, { readwrite: true });
  try {
    connection.run("PRAGMA journal_mode = MEMORY");
    connection.run("BEGIN EXCLUSIVE");
    connection.run("ROLLBACK");
    return false;
  } catch (error) {
    if (errorCodeOf(error).startsWith("SQLITE_BUSY")) return true;
    throw error;
  } finally {
    connection.close();
  }
}

/** The pid of the instance that holds the lock, as it wrote it; undefined when there is no trace of one. */
export function readInstancePid(pidPath: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidPath, "utf8").trim());
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch (error) {
    if (errorCodeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function alreadyRunning(lockPath: string, pidPath: string, cause: unknown): AppError {
  const pid = readInstancePid(pidPath);
  const holder = pid === undefined ? "another process" : `process ${pid}`;
  return new AppError(
    "already_running",
    `Another Binnacle (${holder}) uses the data folder ${dirname(lockPath)}. Stop it first, or name another folder with --data.`,
    { cause },
  );
}
