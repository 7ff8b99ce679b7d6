import { type ByteReader, corruptChunk, MAX_VARINT_BYTES, putVarint, unzigzag, zigzag } from "./bytes.ts";
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
/** A mark and a double. */
const MAX_BYTES_PER_VALUE = 1 + 8;

/** What all series were at one moment: `values[i]` belongs to the series `ids[i]`. */
export interface Tick {
  ids: Float64Array;
  values: Float64Array;
}

let scratch = new DataView(new ArrayBuffer(16_384));

/**
 * Packs one tick, the first `count` of its values, for the log: identifiers as runs of consecutive ones, then the
 * numbers as varints of decimal-scaled integers. Made for speed at writing: the log is short-lived, and each value
 * stands alone, so that one lost row loses one tick.
 */
export function encodeTick({ ids, values }: Tick, count = ids.length): Uint8Array<ArrayBuffer> {
  const bytes = reserve(count * MAX_BYTES_PER_VALUE);
  let length = 0;
  for (let i = 0; i < count; i += 1) length = putValue(bytes, length, values[i] ?? 0);
  return wrap(FORMAT.tick, (out) => {
    out.varint(count);
    let previous = 0;
    for (let first = 0; first < count; ) {
      const id = ids[first] ?? 0;
      let next = first + 1;
      while (next < count && ids[next] === id + next - first) next += 1;
      out.signed(id - previous);
      out.varint(next - first);
      previous = id;
      first = next;
    }
    out.append(bytes.subarray(0, length));
  });
}

/**
 * Unpacks one tick, bit for bit.
 * @throws AppError `chunk_corrupt`
 */
export function decodeTick(bytes: Uint8Array): Tick {
  return unwrap(FORMAT.tick, bytes, (reader) => {
    const count = reader.varint();
    // Each value takes a byte at least: a larger claim is a lie, found out before anything is allocated for it.
    if (count > Math.min(MAX_TICK_VALUES, reader.remaining)) throw corruptChunk(`it claims ${count} values`);
    const ids = readIds(reader, count);
    const values = new Float64Array(count);
    for (let i = 0; i < count; i += 1) values[i] = readValue(reader);
    return { ids, values };
  });
}

function readIds(reader: ByteReader, count: number): Float64Array {
  const ids = new Float64Array(count);
  let previous = 0;
  for (let first = 0; first < count; ) {
    const id = previous + reader.signed();
    const length = reader.varint();
    if (length === 0 || length > count - first) throw corruptChunk("its identifiers do not add up");
    for (let i = 0; i < length; i += 1) ids[first + i] = id + i;
    previous = id;
    first += length;
  }
  return ids;
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
