import type { StatementPlan } from "../../database/query-plans.ts";
import type { Suggestion } from "./suggestion.ts";

/** Rows below which reading a whole table costs no more than an index. */
const MIN_ROWS = 10_000;
/** `SCAN table` reads every row; `SCAN table USING … INDEX` reads an index, which is what was wanted. */
const WHOLE_TABLE = /^SCAN (\w+)$/;
const FILTERS = /\bwhere\b/i;
const MAX_STATEMENT_LENGTH = 500;

/** Statements with a condition that read a large table row by row, by SQLite's own plan of them. */
export function missingIndexes(
  plans: readonly StatementPlan[],
  rowsOf: (table: string) => number,
): Suggestion[] {
  return plans.flatMap(({ database, statement, steps }) => {
    if (!FILTERS.test(statement)) return [];
    const tables = steps.flatMap((step) => WHOLE_TABLE.exec(step)?.[1] ?? []);
    const large = tables
      .map((table) => ({ table, rows: rowsOf(table) }))
      .filter(({ rows }) => rows >= MIN_ROWS);
    return large.map(({ table, rows }) => ({
      kind: "missing_index" as const,
      subject: `${database}.${table}`,
      finding: `A statement with a condition reads all of about ${rows} rows.`,
      action:
        "An index on the columns of its condition would spare that; please report it, the tables are ours.",
      evidence: { statement: statement.slice(0, MAX_STATEMENT_LENGTH), plan: `SCAN ${table}`, rows },
    }));
  });
}
