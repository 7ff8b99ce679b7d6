import { AppError } from "../../errors/app-error.ts";
import { type LevelCounts, levelOf, noLines } from "../line.ts";

/*
 * What is known of the lines of a block without their texts, as columns: count, first time, whether the distances need
 * eight bytes; then the distances between times, the levels, the sources.
 */

const HEADER_BYTES = 13;
const WIDE = 1;
const INT32_MAX = 2_147_483_647;
const NARROW_BYTES = 4;
const WIDE_BYTES = 8;
const LEVEL_BYTES = 1;
const SOURCE_BYTES = 2;

/** Columns of equal length. */
export interface Marks {
  /** Epoch milliseconds. */
  ats: Float64Array;
  levels: Uint8Array;
  /** Numbers of sources. */
  sources: Uint16Array;
}

/** The columns as bytes, not compressed. */
export function encodeMarks({ ats, levels, sources }: Marks): Uint8Array<ArrayBuffer> {
  const count = ats.length;
  const first = ats[0] ?? 0;
  const distances = ats.map((at, index) => at - (ats[index - 1] ?? first));
  const isWide = distances.some((distance) => Math.abs(distance) > INT32_MAX);
  const width = isWide ? WIDE_BYTES : NARROW_BYTES;
  const bytes = new Uint8Array(HEADER_BYTES + count * (width + LEVEL_BYTES + SOURCE_BYTES));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, count, true);
  view.setFloat64(4, first, true);
  view.setUint8(12, isWide ? WIDE : 0);
  const columns = isWide ? distances : Int32Array.from(distances);
  bytes.set(new Uint8Array(columns.buffer), HEADER_BYTES);
  bytes.set(levels, HEADER_BYTES + count * width);
  bytes.set(new Uint8Array(sources.slice().buffer), HEADER_BYTES + count * (width + LEVEL_BYTES));
  return bytes;
}

/** @throws AppError `chunk_corrupt` when the bytes are no such columns. */
export function decodeMarks(bytes: Uint8Array): Marks {
  if (bytes.length < HEADER_BYTES) throw damaged();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = view.getUint32(0, true);
  const isWide = view.getUint8(12) === WIDE;
  const width = isWide ? WIDE_BYTES : NARROW_BYTES;
  if (bytes.length !== HEADER_BYTES + count * (width + LEVEL_BYTES + SOURCE_BYTES)) throw damaged();
  const column = (from: number, length: number): ArrayBuffer =>
    new Uint8Array(bytes.subarray(from, from + length)).buffer;
  const raw = column(HEADER_BYTES, count * width);
  const distances = isWide ? new Float64Array(raw) : new Int32Array(raw);
  const ats = new Float64Array(count);
  let at = view.getFloat64(4, true);
  for (let index = 0; index < count; index++) {
    at += distances[index] ?? 0;
    ats[index] = at;
  }
  const levelsFrom = HEADER_BYTES + count * width;
  return {
    ats,
    levels: new Uint8Array(column(levelsFrom, count)),
    sources: new Uint16Array(column(levelsFrom + count, count * SOURCE_BYTES)),
  };
}

/** How many lines of each level there are. */
export function countLevels({ levels }: Marks): LevelCounts {
  const counts = noLines();
  for (const level of levels) counts[levelOf(level)]++;
  return counts;
}

const damaged = (): AppError => new AppError("chunk_corrupt", "A block of log lines is damaged.");
