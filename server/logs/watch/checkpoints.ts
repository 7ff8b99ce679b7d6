import type { Connection } from "../../database/database.ts";

/** How far a file was read, and how it is known again. */
export interface Checkpoint {
  path: string;
  /** Device and inode. */
  inode: string;
  offset: number;
  /** Hash of the first bytes. */
  fingerprint: string;
  fingerprintBytes: number;
}

interface Row extends Omit<Checkpoint, "fingerprintBytes"> {
  fingerprint_bytes: number;
}

const DAY_MS = 86_400_000;
/** How long a file that was rotated away is known again. */
const ROTATED_DAYS = 30;
/** How long a file is known again that nothing was read of. */
const SILENT_DAYS = 400;
const ROTATED = "rotated ";
const COLUMNS = "path, inode, offset, fingerprint, fingerprint_bytes";

/** Where a file of that path was left. */
export const findCheckpoint = ({ $client }: Connection, path: string): Checkpoint | undefined =>
  ofRow($client.query<Row, [string]>(`SELECT ${COLUMNS} FROM log_files WHERE path = ?`).get(path));

/** Where a file of that inode was left, whatever it was called. */
export const findByInode = ({ $client }: Connection, inode: string): Checkpoint | undefined =>
  ofRow(
    $client
      .query<Row, [string]>(`SELECT ${COLUMNS} FROM log_files WHERE inode = ? ORDER BY seen_at DESC`)
      .get(inode),
  );

function ofRow(row: Row | null): Checkpoint | undefined {
  if (!row) return undefined;
  const { fingerprint_bytes: fingerprintBytes, ...rest } = row;
  return { ...rest, fingerprintBytes };
}

/** What a rotated file is remembered under: another has its path by now. */
export const asRotated = (checkpoint: Checkpoint): Checkpoint => ({
  ...checkpoint,
  path: `${ROTATED}${checkpoint.inode}`,
});

export function saveCheckpoint({ $client }: Connection, checkpoint: Checkpoint, now: number): void {
  const { path, inode, offset, fingerprint, fingerprintBytes } = checkpoint;
  $client
    .query("INSERT OR REPLACE INTO log_files VALUES (?, ?, ?, ?, ?, ?)")
    .run(path, inode, offset, fingerprint, fingerprintBytes, now);
}

/** Forgets files that nothing was read of for long. */
export function forgetCheckpoints({ $client }: Connection, now: number): void {
  $client
    .query("DELETE FROM log_files WHERE seen_at < ? AND path LIKE ?")
    .run(now - ROTATED_DAYS * DAY_MS, `${ROTATED}%`);
  $client.query("DELETE FROM log_files WHERE seen_at < ?").run(now - SILENT_DAYS * DAY_MS);
}
