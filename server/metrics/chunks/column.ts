import {
  ByteReader,
  type ByteWriter,
  corruptChunk,
  MAX_VARINT_BYTES,
  putVarint,
  unzigzag,
  zigzag,
} from "./bytes.ts";
import { MAX_DECIMALS, MAX_SCALED, powerOfTen, type ScaledIntegers, toScaledIntegers } from "./integers.ts";
import { compress, decompress } from "./zstd.ts";

/**
 * How a column of numbers is written. Stored; numbers are never reused.
 *
 * | kind | bytes after it |
 * |---|---|
 * | raw | 8 a number, little-endian |
 * | planes | length, zstd of all first bytes, all second bytes, … of the doubles |
 * | linear | decimals, base, step: number `i` is (base + step × i) / 10^decimals |
 * | offsets, deltas, curves (+ zstd) | decimals, base, divisor, length, residuals as varints: the integers themselves, their zigzag differences, or the zigzag differences of those |
 */
const KIND = { raw: 0, planes: 1, linear: 2, offsets: 3, deltas: 4, curves: 5 } as const;
const ZSTD_FLAG = 8;
/** Below this a zstd frame costs more than it saves. */
const MIN_ZSTD_BYTES = 24;
const BYTES_PER_DOUBLE = 8;

/** One buffer for each kind of residuals, at most 3 MB: fresh ones for every column cost a tenth of sealing. */
const scratch = new Map<number, Uint8Array>();
const histogram = new Uint32Array(256);

interface Residuals {
  tag: number;
  bytes: Uint8Array;
}

/** Appends `values` in the smallest of the encodings; any doubles come back bit for bit. */
export function writeColumn(out: ByteWriter, values: Float64Array): void {
  if (writeRegular(out, values)) return;
  const integers = toScaledIntegers(values);
  if (!integers) writeDoubles(out, values);
  else if (!writeLinear(out, integers)) writeResiduals(out, integers);
}

/**
 * Reads a column of `count` numbers; the caller has bounded `count`.
 * @throws AppError `chunk_corrupt`
 */
export function readColumn(reader: ByteReader, count: number): Float64Array {
  const tag = reader.byte();
  const kind = tag & ~ZSTD_FLAG;
  switch (kind) {
    case KIND.raw:
      return readRaw(reader, count);
    case KIND.planes:
      return readPlanes(reader, count);
    case KIND.linear:
      return readLinear(reader, count);
    case KIND.offsets:
    case KIND.deltas:
    case KIND.curves:
      return readResiduals(reader, count, kind, (tag & ZSTD_FLAG) !== 0);
    default:
      throw corruptChunk(`the encoding ${tag} is unknown`);
  }
}

function writeDoubles(out: ByteWriter, values: Float64Array): void {
  const planes = compress(toPlanes(values));
  if (planes.length < values.length * BYTES_PER_DOUBLE) {
    out.byte(KIND.planes);
    out.varint(planes.length);
    out.append(planes);
    return;
  }
  out.byte(KIND.raw);
  for (const value of values) out.double(value);
}

function readRaw(reader: ByteReader, count: number): Float64Array {
  if (reader.remaining < count * BYTES_PER_DOUBLE) throw corruptChunk("it ends too early");
  const values = new Float64Array(count);
  for (let i = 0; i < count; i += 1) values[i] = reader.double();
  return values;
}

/** Signs, exponents and first digits of neighbours are alike: side by side they compress, interleaved they do not. */
function toPlanes(values: Float64Array): Uint8Array<ArrayBuffer> {
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
  const planes = new Uint8Array(values.byteLength);
  const { length } = values;
  for (let plane = 0; plane < BYTES_PER_DOUBLE; plane += 1) {
    for (let i = 0; i < length; i += 1)
      planes[plane * length + i] = view.getUint8(i * BYTES_PER_DOUBLE + plane);
  }
  return planes;
}

