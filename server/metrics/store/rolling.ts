import type { Database } from "../../database/database.ts";
import { decodeRollups, encodeRollups, type Rollups } from "../chunks/chunk.ts";
import { concatRollups, rollUp, rollUpSamples, sliceRollups } from "../rollup.ts";
import { DAY_MS, floorTo, TIERS, type Tier } from "../tiers.ts";
import { chunksBetween, deleteChunks, firstChunkAt, insertChunk } from "./chunk-table.ts";
import { readWindows, type Sources } from "./reading.ts";
import { type StoredSeries, updateProgress } from "./series-registry.ts";

/**
 * Rolls up every whole day of a series before `until` (a multiple of a day, everything before it sealed). A day
 * becomes one chunk of minutes, written once, and 24 rows in the chunk of hours of its 30 days.
 *
 * Each day is one transaction: a crash leaves days done or not begun. Doing a day again gives the same result,
 * because rollups are made of the stored samples alone; that is how late samples are taken in.
 */
export async function rollUpDays(
  database: Database,
  sources: Sources,
  series: StoredSeries,
  until: number,
  breathe: () => Promise<void> | void,
): Promise<void> {
  while (series.rolledUntil < until) {
    const next = firstChunkAt(sources.reader, series.id, TIERS.raw, series.rolledUntil) ?? until;
    const dayAt = floorTo(next, DAY_MS);
    if (dayAt >= until) {
      await skipTo(database, series, until);
      return;
    }
    await rollUpDay(database, sources, series, dayAt);
    await breathe();
  }
}

/** Days without samples have no rollups: only the note moves. */
async function skipTo(database: Database, series: StoredSeries, until: number): Promise<void> {
  const progress = { ...series, rolledUntil: until };
  await database.write((tx) => updateProgress(tx, series, progress));
  series.rolledUntil = until;
}

async function rollUpDay(
  database: Database,
  sources: Sources,
  series: StoredSeries,
  dayAt: number,
): Promise<void> {
  const dayEnd = dayAt + DAY_MS;
  const minutes = concatRollups(
    Array.from(readWindows(sources, series, dayAt, dayEnd), (samples) =>
      rollUpSamples(samples, TIERS["1m"].stepMs),
    ),
  );
  const hours = withDay(sources, series, dayAt, rollUp(minutes, TIERS["1h"].stepMs));
  const packedMinutes = encodeRollups(minutes);
  const packedHours = encodeRollups(hours);
  const progress = { ...series, rolledUntil: dayEnd };
  await database.write((tx) => {
    const replace = (tier: Tier, { times }: Rollups, packed: Uint8Array) => {
      const windowAt = floorTo(dayAt, tier.windowMs);
      deleteChunks(tx, series.id, tier, windowAt, windowAt + tier.windowMs);
      if (times.length > 0) insertChunk(tx, { seriesId: series.id, tier, times, packed });
    };
    replace(TIERS["1m"], minutes, packedMinutes);
    replace(TIERS["1h"], hours, packedHours);
    updateProgress(tx, series, progress);
  });
  series.rolledUntil = dayEnd;
}

/** The hours of the 30 days around `dayAt` with those of that day replaced. */
function withDay(sources: Sources, series: StoredSeries, dayAt: number, hours: Rollups): Rollups {
  const tier = TIERS["1h"];
  const windowAt = floorTo(dayAt, tier.windowMs);
  const rows = chunksBetween(sources.reader, series.id, tier, windowAt, windowAt + tier.windowMs);
  const [stored] = sources.decoder.decodeAll(rows, decodeRollups);
  if (!stored) return hours;
  const before = sliceRollups(stored, windowAt, dayAt);
  const after = sliceRollups(stored, dayAt + DAY_MS, windowAt + tier.windowMs);
  return concatRollups([before, hours, after]);
}
