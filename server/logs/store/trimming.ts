import { statSync } from "node:fs";
import type { Database } from "../../database/database.ts";
import type { Breathe } from "../../lib/breathe.ts";
import type { LogRetention } from "../retention.ts";
import { deleteBlocks } from "./block-table.ts";

const DAY_MS = 86_400_000;
/** Blocks deleted in one transaction: a few milliseconds. */
const BLOCKS_PER_TRANSACTION = 32;
/** Trimming for size goes a little below the budget, so that it is not needed again with the next block. */
const TRIM_TO_SHARE = 0.9;
const PAGES_PER_TRANSACTION = 1_000;
/** How much of the index one step merges, in pages, so that what deleted blocks left there goes too. */
const INDEX_MERGE_PAGES = 200;
/** The file is shrunk when this share of it is empty. */
const SLACK_SHARE = 0.1;
const SLACK_PAGES = 1_000;

/** What trimming did. */
export interface Trimmed {
  lines: number;
  /** Whether lines had to go before their age, for want of room. */
  isForSize: boolean;
}

/** Bytes of the file and its WAL on disk. */
export const fileSizeBytes = ({ path }: Database): number =>
  [path, `${path}-wal`].reduce(
    (sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );

/**
 * Deletes the oldest blocks: those too old, then as many as the budget asks for; gives the room back to the file system.
 * A crash in between leaves some of them deleted, and the next run goes on.
 */
export async function trim(
  database: Database,
  retention: LogRetention,
  now: number,
  breathe: Breathe,
): Promise<Trimmed> {
  const byAge = await deleteOldest(database, breathe, {
    sealedBefore: now - retention.days * DAY_MS,
    most: Number.POSITIVE_INFINITY,
  });
  let lines = byAge;
  let isForSize = false;
  if (fileSizeBytes(database) > retention.budgetBytes) {
    const targetBytes = retention.budgetBytes * TRIM_TO_SHARE;
    await shrink(database, breathe);
    while (usedBytes(database) > targetBytes) {
      const deleted = await deleteOldest(database, breathe, {
        sealedBefore: Number.MAX_SAFE_INTEGER,
        most: BLOCKS_PER_TRANSACTION,
      });
      if (deleted === 0) break;
      isForSize = true;
      lines += deleted;
    }
    await shrink(database, breathe);
  } else if (freePages(database) > Math.max(SLACK_PAGES, pages(database) * SLACK_SHARE)) {
    await shrink(database, breathe);
  }
  return { lines, isForSize };
}

interface Deletion {
  sealedBefore: number;
  /** Most blocks. */
  most: number;
}

async function deleteOldest(
  database: Database,
  breathe: Breathe,
  { sealedBefore, most }: Deletion,
): Promise<number> {
  let lines = 0;
  for (let left = most; left > 0; ) {
    const oldest = database.reader.$client
      .query<{ id: number; last_id: number }, [number, number]>(
        "SELECT id, last_id FROM log_blocks WHERE sealed_at < ? ORDER BY id LIMIT ?",
      )
      .all(sealedBefore, Math.min(left, BLOCKS_PER_TRANSACTION));
    const last = oldest.at(-1);
    if (!last) return lines;
    await database.write((tx) => {
      deleteBlocks(
        tx,
        oldest.map(({ id }) => id),
      );
      tx.$client.query("INSERT OR REPLACE INTO log_floor VALUES (1, ?)").run(last.last_id + 1);
      tx.$client.query("INSERT INTO log_index (log_index, rank) VALUES ('merge', ?)").run(INDEX_MERGE_PAGES);
    });
    lines += oldest.reduce((sum, { id, last_id }) => sum + last_id - id + 1, 0);
    left -= oldest.length;
    await breathe();
  }
  return lines;
}

/** Gives all free pages back, in steps; the file gets shorter when the WAL is folded in. */
async function shrink(database: Database, breathe: Breathe): Promise<void> {
  while (freePages(database) > 0) {
    await database.write((tx) => {
      tx.$client.run(`PRAGMA incremental_vacuum(${PAGES_PER_TRANSACTION})`);
    });
    await breathe();
  }
  await database.foldWal();
}

const pragma = ({ reader }: Database, name: "page_count" | "page_size" | "freelist_count"): number =>
  Object.values(reader.$client.query<Record<string, number>, []>(`PRAGMA ${name}`).get() ?? {})[0] ?? 0;

const pages = (database: Database): number => pragma(database, "page_count");
const freePages = (database: Database): number => pragma(database, "freelist_count");
const usedBytes = (database: Database): number =>
  (pages(database) - freePages(database)) * pragma(database, "page_size");