function readPlanes(reader: ByteReader, count: number): Float64Array {
  const sizeBytes = count * BYTES_PER_DOUBLE;
  const planes = decompress(reader.take(reader.varint()), sizeBytes);
  if (planes.length !== sizeBytes) throw corruptChunk("the doubles are incomplete");
  const values = new Float64Array(count);
  const bytes = new Uint8Array(values.buffer);
  for (let plane = 0; plane < BYTES_PER_DOUBLE; plane += 1) {
    for (let i = 0; i < count; i += 1) bytes[i * BYTES_PER_DOUBLE + plane] = planes[plane * count + i] ?? 0;
  }
  return values;
}

/** Whole numbers in even steps, as timestamps are: worth not even scaling them. */
function writeRegular(out: ByteWriter, values: Float64Array): boolean {
  const first = values[0] ?? Number.NaN;
  const step = values.length > 1 ? (values[1] ?? 0) - first : 0;
  const last = first + step * values.length;
  if (!isExact(first) || !isExact(step) || !isExact(last)) return false;
  // What reading will make of it, not the differences: those round, and −1e-9 − (−16777217) is a whole number.
  for (let i = 1; i < values.length; i += 1) if (!Object.is(first + step * i, values[i])) return false;
  out.byte(KIND.linear);
  out.byte(0);
  out.signed(first);
  out.signed(step);
  return true;
}

function isExact(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) <= MAX_SCALED && !Object.is(value, -0);
}

/** The same for numbers with decimals. */
function writeLinear(out: ByteWriter, { decimals, base, divisor, steps }: ScaledIntegers): boolean {
  const first = steps[0] ?? 0;
  const step = (steps[1] ?? first) - first;
  for (let i = 1; i < steps.length; i += 1) if ((steps[i] ?? 0) - (steps[i - 1] ?? 0) !== step) return false;
  const start = base + divisor * first;
  out.byte(KIND.linear);
  out.byte(decimals);
  out.signed(start);
  out.signed(divisor * step);
  return true;
}

function readLinear(reader: ByteReader, count: number): Float64Array {
  const power = readPower(reader);
  const base = reader.signed();
  const step = reader.signed();
  const values = new Float64Array(count);
  for (let i = 0; i < count; i += 1) values[i] = base + step * i;
  return power === 1 ? values : divide(values, power);
}

function writeResiduals(out: ByteWriter, { decimals, base, divisor, steps }: ScaledIntegers): void {
  const { tag, bytes } = smallestResiduals(steps);
  out.byte(tag);
  out.byte(decimals);
  out.signed(base);
  out.varint(divisor);
  out.varint(bytes.length);
  out.append(bytes);
}

/**
 * Offsets where the numbers are noise around a level, differences where they wander, differences of those where they
 * grow evenly: whichever promises to pack best, and that packed if it helps. Trying all of them out saved 1 % and
 * cost a third of sealing.
 */
function smallestResiduals(steps: Float64Array): Residuals {
  let best: Residuals = { tag: KIND.offsets, bytes: new Uint8Array() };
  let bestBytes = Number.POSITIVE_INFINITY;
  for (const tag of [KIND.offsets, KIND.deltas, KIND.curves]) {
    const bytes = residualBytes(tag, steps);
    const expectedBytes = bytes.length < MIN_ZSTD_BYTES ? bytes.length : entropyBytes(bytes);
    if (expectedBytes >= bestBytes) continue;
    best = { tag, bytes };
    bestBytes = expectedBytes;
  }
  if (best.bytes.length < MIN_ZSTD_BYTES) return best;
  const packed = compress(best.bytes);
  return packed.length < best.bytes.length ? { tag: best.tag | ZSTD_FLAG, bytes: packed } : best;
}

