import { AppError, errorCodeOf, toAppError } from "../errors/app-error.ts";

const UNAVAILABLE_CODES = new Set([
  "SQLITE_PERM",
  "SQLITE_BUSY",
  "EACCES",
  "EPERM",
  "EROFS",
  "EISDIR",
  "ENOENT",
  "ENOTDIR",
]);

/** What the disk did gets its own code here, once; what `work` threw stays as it is, its SQLite constraints too. */
export function storageError(thrown: unknown): unknown {
  const error = toAppError(thrown);
  return error.code === "internal" ? thrown : error;
}

/** What keeps a database from being opened, in our words: with what can be done about it. */
export function openingError(thrown: unknown, path: string): unknown {
  if (thrown instanceof AppError) return thrown;
  const code = errorCodeOf(thrown);
  if (code === "SQLITE_FULL" || code === "ENOSPC" || code === "EDQUOT" || code.startsWith("SQLITE_IOERR")) {
    return new AppError("storage_full", `Cannot write ${path}: the disk is full or failing.`, {
      cause: thrown,
    });
  }
  if (code === "SQLITE_NOTADB" || code === "SQLITE_CORRUPT") {
    return new AppError("database_corrupt", `${path} is not a sound database; run "binnacle doctor".`, {
      cause: thrown,
    });
  }
  if (UNAVAILABLE_CODES.has(code) || /^SQLITE_(CANTOPEN|READONLY)/.test(code)) {
    return new AppError("storage_unavailable", `Cannot open ${path} for writing (${code}).`, {
      cause: thrown,
    });
  }
  return thrown;
}
