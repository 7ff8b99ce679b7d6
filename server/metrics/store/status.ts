import type { Refusal } from "./ingest.ts";
import type { StoredSeries } from "./series-registry.ts";
import type { Floors } from "./trimming.ts";

/** How the store is doing. */
export interface StoreStatus {
  seriesCount: number;
  /** Samples in memory that are not sealed yet. */
  openSamples: number;
  sizeBytes: number;
  /** Writing pauses because the disk is nearly full. */
  isPaused: boolean;
  /** Samples that were not taken since the start, by reason. */
  refused: Partial<Record<Refusal, number>>;
  /** Chunks that could not be read since the start. */
  damagedChunks: number;
  /** Rows of the log that could not be read at the start. */
  lostRows: number;
  /** Where each tier begins. */
  floors: Floors;
}

/** The newest value of a series. */
export interface LatestValue {
  series: StoredSeries;
  at: number;
  value: number;
}
