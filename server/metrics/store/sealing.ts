import type { Database } from "../../database/database.ts";
import { encodeSamples } from "../chunks/chunk.ts";
import { lowerBound } from "../rollup.ts";
import { DAY_MS, floorTo, TIERS } from "../tiers.ts";
import { insertChunk, type NewChunk } from "./chunk-table.ts";
import type { Generation } from "./head.ts";
import { sliceSamples } from "./merge.ts";
import { type SeriesRegistry, type StoredSeries, updateProgress } from "./series-registry.ts";

/** Series whose chunks are written in one transaction: about 10 ms of packing, a few of writing. */
const SERIES_PER_TRANSACTION = 64;

interface SealedSeries {
  series: StoredSeries;
  chunks: NewChunk[];
  progress: Pick<StoredSeries, "lastSeenAt" | "sealedSeq" | "rolledUntil">;
}

/**
 * Moves a finished generation from the log into chunks, a batch of series at a time; each batch is one transaction
 * that also notes how far its series are sealed, and the last one deletes the rows of the log.
 *
 * A crash in between leaves some series sealed and the log complete: the next start reads the log, skips what the
 * notes say is in chunks, and the rest is sealed again with the next hour. Nothing is lost or counted twice.
 */
export async function sealGeneration(
  database: Database,
  registry: SeriesRegistry,
  generation: Generation,
  breathe: () => Promise<void> | void,
): Promise<void> {
  const ids = generation.seriesIds;
  for (let at = 0; at === 0 || at < ids.length; at += SERIES_PER_TRANSACTION) {
    const batch: SealedSeries[] = [];
    for (const id of ids.slice(at, at + SERIES_PER_TRANSACTION)) {
      const sealed = packSeries(registry, generation, id);
      if (sealed) batch.push(sealed);
      await breathe();
    }
    const isLast = at + SERIES_PER_TRANSACTION >= ids.length;
    await database.write((tx) => {
      for (const { series, chunks, progress } of batch) {
        for (const chunk of chunks) insertChunk(tx, chunk);
        updateProgress(tx, series, progress);
      }
      if (isLast) tx.$client.query("DELETE FROM sample_log WHERE seq <= ?").run(generation.lastSeq);
    });
    for (const { series, progress } of batch) {
      series.sealedSeq = progress.sealedSeq;
      series.rolledUntil = progress.rolledUntil;
      generation.forget(series.id);
    }
  }
}

function packSeries(registry: SeriesRegistry, generation: Generation, id: number): SealedSeries | undefined {
  const series = registry.findById(id);
  const samples = generation.samplesOf(id);
  if (!series || !samples) return undefined;
  const [firstAt = 0] = samples.times;
  const lastAt = samples.times.at(-1) ?? 0;
  const chunks: NewChunk[] = [];
  for (let next = firstAt; next <= lastAt; ) {
    const end = floorTo(next, TIERS.raw.windowMs) + TIERS.raw.windowMs;
    const window = sliceSamples(samples, next, end);
    chunks.push({ seriesId: id, tier: TIERS.raw, times: window.times, packed: encodeSamples(window) });
    next = samples.times[lowerBound(samples.times, end)] ?? Number.POSITIVE_INFINITY;
  }
  // A late sample makes the rollups of its day wrong: they are made again, and read from samples until then.
  const rolledUntil = Math.min(series.rolledUntil, floorTo(firstAt, DAY_MS));
  const lastSeenAt = Math.max(series.lastSeenAt, lastAt);
  return { series, chunks, progress: { lastSeenAt, sealedSeq: generation.lastSeq, rolledUntil } };
}
