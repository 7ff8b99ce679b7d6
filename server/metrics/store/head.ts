import type { Samples } from "../chunks/chunk.ts";
import { lowerBound } from "../rollup.ts";

/** A generation is sealed early beyond this; at 16 bytes a sample it bounds the head to 64 MB. */
const MAX_GENERATION_SAMPLES = 2_000_000;
const MAX_HEAD_SAMPLES = 2 * MAX_GENERATION_SAMPLES;
/** Columns kept for the next hour instead of growing new ones: the hour's allocations were a fifth of ingest. */
const MAX_SPARE_COLUMNS = 2_000;
/** Doubles into the 720 samples of an hour at 5 s exactly. */
const INITIAL_COLUMN_SAMPLES = 90;

/** Samples of one series that are not sealed yet, sorted by time. */
class HeadColumn {
  #times = new Float64Array(INITIAL_COLUMN_SAMPLES);
  #values = new Float64Array(INITIAL_COLUMN_SAMPLES);
  #length = 0;

  /** Adds a sample, or replaces the one of the same moment. Returns how many more there are. */
  put(time: number, value: number): 0 | 1 {
    let at = this.#length;
    if (at > 0 && time <= (this.#times[at - 1] ?? 0)) {
      at = lowerBound(this.#times.subarray(0, at), time);
      if (this.#times[at] === time) {
        this.#values[at] = value;
        return 0;
      }
    }
    if (this.#length === this.#times.length) this.#grow();
    if (at < this.#length) {
      this.#times.copyWithin(at + 1, at, this.#length);
      this.#values.copyWithin(at + 1, at, this.#length);
    }
    this.#times[at] = time;
    this.#values[at] = value;
    this.#length += 1;
    return 1;
  }

  /** A view: use it before the next `put`. */
  get samples(): Samples {
    return { times: this.#times.subarray(0, this.#length), values: this.#values.subarray(0, this.#length) };
  }

  clear(): void {
    this.#length = 0;
  }

  #grow(): void {
    const [times, values] = [this.#times, this.#values];
    this.#times = new Float64Array(times.length * 2);
    this.#values = new Float64Array(times.length * 2);
    this.#times.set(times);
    this.#values.set(values);
  }
}

/** What is sealed together: all rows of the log from one hour's first to its last. */
export class Generation {
  /** By identifier, with holes: identifiers are dense, and this lookup is made for every sample. */
  readonly #columns: (HeadColumn | undefined)[] = [];
  readonly windowAt: number;
  readonly #spare: HeadColumn[];
  lastSeq = 0;
  sampleCount = 0;

  /** @param spare emptied columns, to take from and to give back to */
  constructor(windowAt: number, spare: HeadColumn[]) {
    this.windowAt = windowAt;
    this.#spare = spare;
  }

  /** Series that have samples here. */
  get seriesIds(): number[] {
    const ids: number[] = [];
    for (const [id, column] of this.#columns.entries()) if (column) ids.push(id);
    return ids;
  }

  put(seriesId: number, time: number, value: number): void {
    let column = this.#columns[seriesId];
    if (!column) {
      column = this.#spare.pop() ?? new HeadColumn();
      this.#columns[seriesId] = column;
    }
    this.sampleCount += column.put(time, value);
  }

  /** A view: use it before the next `put`. */
  samplesOf(seriesId: number): Samples | undefined {
    return this.#columns[seriesId]?.samples;
  }

  /** Forgets the samples of a series, which are sealed; views on them are void from here on. */
  forget(seriesId: number): void {
    const column = this.#columns[seriesId];
    if (!column) return;
    this.#columns[seriesId] = undefined;
    column.clear();
    if (this.#spare.length < MAX_SPARE_COLUMNS) this.#spare.push(column);
  }
}

/**
 * The newest samples in memory, the mirror of the log, for queries and sealing. Only the last generation grows: the
 * first row of a new hour begins the next one, and the finished one waits to be sealed.
 */
export class Head {
  readonly #generations: Generation[] = [];
  readonly #spare: HeadColumn[] = [];

  get isFull(): boolean {
    return this.sampleCount >= MAX_HEAD_SAMPLES;
  }

  get sampleCount(): number {
    return this.#generations.reduce((sum, generation) => sum + generation.sampleCount, 0);
  }

  /** Generations that take no more samples, oldest first. */
  get finished(): readonly Generation[] {
    return this.#generations.slice(0, -1);
  }

  /** The beginning of the hour that grows, or `undefined` before the first tick. */
  get windowAt(): number | undefined {
    return this.#generations.at(-1)?.windowAt;
  }

  /** Begins a generation where the row asks for one; called once before the samples of each row of the log. */
  openRow(seq: number, windowAt: number): Generation {
    let current = this.#generations.at(-1);
    const isOver = !current || windowAt > current.windowAt || current.sampleCount >= MAX_GENERATION_SAMPLES;
    if (!current || isOver) {
      current = new Generation(Math.max(windowAt, current?.windowAt ?? windowAt), this.#spare);
      this.#generations.push(current);
    }
    current.lastSeq = seq;
    return current;
  }

  /** Runs of samples of one series, oldest generation first; views, see {@link Generation.samplesOf}. */
  runsOf(seriesId: number): Samples[] {
    const runs: Samples[] = [];
    for (const generation of this.#generations) {
      const samples = generation.samplesOf(seriesId);
      if (samples) runs.push(samples);
    }
    return runs;
  }

  /** Forgets what is sealed. */
  drop(generation: Generation): void {
    const at = this.#generations.indexOf(generation);
    if (at >= 0) this.#generations.splice(at, 1);
  }
}
