import type { Migration } from "../../../schema/migrations/migration.ts";
import { Database } from "../../../server/database/database.ts";

const SLOW_ROWS = 50_000_000;

/** Two steps, of which the second takes as long as its rows. */
export const slowMigrations = (rows: number): Migration[] => [
  { tag: "0000_first", at: 1, sql: "CREATE TABLE first (id INTEGER PRIMARY KEY)" },
  {
    tag: "0001_many",
    at: 2,
    sql: `CREATE TABLE many (id INTEGER PRIMARY KEY, text TEXT);
      --> statement-breakpoint
      INSERT INTO many (text) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
        SELECT hex(randomblob(20)) FROM n`,
  },
];

// Run by itself, it migrates the file it is given, for the test to kill it meanwhile.
if (import.meta.main) {
  process.stdout.write("begun\n");
  Database.open({
    path: process.argv[2] ?? "",
    migrations: slowMigrations(SLOW_ROWS),
    synchronous: "NORMAL",
  });
}
