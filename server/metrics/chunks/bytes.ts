import { AppError } from "../../errors/app-error.ts";

const INITIAL_CAPACITY_BYTES = 1024;
/** Seven bits a byte: the largest safe integer fits eight. */
export const MAX_VARINT_BYTES = 8;
/** Below this the bit operators of JavaScript are exact and fast. */
const SMALL = 2 ** 28;

/** The error of every way in which stored bytes can be wrong. */
export function corruptChunk(reason: string): AppError {
  return new AppError("chunk_corrupt", `A stored chunk of samples is damaged: ${reason}.`);
}

/** A growing buffer: little-endian doubles, unsigned LEB128 varints of safe integers, raw bytes. */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacityBytes = INITIAL_CAPACITY_BYTES) {
    this.#bytes = new Uint8Array(capacityBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  /** What was written so far; a view that the next write may outdate. */
  get written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length) as Uint8Array<ArrayBuffer>;
  }

  clear(): void {
    this.#length = 0;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** @param value an integer from 0 to 2^53 − 1 */
  varint(value: number): void {
    this.#reserve(MAX_VARINT_BYTES);
    this.#length = putVarint(this.#bytes, this.#length, value);
  }

  /** @param value an integer of at most 52 bits and a sign */
  signed(value: number): void {
    this.varint(zigzag(value));
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** Reads what {@link ByteWriter} wrote. Every read is checked: outside the bytes it throws `chunk_corrupt`. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    this.#need(1);
    return this.#view.getUint8(this.#at++);
  }

  uint32(): number {
    this.#need(4);
    const value = this.#view.getUint32(this.#at, true);
    this.#at += 4;
    return value;
  }

  double(): number {
    this.#need(8);
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  /** @returns an integer from 0 to 2^53 − 1 */
  varint(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    let byte = bytes[at++] ?? this.#truncated();
    let value = byte & 127;
    for (let scale = 128, read = 1; byte >= 128; scale *= 128, read += 1) {
      if (read === MAX_VARINT_BYTES) throw corruptChunk("a number is longer than eight bytes");
      byte = bytes[at++] ?? this.#truncated();
      value += (byte & 127) * scale;
    }
    if (value > Number.MAX_SAFE_INTEGER) throw corruptChunk("a number is larger than 53 bits");
    this.#at = at;
    return value;
  }

  signed(): number {
    return unzigzag(this.varint());
  }

  /** A view of the next `count` bytes. */
  take(count: number): Uint8Array {
    this.#need(count);
    const bytes = this.#bytes.subarray(this.#at, this.#at + count);
    this.#at += count;
    return bytes;
  }

  #need(count: number): void {
    if (this.#at + count > this.#bytes.length) this.#truncated();
  }

  #truncated(): never {
    throw corruptChunk("it ends too early");
  }
}

/** Writes `value` (0 to 2^53 − 1) at `at` as an unsigned LEB128 varint; returns where the next one goes. */
export function putVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  let next = at;
  while (rest >= SMALL) {
    const higher = Math.floor(rest / 128);
    bytes[next++] = (rest - higher * 128) | 128;
    rest = higher;
  }
  while (rest >= 128) {
    bytes[next++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  bytes[next++] = rest;
  return next;
}

/** Folds the sign into the lowest bit, so that small numbers of either sign are short. */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

/** The inverse of {@link zigzag}. */
export function unzigzag(value: number): number {
  // `%` on doubles is a library call; this is two instructions.
  const half = Math.floor(value / 2);
  return half * 2 === value ? half : -half - 1;
}
