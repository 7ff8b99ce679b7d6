import { chmodSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Migration } from "../../schema/migrations/migration.ts";
import { AppError } from "../errors/app-error.ts";
import type { CachingConnection, Connection } from "./connection.ts";

export type { Migration };

interface AppliedStep {
  at: number;
  tag: string;
}

const STATEMENT_BREAK = "--> statement-breakpoint";
const JOURNAL = "schema_migrations";
const FILE_MODE = 0o600;

/**
 * Brings a database up to the newest of `migrations`. Steps: refuse a file that knows more than this binary; snapshot
 * the old file (`<file>.before-<tag>`, needs its size on disk once more); apply all pending steps in one transaction,
 * foreign keys off so that a rebuilt table does not cascade, and checked before the commit; forget older snapshots.
 * A crash at any point leaves the old schema or the new one, never a mixture, and the next start simply begins again.
 * The snapshot of the last migration is kept for the person who wants to go back.
 *
 * @throws AppError `database_newer` when the file knows a step that this binary does not; `database_corrupt` when the
 *   new schema would leave rows that refer to nothing.
 */
export function migrate(connection: Connection, path: string, migrations: readonly Migration[]): void {
  const client = connection.$client;
  const applied = appliedSteps(client);
  refuseNewer(applied, migrations, path);
  const done = new Set(applied.map((step) => step.at));
  const pending = migrations.filter((migration) => !done.has(migration.at));
  const first = pending[0];
  if (!first) return;
  const snapshotPath = `${path}.before-${first.tag}`;
  if (applied.length > 0) snapshot(client, snapshotPath);
  applyAll(client, pending, path);
  forgetSnapshots(path, snapshotPath);
}

function appliedSteps(client: CachingConnection): AppliedStep[] {
  client.run(`CREATE TABLE IF NOT EXISTS ${JOURNAL} (at INTEGER PRIMARY KEY, tag TEXT NOT NULL)`);
  return client.query<AppliedStep, []>(`SELECT at, tag FROM ${JOURNAL} ORDER BY at`).all();
}

function refuseNewer(applied: readonly AppliedStep[], migrations: readonly Migration[], path: string): void {
  const known = new Set(migrations.map((migration) => migration.at));
  const unknown = applied.find((step) => !known.has(step.at));
  if (!unknown) return;
  throw new AppError(
    "database_newer",
    `${path} was written by a newer Binnacle (it has the change "${unknown.tag}"). Start that version, or restore an older backup.`,
  );
}

/**
 * Always taken anew: one left by an attempt that failed may be older than what was written since.
 * A half-written snapshot never carries the final name.
 */
function snapshot(client: CachingConnection, target: string): void {
  const partial = `${target}.partial`;
  rmSync(partial, { force: true });
  try {
    client.run("VACUUM INTO ?", [partial]);
    chmodSync(partial, FILE_MODE);
    renameSync(partial, target);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

function applyAll(client: CachingConnection, pending: readonly Migration[], path: string): void {
  // Inside a transaction this pragma does nothing; dropping a table would then delete the rows that refer to it.
  client.run("PRAGMA foreign_keys = OFF");
  try {
    client
      .transaction(() => {
        for (const migration of pending) {
          for (const statement of migration.sql.split(STATEMENT_BREAK)) client.run(statement);
          client.run(`INSERT INTO ${JOURNAL} (at, tag) VALUES (?, ?)`, [migration.at, migration.tag]);
        }
        refuseDanglingRows(client, path);
      })
      .immediate();
  } finally {
    client.run("PRAGMA foreign_keys = ON");
  }
}

function refuseDanglingRows(client: CachingConnection, path: string): void {
  const dangling = client.query<{ table: string; parent: string }, []>("PRAGMA foreign_key_check").get();
  if (!dangling) return;
  throw new AppError(
    "database_corrupt",
    `${path} cannot be brought up to date: a row of ${dangling.table} refers to a missing row of ${dangling.parent}.`,
  );
}

function forgetSnapshots(path: string, kept: string): void {
  const folder = dirname(path);
  for (const name of readdirSync(folder)) {
    const found = join(folder, name);
    if (name.startsWith(`${basename(path)}.before-`) && found !== kept) rmSync(found, { force: true });
  }
}
