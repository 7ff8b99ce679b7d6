import { ERROR_CATALOGUE, type ErrorCode, type ErrorKind } from "./catalogue.ts";

/** One thing that is wrong with an input: where (a dotted path) and what. */
export interface InputIssue {
  path: string;
  message: string;
}

interface AppErrorOptions {
  /** What went wrong beneath: for the log, never for the caller. */
  cause?: unknown;
  /** Each field that is wrong. */
  issues?: readonly InputIssue[];
  /** When trying again can help. */
  retryAfterMs?: number;
}

/**
 * A failure with a stable `code`, a public sentence (`message`: what happened and what to do) and a private `cause`.
 * Thrown anywhere; translated once, at the edge.
 */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly issues: readonly InputIssue[];
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message?: string, options: AppErrorOptions = {}) {
    super(message ?? ERROR_CATALOGUE[code].title, { cause: options.cause });
    this.code = code;
    this.issues = options.issues ?? [];
    this.retryAfterMs = options.retryAfterMs;
  }

  get kind(): ErrorKind {
    return ERROR_CATALOGUE[this.code].kind;
  }

  get title(): string {
    return ERROR_CATALOGUE[this.code].title;
  }
}

const DISK_FULL_CODES = new Set(["SQLITE_FULL", "SQLITE_IOERR_WRITE", "ENOSPC", "EDQUOT"]);
const SQLITE_CORRUPT_CODES = new Set(["SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_CORRUPT_VTAB"]);

/** Turns whatever was thrown into an {@link AppError}; an unknown failure becomes `internal` with itself as the cause. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  // Of several steps of an ending that failed, the first says why.
  if (thrown instanceof SuppressedError) return toAppError(thrown.suppressed);
  const code = errorCodeOf(thrown);
  if (DISK_FULL_CODES.has(code)) {
    return new AppError("storage_full", "The disk is full; nothing was changed.", { cause: thrown });
  }
  if (SQLITE_CORRUPT_CODES.has(code)) {
    return new AppError("database_corrupt", 'A database is damaged; "binnacle doctor" says which.', {
      cause: thrown,
    });
  }
  return new AppError("internal", undefined, { cause: thrown });
}

/** Wrappers around a cause that are looked through. */
const MAX_CAUSES = 5;

/** The `code` of a system or SQLite error, also of one that a library wrapped as a cause; or an empty text. */
export function errorCodeOf(thrown: unknown): string {
  let error = thrown;
  for (let depth = 0; depth < MAX_CAUSES && typeof error === "object" && error !== null; depth++) {
    if ("code" in error && typeof error.code === "string") return error.code;
    error = "cause" in error ? error.cause : undefined;
  }
  return "";
}