/** What a perfect coder of single bytes would need (Shannon): close to zstd on short noisy input. */
function entropyBytes(bytes: Uint8Array): number {
  histogram.fill(0);
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i] ?? 0;
    histogram[byte] = (histogram[byte] ?? 0) + 1;
  }
  let sum = 0;
  for (let byte = 0; byte < histogram.length; byte += 1) {
    const count = histogram[byte] ?? 0;
    if (count > 1) sum += count * Math.log2(count);
  }
  return (bytes.length * Math.log2(bytes.length) - sum) / 8;
}

function scratchFor(kind: number, sizeBytes: number): Uint8Array {
  let bytes = scratch.get(kind);
  if (!bytes || bytes.length < sizeBytes) {
    bytes = new Uint8Array(sizeBytes);
    scratch.set(kind, bytes);
  }
  return bytes;
}

/** The residuals of one kind as varints, in a buffer that the next column uses again. */
function residualBytes(kind: number, steps: Float64Array): Uint8Array {
  const bytes = scratchFor(kind, steps.length * MAX_VARINT_BYTES);
  let length = 0;
  let previous = 0;
  let previousDelta = 0;
  for (let i = 0; i < steps.length; i += 1) {
    const step = steps[i] ?? 0;
    const delta = step - previous;
    let rest = step;
    if (kind === KIND.deltas) rest = zigzag(delta);
    else if (kind === KIND.curves) rest = zigzag(delta - previousDelta);
    previous = step;
    previousDelta = delta;
    length = putVarint(bytes, length, rest);
  }
  return bytes.subarray(0, length);
}

function readResiduals(reader: ByteReader, count: number, kind: number, zstd: boolean): Float64Array {
  const power = readPower(reader);
  const base = reader.signed();
  const divisor = reader.varint();
  const stored = reader.take(reader.varint());
  const bytes = zstd ? decompress(stored, count * MAX_VARINT_BYTES) : stored;
  const numbers = readVarints(bytes, count);
  if (kind === KIND.deltas) integrate(numbers);
  else if (kind === KIND.curves) integrateTwice(numbers);
  for (let i = 0; i < count; i += 1) numbers[i] = base + divisor * (numbers[i] ?? 0);
  return power === 1 ? numbers : divide(numbers, power);
}

function divide(numbers: Float64Array, power: number): Float64Array {
  for (let i = 0; i < numbers.length; i += 1) numbers[i] = (numbers[i] ?? 0) / power;
  return numbers;
}

/** Most residuals take one or two bytes: those are read in place, the others by the checked reader. */
function readVarints(bytes: Uint8Array, count: number): Float64Array {
  if (bytes.length < count) throw corruptChunk("there are fewer numbers than samples");
  const numbers = new Float64Array(count);
  let at = 0;
  for (let i = 0; i < count; i += 1) {
    const low = bytes[at] ?? 0;
    const high = bytes[at + 1] ?? 0;
    if (low < 128 && at < bytes.length) {
      numbers[i] = low;
      at += 1;
    } else if (high < 128 && at + 1 < bytes.length) {
      numbers[i] = low - 128 + high * 128;
      at += 2;
    } else {
      const reader = new ByteReader(bytes, at);
      numbers[i] = reader.varint();
      at = bytes.length - reader.remaining;
    }
  }
  if (at < bytes.length) throw corruptChunk("there are more numbers than samples");
  return numbers;
}

function integrate(numbers: Float64Array): void {
  let value = 0;
  for (let i = 0; i < numbers.length; i += 1) {
    value += unzigzag(numbers[i] ?? 0);
    numbers[i] = value;
  }
}

function integrateTwice(numbers: Float64Array): void {
  let delta = 0;
  let value = 0;
  for (let i = 0; i < numbers.length; i += 1) {
    delta += unzigzag(numbers[i] ?? 0);
    value += delta;
    numbers[i] = value;
  }
}

function readPower(reader: ByteReader): number {
  const decimals = reader.byte();
  if (decimals > MAX_DECIMALS) throw corruptChunk(`it has ${decimals} decimals`);
  return powerOfTen(decimals);
}
