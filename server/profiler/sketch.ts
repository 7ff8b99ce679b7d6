import { AppError } from "../errors/app-error.ts";

/**
 * A sketch of durations with relative error: DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile
 * sketch with relative-error guarantees", VLDB 2019). Bucket i holds the durations within (γ^(i−1), γ^i].
 */

/** How far a quantile may lie from the exact one, as a share of it. */
export const RELATIVE_ERROR = 0.01;
const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const LOG_GAMMA = Math.log(GAMMA);
const BUCKETS_PER_E = 1 / LOG_GAMMA;
/** Durations up to a microsecond share the lowest bucket: no clock of ours tells them apart. */
export const SHORTEST_MS = 0.001;
/** Durations above 30 days share the highest one; their maximum is exact all the same. */
export const LONGEST_MS = 30 * 86_400_000;
const LOWEST = indexOf(SHORTEST_MS);
const HIGHEST = indexOf(LONGEST_MS);
/** Buckets that are added at once when a duration falls outside those there are. */
const ROOM = 32;
const BYTE_BITS = 7;
const BYTE_MASK = 0x7f;
const MORE = 0x80;

/** Count, sum, extremes and distribution of durations in milliseconds; two of them merge without further loss. */
export class DurationSketch {
  count = 0;
  sumMs = 0;
  minMs = Number.POSITIVE_INFINITY;
  maxMs = 0;
  /** `#buckets[i]` counts the bucket `#first + i`. */
  #buckets = new Float64Array(0);
  #first = 0;

  /** Adds a duration; one that is no number or negative, as of a clock that stepped, counts as zero. */
  add(durationMs: number): void {
    const ms = durationMs > 0 && durationMs < Number.POSITIVE_INFINITY ? durationMs : 0;
    this.count++;
    this.sumMs += ms;
    if (ms < this.minMs) this.minMs = ms;
    if (ms > this.maxMs) this.maxMs = ms;
    this.#count(bucketOf(ms), 1);
  }

  /** Adds all that `other` holds. */
  merge(other: DurationSketch): void {
    this.#addFigures(other);
    const last = other.#buckets.length - 1;
    if (last < 0) return;
    // Room is made once, not bucket by bucket.
    this.#count(other.#first, 0);
    this.#count(other.#first + last, 0);
    const shift = other.#first - this.#first;
    for (let place = 0; place <= last; place++) {
      const count = other.#buckets[place] ?? 0;
      if (count > 0) this.#buckets[place + shift] = (this.#buckets[place + shift] ?? 0) + count;
    }
  }

  /** Adds what was stored, without making a sketch of it. @throws AppError `chunk_corrupt` as {@link from} */
  mergeStored(stored: StoredSketch): void {
    this.#addFigures(stored);
    this.#countStored(stored);
  }

  /** The mean in milliseconds; 0 when there is nothing. */
  get averageMs(): number {
    return this.count === 0 ? 0 : this.sumMs / this.count;
  }

