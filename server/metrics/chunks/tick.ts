import { ByteReader, ByteWriter, corruptChunk } from "./bytes.ts";
import { FORMAT, unwrap, wrap } from "./envelope.ts";
import { powerOfTen } from "./integers.ts";
import { compress, decompress } from "./zstd.ts";

/** More series never share a tick. */
export const MAX_TICK_VALUES = 1_000_000;
/** Tried in this order; the position is what is stored. */
const DECIMALS = [0, 2, 1, 3, 4, 6] as const;
/** Stored in place of a position: the double itself follows. */
const AS_DOUBLE = 255;
const MAX_SCALED = 2 ** 51;
/** A varint or a double, the position of its decimals, and an identifier. */
const MAX_BYTES_PER_VALUE = 8 + 1 + 8;

/** What all series were at one moment: `values[i]` belongs to the series `ids[i]`. */
export interface Tick {
  ids: Float64Array;
  values: Float64Array;
}

const identifiers = new ByteWriter();
const scales = new ByteWriter();
const numbers = new ByteWriter();

/**
 * Packs one tick, the first `count` of its values, for the log. Made for speed at writing, not for size: the log is short-lived, and each value stands
 * alone, so that one lost row loses one tick. Identifiers (whole, any order), scales and numbers lie side by side.
 */
export function encodeTick({ ids, values }: Tick, count = ids.length): Uint8Array<ArrayBuffer> {
  for (const part of [identifiers, scales, numbers]) part.clear();
  let previous = 0;
  for (let i = 0; i < count; i += 1) {
    const id = ids[i] ?? 0;
    identifiers.signed(id - previous);
    previous = id;
    writeValue(values[i] ?? 0);
  }
  const plain = new Uint8Array(identifiers.length + scales.length + numbers.length);
  plain.set(identifiers.written);
  plain.set(scales.written, identifiers.length);
  plain.set(numbers.written, identifiers.length + scales.length);
  return wrap(FORMAT.tick, (out) => {
    out.varint(count);
    out.append(compress(plain));
  });
}

/**
 * Unpacks one tick, bit for bit.
 * @throws AppError `chunk_corrupt`
 */
export function decodeTick(bytes: Uint8Array): Tick {
  return unwrap(FORMAT.tick, bytes, (envelope) => {
    const count = envelope.varint();
    if (count > MAX_TICK_VALUES) throw corruptChunk(`it claims ${count} values`);
    const stored = envelope.take(envelope.remaining);
    const reader = new ByteReader(decompress(stored, count * MAX_BYTES_PER_VALUE));
    return readTick(reader, count);
  });
}

function writeValue(value: number): void {
  for (let position = 0; position < DECIMALS.length; position += 1) {
    const power = powerOfTen(DECIMALS[position] ?? 0);
    const whole = Math.round(value * power);
    if (whole / power === value && Math.abs(whole) < MAX_SCALED && !Object.is(value, -0)) {
      scales.byte(position);
      numbers.signed(whole);
      return;
    }
  }
  scales.byte(AS_DOUBLE);
  numbers.double(value);
}

function readTick(reader: ByteReader, count: number): Tick {
  const ids = new Float64Array(count);
  let id = 0;
  for (let i = 0; i < count; i += 1) {
    id += reader.signed();
    ids[i] = id;
  }
  const positions = reader.take(count);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i += 1) values[i] = readValue(reader, positions[i] ?? 0);
  if (reader.remaining > 0) throw corruptChunk("there are more numbers than series");
  return { ids, values };
}

function readValue(reader: ByteReader, position: number): number {
  if (position === AS_DOUBLE) return reader.double();
  const decimals = DECIMALS[position];
  if (decimals === undefined) throw corruptChunk(`the scale ${position} is unknown`);
  return reader.signed() / powerOfTen(decimals);
}
