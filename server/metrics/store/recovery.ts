import type { Connection } from "../../database/database.ts";
import { AppError } from "../../errors/app-error.ts";
import { decodeTicks, type Tick } from "../chunks/tick.ts";
import type { Head } from "./head.ts";
import { publishSample } from "./ingest.ts";
import type { SeriesRegistry } from "./series-registry.ts";

interface LogRow {
  seq: number;
  window_at: number;
  ticks: Uint8Array;
}

/** What a start found in the log. */
export interface Recovered {
  /** The number of the next row: above every one that is in the log or noted as sealed. */
  nextSeq: number;
  /** Rows that could not be read. */
  lostRows: number;
}

/**
 * Fills the head from the log. What sealing had put into chunks before it was broken off is skipped, series by series.
 * A damaged row costs its own ticks and is reported.
 */
export function replayLog(
  reader: Connection,
  registry: SeriesRegistry,
  head: Head,
  report: (seq: number, error: AppError) => void,
): Recovered {
  let lostRows = 0;
  let lastSeq = registry.list().reduce((seq, series) => Math.max(seq, series.sealedSeq), 0);
  for (const row of reader.$client.query<LogRow, []>("SELECT * FROM sample_log ORDER BY seq").iterate()) {
    lastSeq = Math.max(lastSeq, row.seq);
    const ticks = readTicks(row, report);
    if (ticks) replayRow(row, ticks, registry, head);
    else lostRows += 1;
  }
  return { nextSeq: lastSeq + 1, lostRows };
}

function readTicks(
  { seq, ticks }: LogRow,
  report: (seq: number, error: AppError) => void,
): Tick[] | undefined {
  try {
    return decodeTicks(ticks);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "chunk_corrupt") throw error;
    report(seq, error);
    return undefined;
  }
}

function replayRow(
  { seq, window_at }: LogRow,
  ticks: readonly Tick[],
  registry: SeriesRegistry,
  head: Head,
): void {
  const generation = head.openRow(seq, window_at);
  for (const { at, count, ids, values } of ticks) {
    for (let i = 0; i < count; i += 1) {
      const series = registry.findById(ids[i] ?? 0);
      if (series && series.sealedSeq < seq) publishSample(generation, series, at, values[i] ?? 0);
    }
  }
}
