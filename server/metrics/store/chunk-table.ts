import type { Connection } from "../../database/database.ts";
import { AppError } from "../../errors/app-error.ts";
import type { Tier } from "../tiers.ts";

/** Damaged chunks remembered by name; more are only counted. */
const MAX_REMEMBERED = 1_000;

/** A chunk as stored. */
export interface ChunkRow {
  id: number;
  start_at: number;
  packed: Uint8Array;
}

/** What a chunk holds, for its row. */
export interface NewChunk {
  seriesId: number;
  tier: Tier;
  times: Float64Array;
  packed: Uint8Array;
}

/** Writes one chunk. */
export function insertChunk(tx: Connection, { seriesId, tier, times, packed }: NewChunk): void {
  tx.$client
    .query("INSERT INTO chunks (series_id, tier, start_at, end_at, rows, packed) VALUES (?, ?, ?, ?, ?, ?)")
    .run(seriesId, tier.number, times[0] ?? 0, times.at(-1) ?? 0, times.length, packed);
}

/** Chunks of a series that begin in [from, to), in order of insertion. */
export function chunksBetween(
  connection: Connection,
  seriesId: number,
  tier: Tier,
  from: number,
  to: number,
): ChunkRow[] {
  return connection.$client
    .query<ChunkRow, [number, number, number, number]>(
      `SELECT id, start_at, packed FROM chunks
       WHERE series_id = ? AND tier = ? AND start_at >= ? AND start_at < ? ORDER BY id`,
    )
    .all(seriesId, tier.number, from, to);
}

/** When the first chunk of a series at or after `from` begins. */
export function firstChunkAt(
  connection: Connection,
  seriesId: number,
  tier: Tier,
  from: number,
): number | undefined {
  const row = connection.$client
    .query<{ at: number | null }, [number, number, number]>(
      "SELECT min(start_at) AS at FROM chunks WHERE series_id = ? AND tier = ? AND start_at >= ?",
    )
    .get(seriesId, tier.number, from);
  return row?.at ?? undefined;
}

/** Deletes the chunks of a series that begin in [from, to); returns how many. */
export function deleteChunks(tx: Connection, seriesId: number, tier: Tier, from: number, to: number): number {
  return tx.$client
    .query("DELETE FROM chunks WHERE series_id = ? AND tier = ? AND start_at >= ? AND start_at < ?")
    .run(seriesId, tier.number, from, to).changes;
}

/** Reads chunks and remembers which could not be read: they are a gap to the reader and a fact to the operator. */
export class ChunkDecoder {
  readonly #damaged = new Set<number>();
  readonly #report: (chunkId: number, error: AppError) => void;

  constructor(report: (chunkId: number, error: AppError) => void) {
    this.#report = report;
  }

  get damagedCount(): number {
    return this.#damaged.size;
  }

  /** What `decode` makes of each row, without those that are damaged. */
  decodeAll<T>(rows: readonly ChunkRow[], decode: (packed: Uint8Array) => T): T[] {
    const decoded: T[] = [];
    for (const row of rows) {
      try {
        decoded.push(decode(row.packed));
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== "chunk_corrupt") throw error;
        this.#remember(row.id, error);
      }
    }
    return decoded;
  }

  #remember(chunkId: number, error: AppError): void {
    if (this.#damaged.has(chunkId) || this.#damaged.size >= MAX_REMEMBERED) return;
    this.#damaged.add(chunkId);
    this.#report(chunkId, error);
  }
}
