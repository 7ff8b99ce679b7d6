import { sql } from "drizzle-orm";
import type { Migration } from "../../../schema/migrations/migration.ts";
import { Database } from "../../../server/database/database.ts";
import { AppError } from "../../../server/errors/app-error.ts";

export const FULL_MIGRATIONS: Migration[] = [
  { tag: "0000_filling", at: 1, sql: "CREATE TABLE filling (id INTEGER PRIMARY KEY, bytes BLOB)" },
];

// Run by itself, it writes until the disk is full and prints what it was told.
if (import.meta.main) {
  const path = process.argv[2] ?? "";
  const database = Database.open({ path, migrations: FULL_MIGRATIONS, synchronous: "FULL" });
  let acknowledged = 0;
  let code = "none";
  while (code === "none") {
    try {
      await database.write((tx) => tx.run(sql`INSERT INTO filling (bytes) VALUES (randomblob(8000))`));
      acknowledged++;
    } catch (error) {
      code = error instanceof AppError ? error.code : String(error);
    }
  }
  const [row] = database.reader.all<{ rows: number }>(sql`SELECT count(*) AS rows FROM filling`);
  process.stdout.write(JSON.stringify({ acknowledged, code, afterwards: row?.rows }));
}
