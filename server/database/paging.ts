import { AppError } from "../errors/app-error.ts";

/** One page of a list; `nextCursor` is null on the last. */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** Which page is asked for. */
export interface PageQuery {
  /** Rows a page. */
  limit: number;
  /** As the page before gave it; absent for the first. */
  cursor?: string | undefined;
}

const MAX_CURSOR_LENGTH = 512;

/**
 * Makes a page of rows fetched with one more than `limit`: the extra row tells that there is a next page.
 * @param list names the list, so that the cursor of one is refused by another.
 * @param keyOf the sort key of a row, unique in the list.
 */
export function pageOf<T>(list: string, rows: T[], limit: number, keyOf: (row: T) => string): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { items, nextCursor: hasMore ? encode([list, keyOf(last)]) : null };
}

/** The sort key after which the page begins; undefined for the first page. @throws AppError `invalid_cursor` */
export function readCursor(list: string, cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const parts = cursor.length <= MAX_CURSOR_LENGTH ? decode(cursor) : undefined;
  if (!Array.isArray(parts) || parts.length !== 2 || parts[0] !== list || typeof parts[1] !== "string") {
    throw new AppError("invalid_cursor", `The cursor does not belong to this list; begin again without one.`);
  }
  return parts[1];
}

const encode = (parts: readonly string[]): string => Buffer.from(JSON.stringify(parts)).toString("base64url");

function decode(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
