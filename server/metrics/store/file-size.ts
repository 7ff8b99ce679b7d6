import { statSync } from "node:fs";
import type { Connection, Database } from "../../database/database.ts";
import type { Growth } from "../retention.ts";
import { DAY_MS, type Resolution, TIERS } from "../tiers.ts";

/** A row's own columns, its place in the index and the slack of its page, measured. */
const ROW_OVERHEAD_BYTES = 60;
/** Chunks looked at to know what a row costs. */
const RECENT_CHUNKS = 5_000;
/** Until there are chunks to look at: what recorded machines showed. */
const TYPICAL_BYTES_PER_ROW: Readonly<Record<Resolution, number>> = { raw: 1.5, "1m": 6, "1h": 8 };

/** Bytes of the file and its WAL on disk. */
export function fileSizeBytes({ path }: Database): number {
  return sizeOf(path) + sizeOf(`${path}-wal`);
}

/** What a row costs in each tier by the newest chunks, for `seriesCount` series sampled `samplesPerDay` times in all. */
export function measureGrowth(reader: Connection, seriesCount: number, samplesPerDay: number): Growth {
  const recent = reader.$client
    .query<{ tier: number; chunks: number; rows: number; bytes: number }, [number]>(
      `SELECT tier, count(*) AS chunks, sum(rows) AS rows, sum(length(packed)) AS bytes FROM chunks
       WHERE id > (SELECT max(id) FROM chunks) - ? GROUP BY tier`,
    )
    .all(RECENT_CHUNKS);
  const bytesPerRow = { ...TYPICAL_BYTES_PER_ROW };
  for (const { name, number } of Object.values(TIERS)) {
    const found = recent.find(({ tier }) => tier === number);
    if (found) bytesPerRow[name] = (found.bytes + found.chunks * ROW_OVERHEAD_BYTES) / found.rows;
  }
  const bucketsPerDay = (tier: "1m" | "1h") => (seriesCount * DAY_MS) / TIERS[tier].stepMs;
  return {
    bytesPerRow,
    rowsPerDay: { raw: samplesPerDay, "1m": bucketsPerDay("1m"), "1h": bucketsPerDay("1h") },
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
