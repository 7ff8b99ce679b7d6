import type { BigIntStats } from "node:fs";
import { lstat, readlink } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../errors/app-error.ts";

/** Links on the way to one file; Linux gives up after as many. */
const MAX_LINKS = 40;
const ROOT = 0n;

/**
 * Refuses a path that leads to a file over a link of a stranger. The server often may read every file, and its log folders
 * belong to others: who can place a link there must not have the files of the machine shown to whoever reads logs. A link
 * of root, of the user of the server, or of the owner of the file itself is followed.
 * @param file what was found at the end of the path
 * @throws AppError `invalid_request`; what the file system throws
 */
export async function refuseForeignLinks(path: string, file: BigIntStats): Promise<void> {
  const trusted = new Set([ROOT, BigInt(process.geteuid?.() ?? 0), file.uid]);
  const ahead = path.split("/");
  let [at, links] = ["/", 0];
  for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
    const next = join(at, name);
    const facts = await lstat(next, { bigint: true });
    if (!facts.isSymbolicLink()) {
      at = next;
      continue;
    }
    if (!trusted.has(facts.uid)) {
      throw refused(`${next} is a link of the user ${facts.uid}, who does not own the file it leads to`);
    }
    if (++links > MAX_LINKS) throw refused(`${path} leads over too many links`);
    const target = await readlink(next);
    if (target.startsWith("/")) at = "/";
    ahead.unshift(...target.split("/"));
  }
  const { dev, ino } = await lstat(at, { bigint: true });
  if (dev !== file.dev || ino !== file.ino) throw refused(`${path} was replaced while it was opened`);
}

const refused = (why: string): AppError => new AppError("invalid_request", `${why}; it is not read.`);
