import { join } from "node:path";
import {
  defineSeries,
  parseSeriesKey,
  type SeriesDefinition,
  type SeriesUnit,
} from "../../server/metrics/series.ts";

/** One hour of a real machine, every 5 s, as its collectors read it: doubles in full precision. */
const RECORDING = join(import.meta.dir, "recordings", "machine-hour.json.zst");

export const RECORDED_INTERVAL_MS = 5_000;

/** A series of the recording; `values[i]` belongs to the tick `i`. */
export interface RecordedSeries {
  definition: SeriesDefinition;
  values: number[];
}

interface StoredRecording {
  series: { key: string; unit: SeriesUnit; values: number[] }[];
}

/** Reads the recorded hour: 720 ticks. */
export async function readRecording(): Promise<RecordedSeries[]> {
  const packed = await Bun.file(RECORDING).bytes();
  const { series } = JSON.parse(new TextDecoder().decode(Bun.zstdDecompressSync(packed))) as StoredRecording;
  return series.map(({ key, unit, values }) => {
    const { name, labels } = parseSeriesKey(key);
    return { definition: defineSeries(name, labels, unit, "Recorded."), values };
  });
}
