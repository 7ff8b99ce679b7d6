import { accessSync, constants, existsSync, statSync } from "node:fs";
import { Database } from "../database/database.ts";
import { errorCodeOf } from "../errors/app-error.ts";
import { formatBytes } from "../lib/quantities.ts";
import { shareOut, tooFewPlaces } from "../logs/watch/file-places.ts";
import { isPattern, PatternWalk } from "../logs/watch/pattern-walk.ts";
import { failed, ok, skipped, type Verdict, warning } from "./diagnosis.ts";

/** More findings than this say nothing new. */
const MAX_SHOWN = 3;
/** Entries of folders that are looked at for one pattern, and how long: what lies below it may be a whole disk. */
const MAX_ENTRIES = 100_000;
const MAX_LOOK_MS = 5_000;
/** A database may be this much over its budget between two maintenances. */
const BUDGET_SLACK = 1.1;

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
  const found: NamedFiles[] = [];
  for (const { path } of watched) found.push(await filesOf(path));
  const shares = shareOut(found.map(({ files }) => files.length));
  for (const [index, { path, files, problem }] of found.entries()) {
    const share = shares[index] ?? 0;
    if (files.length === 0) problems.push(`${path} matches no file`);
    if (problem) problems.push(`${path}: ${problem}`);
    if (share < files.length) problems.push(`${path}: ${tooFewPlaces(files.length, share)}`);
    problems.push(...files.slice(0, share).flatMap((file) => problemOf(file) ?? []));
  }
  if (problems.length === 0) return ok(`${found.flatMap(({ files }) => files).length} can be read`);
  const shown = problems.slice(0, MAX_SHOWN).join("; ");
  const rest = problems.length > MAX_SHOWN ? `; ${problems.length - MAX_SHOWN} more` : "";
  return warning(shown + rest, "see logs.files in the configuration, and the permissions of these files");
}

interface NamedFiles {
  path: string;
  files: readonly string[];
  problem?: string | undefined;
}

async function filesOf(path: string): Promise<NamedFiles> {
  if (!isPattern(path)) return { path, files: [path] };
  await using walk = new PatternWalk(path);
  const endsAt = performance.now() + MAX_LOOK_MS;
  const isDone = await walk.look(MAX_ENTRIES, () => performance.now() > endsAt);
  return {
    path,
    files: walk.files,
    problem: isDone ? walk.problem : "there is more below it than is looked at here",
  };
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
