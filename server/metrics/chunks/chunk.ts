import { corruptChunk } from "./bytes.ts";
import { readColumn, writeColumn } from "./column.ts";
import { FORMAT, unwrap, wrap } from "./envelope.ts";

/** An hour at 100 samples a second: more never goes into a chunk, so more is never read out of one. */
const MAX_CHUNK_ROWS = 360_000;

/** Samples of one series: `values[i]` was measured at `times[i]` (epoch ms, strictly growing). */
export interface Samples {
  times: Float64Array;
  values: Float64Array;
}

/** What is kept of the samples in each bucket: row `i` covers [times[i], times[i] + step). Only buckets with samples. */
export interface Rollups {
  times: Float64Array;
  min: Float64Array;
  max: Float64Array;
  sum: Float64Array;
  count: Float64Array;
}

/** Packs samples as one column after the other (see `column.ts`); `decodeSamples` returns the same bits, whatever doubles they are. */
export function encodeSamples({ times, values }: Samples): Uint8Array<ArrayBuffer> {
  return encode(FORMAT.samples, [times, values]);
}

/**
 * Unpacks samples. Any damage is an error on this chunk: never a wrong number, a hang or an unbounded allocation.
 * @throws AppError `chunk_corrupt`
 */
export function decodeSamples(bytes: Uint8Array): Samples {
  const [times, values] = decode(FORMAT.samples, bytes);
  if (!times || !values) throw corruptChunk("a column is missing");
  return { times, values };
}

/** Packs rollups. */
export function encodeRollups({ times, min, max, sum, count }: Rollups): Uint8Array<ArrayBuffer> {
  return encode(FORMAT.rollups, [times, min, max, sum, count]);
}

/**
 * Unpacks rollups.
 * @throws AppError `chunk_corrupt`
 */
export function decodeRollups(bytes: Uint8Array): Rollups {
  const [times, min, max, sum, count] = decode(FORMAT.rollups, bytes);
  if (!times || !min || !max || !sum || !count) throw corruptChunk("a column is missing");
  return { times, min, max, sum, count };
}

const COLUMNS = { [FORMAT.samples]: 2, [FORMAT.rollups]: 5 } as const;
type ChunkFormat = keyof typeof COLUMNS;

function encode(format: ChunkFormat, columns: Float64Array[]): Uint8Array<ArrayBuffer> {
  const rows = columns[0]?.length ?? 0;
  if (rows > MAX_CHUNK_ROWS || columns.some((column) => column.length !== rows)) {
    throw new RangeError(`A chunk has at most ${MAX_CHUNK_ROWS} rows and columns of one length.`);
  }
  return wrap(format, (out) => {
    out.varint(rows);
    for (const column of columns) writeColumn(out, column);
  });
}

function decode(format: ChunkFormat, bytes: Uint8Array): Float64Array[] {
  return unwrap(format, bytes, (reader) => {
    const rows = reader.varint();
    if (rows > MAX_CHUNK_ROWS) throw corruptChunk(`it claims ${rows} rows`);
    return Array.from({ length: COLUMNS[format] }, () => readColumn(reader, rows));
  });
}
