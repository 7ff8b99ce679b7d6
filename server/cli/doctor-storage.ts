import { accessSync, constants, existsSync, statSync } from "node:fs";
import { Database } from "../database/database.ts";
import { errorCodeOf } from "../errors/app-error.ts";
import { failed, ok, skipped, type Verdict, warning } from "./diagnosis.ts";
import { formatBytes } from "./quantities.ts";

/** More findings than this say nothing new. */
const MAX_SHOWN = 3;
/** Files of a pattern that are looked at; as many as the server follows. */
const MAX_FILES = 500;
/** A database may be this much over its budget between two maintenances. */
const BUDGET_SLACK = 1.1;
const HAS_PATTERN = /[*?[{]/;

/** How a database stands in the house. */
export interface DatabaseRole {
  /** What to do when it is damaged. */
  advice: string;
  /** Largest size it should have, when it has a budget, and the setting that says so. */
  budget?: { bytes: number; setting: string };
}

/** Looks at a file of SQLite without disturbing a running server. */
export async function checkDatabase(path: string, { advice, budget }: DatabaseRole): Promise<Verdict> {
  if (!existsSync(path)) return skipped("the first start creates it");
  const damage = await withReader(path, (database) => database.findDamage());
  if (damage.length > 0) return failed(damage.slice(0, MAX_SHOWN).join("; "), advice);
  const sizeBytes = [path, `${path}-wal`].reduce(
    (sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
  if (!budget) return ok(`sound, ${formatBytes(sizeBytes)}`);
  const detail = `sound, ${formatBytes(sizeBytes)} of ${formatBytes(budget.bytes)}`;
  return sizeBytes > budget.bytes * BUDGET_SLACK
    ? warning(detail, `a running server trims it within a minute; the limit is ${budget.setting}`)
    : ok(detail);
}

/** Runs `look` on a connection of its own that only reads. */
export async function withReader<T>(path: string, look: (database: Database) => T | Promise<T>): Promise<T> {
  const database = Database.openReader(path);
  try {
    return await look(database);
  } finally {
    await database.close();
  }
}

/** Whether the log files that the configuration names are there and can be read by whoever runs this. */
export async function checkWatchedFiles(watched: readonly { path: string }[]): Promise<Verdict> {
  if (watched.length === 0) return skipped("the configuration names none");
  const problems: string[] = [];
  let found = 0;
  for (const { path } of watched) {
    const paths = await filesOf(path);
    if (paths.length === 0) problems.push(`${path} matches no file`);
    found += paths.length;
    problems.push(...paths.flatMap((file) => problemOf(file) ?? []));
  }
  if (found > MAX_FILES) problems.push(`${found} files or more are named, and ${MAX_FILES} are followed`);
  if (problems.length === 0) return ok(`${found} can be read`);
  const shown = problems.slice(0, MAX_SHOWN).join("; ");
  const rest = problems.length > MAX_SHOWN ? `; ${problems.length - MAX_SHOWN} more` : "";
  return warning(shown + rest, "see logs.files in the configuration, and the permissions of these files");
}

async function filesOf(pattern: string): Promise<string[]> {
  if (!HAS_PATTERN.test(pattern)) return [pattern];
  const paths: string[] = [];
  for await (const path of new Bun.Glob(pattern).scan({ absolute: true, dot: true })) {
    paths.push(path);
    if (paths.length > MAX_FILES) break;
  }
  return paths;
}

function problemOf(path: string): string | undefined {
  try {
    if (!statSync(path).isFile()) return `${path} is not a regular file`;
    accessSync(path, constants.R_OK);
    return undefined;
  } catch (error) {
    return errorCodeOf(error) === "ENOENT"
      ? `${path} is not there`
      : `${path} cannot be read (${errorCodeOf(error)})`;
  }
}
