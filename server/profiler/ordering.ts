import type { StatisticsOrder } from "../../schema/rules/operations.ts";
import { type Page, type PageQuery, pageOf, readCursor } from "../database/paging.ts";
import { AppError } from "../errors/app-error.ts";
import type { OperationStatistics } from "./operation.ts";

const LIST = "operations";
const PLACE = /^\d{1,6}$/;

/** What each order sorts by; larger comes first. */
const RANKS = {
  total: ({ sketch }) => sketch.sumMs,
  calls: ({ sketch }) => sketch.count,
  errors: ({ errors }) => errors,
  average: ({ sketch }) => sketch.averageMs,
  max: ({ sketch }) => sketch.maxMs,
  p95: ({ sketch }) => sketch.quantile(0.95),
  p99: ({ sketch }) => sketch.quantile(0.99),
  lastSeen: ({ lastSeenAt }) => lastSeenAt,
  name: () => 0,
} as const satisfies Record<StatisticsOrder, (one: OperationStatistics) => number>;

/**
 * A page of statistics in that order; the cursor is the place in the list, which is made anew for each page.
 * @throws AppError `invalid_cursor`
 */
export function sortedPage(
  all: readonly OperationStatistics[],
  order: StatisticsOrder,
  { limit, cursor }: PageQuery,
): Page<OperationStatistics> {
  const key = readCursor(LIST, cursor) ?? "0";
  if (!PLACE.test(key)) throw new AppError("invalid_cursor");
  const start = Number(key);
  const rank = RANKS[order];
  const ranked = all.map((one) => ({ one, rank: rank(one) }));
  ranked.sort((a, b) => b.rank - a.rank || compareNames(a.one, b.one));
  const rows = ranked.slice(start, start + limit + 1).map(({ one }) => one);
  return pageOf(LIST, rows, limit, () => String(start + limit));
}

function compareNames(a: OperationStatistics, b: OperationStatistics): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.id - b.id;
}
