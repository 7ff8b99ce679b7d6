import type { Connection } from "../../database/database.ts";
import { decodeRollups, decodeSamples, type Rollups, type Samples } from "../chunks/chunk.ts";
import { concatRollups, rollUpSamples, sliceRollups } from "../rollup.ts";
import { floorTo, TIERS, type Tier } from "../tiers.ts";
import { type ChunkDecoder, chunksBetween } from "./chunk-table.ts";
import type { Head } from "./head.ts";
import { mergeRuns, sliceSamples } from "./merge.ts";
import type { StoredSeries } from "./series-registry.ts";

/** Where samples can be: sealed in the file and open in the head. */
export interface Sources {
  reader: Connection;
  decoder: ChunkDecoder;
  head: Head;
}

/**
 * Samples with from ≤ time < to, sealed and open ones merged. While a generation is being sealed a sample can be in
 * both: of two of the same moment one counts, so that it does not matter. May be a view on the head: use it at once.
 */
export function readSamples(sources: Sources, series: StoredSeries, from: number, to: number): Samples {
  const { reader, decoder, head } = sources;
  const sealed = chunksBetween(reader, series.id, TIERS.raw, floorTo(from, TIERS.raw.windowMs), to);
  const runs = [...decoder.decodeAll(sealed, decodeSamples), ...head.runsOf(series.id)];
  return mergeRuns(runs.map((run) => sliceSamples(run, from, to)));
}

/** Rollups of whole buckets from the one that holds `from` to the one before `to`: stored ones, and the rest from samples. */
export function readRollups(
  sources: Sources,
  series: StoredSeries,
  tier: Tier,
  from: number,
  to: number,
): Rollups {
  const start = floorTo(from, tier.stepMs);
  const storedEnd = Math.min(to, series.rolledUntil);
  const parts: Rollups[] = [];
  if (start < storedEnd) {
    const rows = chunksBetween(sources.reader, series.id, tier, floorTo(start, tier.windowMs), storedEnd);
    const chunks = sources.decoder.decodeAll(rows, decodeRollups);
    chunks.sort((a, b) => (a.times[0] ?? 0) - (b.times[0] ?? 0));
    for (const chunk of chunks) parts.push(sliceRollups(chunk, start, storedEnd));
  }
  if (to > series.rolledUntil) {
    const samples = readSamples(sources, series, Math.max(start, series.rolledUntil), to);
    parts.push(rollUpSamples(samples, tier.stepMs));
  }
  return concatRollups(parts);
}
