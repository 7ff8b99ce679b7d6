import {
  type ByteReader,
  type ByteWriter,
  corruptChunk,
  MAX_VARINT_BYTES,
  putVarint,
  unzigzag,
  zigzag,
} from "./bytes.ts";
import { FORMAT, unwrap, wrap } from "./envelope.ts";
import { powerOfTen } from "./integers.ts";

/** More series never share a tick. */
export const MAX_TICK_VALUES = 1_000_000;
/** Tried in this order; the position is what is stored. */
const DECIMALS = [0, 2, 1, 3, 4, 6] as const;
const POWERS = DECIMALS.map(powerOfTen);
/** Stored in place of a position: the double itself follows. */
const AS_DOUBLE = 7;
/** The position takes the lowest three bits of a number's varint. */
const SCALES = 8;
/** Zigzag and position together stay within 2^53. */
const MAX_SCALED = 2 ** 48;
/** In place of the length of the first run of identifiers. */
const IDS_AS_BEFORE = 0;
/** A mark and a double. */
const MAX_BYTES_PER_VALUE = 1 + 8;

/** What series were at the moment `at` (epoch ms): the first `count` of `values` belong to those of `ids`. */
export interface Tick {
  at: number;
  count: number;
  ids: Float64Array;
  values: Float64Array;
}

let scratch = new DataView(new ArrayBuffer(16_384));

/**
 * Packs ticks for a row of the log: times as differences, identifiers as runs of consecutive ones (or the word that they
 * are those of the tick before), numbers as varints of decimal-scaled integers. Made for speed at writing: the log is
 * short-lived.
 */
export function encodeTicks(ticks: readonly Tick[]): Uint8Array<ArrayBuffer> {
  return wrap(FORMAT.ticks, (out) => {
    out.varint(ticks.length);
    let previous: Tick | undefined;
    for (const tick of ticks) {
      out.signed(tick.at - (previous?.at ?? 0));
      out.varint(tick.count);
      writeIds(out, tick, previous);
      writeValues(out, tick);
      previous = tick;
    }
  });
}

/**
 * Unpacks ticks, bit for bit.
 * @throws AppError `chunk_corrupt`
 */
export function decodeTicks(bytes: Uint8Array): Tick[] {
  return unwrap(FORMAT.ticks, bytes, (reader) => {
    const length = boundedCount(reader);
    const ticks: Tick[] = [];
    for (let i = 0; i < length; i += 1) {
      const at = reader.signed() + (ticks.at(-1)?.at ?? 0);
      const count = boundedCount(reader);
      const ids = readIds(reader, count, ticks.at(-1));
      const values = new Float64Array(count);
      for (let k = 0; k < count; k += 1) values[k] = readValue(reader);
      ticks.push({ at, count, ids, values });
    }
    return ticks;
  });
}

/** Everything counted takes a byte at least: a larger claim is a lie, found out before anything is allocated for it. */
function boundedCount(reader: ByteReader): number {
  const count = reader.varint();
  if (count > Math.min(MAX_TICK_VALUES, reader.remaining)) throw corruptChunk(`it claims ${count} values`);
  return count;
}

function writeIds(out: ByteWriter, { ids, count }: Tick, previous: Tick | undefined): void {
  if (count > 0 && previous?.count === count && sameIds(ids, previous.ids, count)) {
    out.varint(IDS_AS_BEFORE);
    return;
  }
  let last = 0;
  for (let first = 0; first < count; ) {
    const id = ids[first] ?? 0;
    let next = first + 1;
    while (next < count && ids[next] === id + next - first) next += 1;
    out.varint(next - first);
    out.signed(id - last);
    last = id;
    first = next;
  }
}

function readIds(reader: ByteReader, count: number, previous: Tick | undefined): Float64Array {
  const ids = new Float64Array(count);
  let last = 0;
  for (let first = 0; first < count; ) {
    const length = reader.varint();
    if (length === IDS_AS_BEFORE && first === 0 && previous?.count === count) return previous.ids;
    if (length === IDS_AS_BEFORE || length > count - first)
      throw corruptChunk("its identifiers do not add up");
    const id = last + reader.signed();
    for (let i = 0; i < length; i += 1) ids[first + i] = id + i;
    last = id;
    first += length;
  }
  return ids;
}

function sameIds(a: Float64Array, b: Float64Array, count: number): boolean {
  for (let i = 0; i < count; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

function writeValues(out: ByteWriter, { values, count }: Tick): void {
  const bytes = reserve(count * MAX_BYTES_PER_VALUE);
  let length = 0;
  for (let i = 0; i < count; i += 1) length = putValue(bytes, length, values[i] ?? 0);
  out.append(bytes.subarray(0, length));
}

function putValue(bytes: Uint8Array, at: number, value: number): number {
  for (let position = 0; position < POWERS.length; position += 1) {
    const power = POWERS[position] ?? 1;
    const whole = Math.round(value * power);
    if (whole / power === value && Math.abs(whole) < MAX_SCALED && (value !== 0 || 1 / value > 0)) {
      return putVarint(bytes, at, zigzag(whole) * SCALES + position);
    }
  }
  bytes[at] = AS_DOUBLE;
  scratch.setFloat64(at + 1, value, true);
  return at + MAX_BYTES_PER_VALUE;
}

function readValue(reader: ByteReader): number {
  const stored = reader.varint();
  const scaled = Math.floor(stored / SCALES);
  const position = stored - scaled * SCALES;
  if (position === AS_DOUBLE) return reader.double();
  const power = POWERS[position];
  if (power === undefined) throw corruptChunk(`the scale ${position} is unknown`);
  return unzigzag(scaled) / power;
}

function reserve(sizeBytes: number): Uint8Array {
  if (scratch.byteLength < sizeBytes + MAX_VARINT_BYTES) {
    scratch = new DataView(new ArrayBuffer(sizeBytes + MAX_VARINT_BYTES));
  }
  return new Uint8Array(scratch.buffer);
}
