import type { Database } from "./database.ts";

/** How SQLite would run a statement. */
export interface StatementPlan {
  /** Name of the database, as the caller gave it. */
  database: string;
  statement: string;
  /** `SCAN users`, `SEARCH users USING INDEX …`. */
  steps: string[];
}

const READS = /^\s*(select|with)\b/i;
const TABLE = /^\w+$/;

/** The plans of the reading statements that are ready for use now; one that cannot be planned is left out. */
export function readQueryPlans(name: string, { reader: { $client } }: Database): StatementPlan[] {
  return $client.readyTexts
    .filter((statement) => READS.test(statement))
    .map((statement) => {
      const rows = $client.explain(`EXPLAIN QUERY PLAN ${statement}`);
      return { database: name, statement, steps: rows.map(({ detail }) => detail) };
    });
}

/** About how many rows a table has: its largest row number, which costs no reading; 0 for a table that has none. */
export function estimateRows({ reader: { $client } }: Database, table: string): number {
  if (!TABLE.test(table)) return 0;
  const isTable = $client
    .query<{ sql: string }, [string]>("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?")
    .get(table);
  if (!isTable || /without rowid/i.test(isTable.sql)) return 0;
  return (
    $client.query<{ rows: number | null }, []>(`SELECT max(rowid) AS rows FROM "${table}"`).get()?.rows ?? 0
  );
}