  /**
   * The duration at rank ⌊q·(count − 1)⌋ of the sorted ones, within {@link RELATIVE_ERROR} of it; 0 when there is nothing.
   * @param q 0–1
   */
  quantile(q: number): number {
    if (this.count === 0) return 0;
    const rank = Math.floor(q * (this.count - 1));
    let seen = 0;
    // Lists are sorted by quantiles: a generator would cost several times as much.
    for (let place = 0; place < this.#buckets.length; place++) {
      seen += this.#buckets[place] ?? 0;
      if (seen > rank) return Math.min(this.maxMs, Math.max(this.minMs, middleOf(this.#first + place)));
    }
    return this.maxMs;
  }

  /**
   * How the durations are spread, from the shortest to the longest, in at most `most` columns whose edges grow by the
   * same factor; empty when there is nothing.
   */
  distribution(most: number): SketchColumn[] {
    const filled = [...this.#filled()];
    const [first, last] = [filled[0]?.[0], filled.at(-1)?.[0]];
    if (first === undefined || last === undefined) return [];
    const width = Math.ceil((last - first + 1) / most);
    const columns = Array.from({ length: Math.ceil((last - first + 1) / width) }, (_, n) => ({
      fromMs: edgeOf(first + n * width - 1),
      toMs: edgeOf(first + (n + 1) * width - 1),
      count: 0,
    }));
    for (const [bucket, count] of filled) {
      const column = columns[Math.floor((bucket - first) / width)];
      if (column) column.count += count;
    }
    return columns;
  }

  /** The buckets for storing: of each that is not empty, its distance to the one before and its count, as varints. */
  packBuckets(): Uint8Array {
    const bytes: number[] = [];
    let previous = LOWEST;
    for (const [bucket, count] of this.#filled()) {
      pushVarint(bytes, bucket - previous);
      pushVarint(bytes, count);
      previous = bucket;
    }
    return Uint8Array.from(bytes);
  }

  /** A sketch as it was stored. @throws AppError `chunk_corrupt` when the bytes are none of {@link packBuckets} */
  static from(stored: StoredSketch): DurationSketch {
    const sketch = new DurationSketch();
    sketch.mergeStored(stored);
    return sketch;
  }

  #addFigures({ count, sumMs, minMs, maxMs }: Omit<StoredSketch, "buckets">): void {
    this.count += count;
    this.sumMs += sumMs;
    this.minMs = Math.min(this.minMs, minMs);
    this.maxMs = Math.max(this.maxMs, maxMs);
  }

  #countStored(stored: StoredSketch): void {
    let bucket = LOWEST;
    let total = 0;
    const numbers = readVarints(stored.buckets);
    if (numbers.length % 2 !== 0) throw damaged();
    for (let place = 0; place < numbers.length; place += 2) {
      bucket += numbers[place] ?? 0;
      const count = numbers[place + 1] ?? 0;
      if (bucket > HIGHEST) throw damaged();
      this.#count(bucket, count);
      total += count;
    }
    if (total !== stored.count) throw damaged();
  }

  #count(bucket: number, count: number): void {
    let place = bucket - this.#first;
    if (place < 0 || place >= this.#buckets.length) {
      this.#makeRoom(bucket);
      place = bucket - this.#first;
    }
    this.#buckets[place] = (this.#buckets[place] ?? 0) + count;
  }

  #makeRoom(bucket: number): void {
    const isEmpty = this.#buckets.length === 0;
    const first = Math.max(LOWEST, Math.min(isEmpty ? bucket : this.#first, bucket - ROOM));
    const last = isEmpty ? bucket : this.#first + this.#buckets.length - 1;
    const end = Math.min(HIGHEST, Math.max(last, bucket + ROOM));
    const buckets = new Float64Array(end - first + 1);
    if (!isEmpty) buckets.set(this.#buckets, this.#first - first);
    this.#buckets = buckets;
    this.#first = first;
  }

  *#filled(): Generator<[bucket: number, count: number]> {
    for (let place = 0; place < this.#buckets.length; place++) {
      const count = this.#buckets[place] ?? 0;
      if (count > 0) yield [this.#first + place, count];
    }
  }
}

/** Durations within (fromMs, toMs]. */
export interface SketchColumn {
  fromMs: number;
  toMs: number;
  count: number;
}

/** A sketch at rest. */
export interface StoredSketch {
  count: number;
  sumMs: number;
  minMs: number;
  maxMs: number;
  buckets: Uint8Array;
}

/** A sketch's columns. */
export const storedSketch = (sketch: DurationSketch): StoredSketch & { buckets: Buffer } => ({
  count: sketch.count,
  sumMs: sketch.sumMs,
  minMs: sketch.minMs,
  maxMs: sketch.maxMs,
  buckets: Buffer.from(sketch.packBuckets()),
});

function indexOf(durationMs: number): number {
  return Math.ceil(Math.log(durationMs) * BUCKETS_PER_E);
}

function bucketOf(durationMs: number): number {
  if (durationMs <= SHORTEST_MS) return LOWEST;
  return durationMs >= LONGEST_MS ? HIGHEST : indexOf(durationMs);
}

/** What is at most {@link RELATIVE_ERROR} away from either end of the bucket. */
const middleOf = (bucket: number): number => (2 * GAMMA ** bucket) / (GAMMA + 1);

/** The upper edge of the bucket. */
const edgeOf = (bucket: number): number => (bucket < LOWEST ? 0 : GAMMA ** bucket);

function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest > BYTE_MASK) {
    bytes.push((rest % MORE) | MORE);
    rest = Math.floor(rest / MORE);
  }
  bytes.push(rest);
}

function readVarints(bytes: Uint8Array): number[] {
  const numbers: number[] = [];
  let value = 0;
  let factor = 1;
  for (const byte of bytes) {
    value += (byte & BYTE_MASK) * factor;
    if (!Number.isSafeInteger(value)) throw damaged();
    if (byte & MORE) factor *= 2 ** BYTE_BITS;
    else {
      numbers.push(value);
      value = 0;
      factor = 1;
    }
  }
  if (factor !== 1) throw damaged();
  return numbers;
}

const damaged = (): AppError => new AppError("chunk_corrupt", "A stored sketch of durations is damaged.");
