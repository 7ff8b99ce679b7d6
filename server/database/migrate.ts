import { existsSync, renameSync, rmSync } from "node:fs";
import { AppError } from "../errors/app-error.ts";
import type { Connection } from "./database.ts";

/** One step of the schema: `tag` names it, `at` (epoch ms, growing) orders it, `sql` holds its statements. */
export interface Migration {
  tag: string;
  at: number;
  sql: string;
}

const STATEMENT_BREAK = "--> statement-breakpoint";
const JOURNAL = "schema_migrations";

/**
 * Brings a database up to the newest of `migrations`. All pending steps run in one transaction, after a snapshot of
 * the old file (`<file>.before-<tag>`): a crash at any point leaves the old schema or the new one, never a mixture,
 * and the next start simply begins again. The snapshot of the last migration is kept for the person who wants to go back.
 *
 * @throws AppError `database_newer` when the file knows a step that this binary does not.
 */
export function migrate(connection: Connection, path: string, migrations: readonly Migration[]): void {
  const client = connection.$client;
  client.run(`CREATE TABLE IF NOT EXISTS ${JOURNAL} (at INTEGER PRIMARY KEY, tag TEXT NOT NULL)`);
  const applied = client
    .query<{ at: number; tag: string }, []>(`SELECT at, tag FROM ${JOURNAL} ORDER BY at`)
    .all();
  refuseNewer(applied, migrations, path);
  const done = new Set(applied.map((row) => row.at));
  const pending = migrations.filter((migration) => !done.has(migration.at));
  const first = pending[0];
  if (!first) return;
  if (applied.length > 0) snapshot(connection, `${path}.before-${first.tag}`);
  client
    .transaction(() => {
      for (const migration of pending) {
        for (const statement of migration.sql.split(STATEMENT_BREAK)) client.run(statement);
        client.run(`INSERT INTO ${JOURNAL} (at, tag) VALUES (?, ?)`, [migration.at, migration.tag]);
      }
    })
    .immediate();
}

function refuseNewer(
  applied: { at: number; tag: string }[],
  migrations: readonly Migration[],
  path: string,
): void {
  const known = new Set(migrations.map((migration) => migration.at));
  const unknown = applied.find((row) => !known.has(row.at));
  if (unknown) {
    throw new AppError(
      "database_newer",
      `${path} was written by a newer Binnacle (it has the change "${unknown.tag}"). Start that version, or restore an older backup.`,
    );
  }
}

/** A half-written snapshot never carries the final name. */
function snapshot(connection: Connection, target: string): void {
  if (existsSync(target)) return;
  const partial = `${target}.partial`;
  rmSync(partial, { force: true });
  connection.$client.run("VACUUM INTO ?", [partial]);
  renameSync(partial, target);
}
