import type { Measurement } from "../collect/collector.ts";
import { crosses } from "../sampling/period.ts";
import type { SeriesDefinition } from "../series.ts";

/** One ring of 10,000 series at one second would outgrow memory long before the time limit. */
const MAX_CHANGES = 1_000_000;

/** A series as live readers know it: the short id stands for the key within one run of the server. */
export interface LiveSeries {
  readonly id: number;
  readonly definition: SeriesDefinition;
}

/** The present value of a series; NaN while it has none. */
interface Entry extends LiveSeries {
  value: number;
  seenSeq: number;
  changedSeq: number;
}

/** A tick's number and its wall time in epoch milliseconds. */
export interface TickMark {
  readonly seq: number;
  readonly at: number;
}

/** What one sampling changed against the one before: parallel lists, NaN for a series that vanished. */
interface Tick extends TickMark {
  readonly takenMs: number;
  readonly ids: number[];
  readonly values: number[];
  readonly appeared: number[];
}

/** The difference between two ticks. */
export interface Changes {
  /** Id → new value; NaN when the series vanished. */
  readonly values: ReadonlyMap<number, number>;
  /** Series that the reader of the earlier tick may not know. */
  readonly appeared: readonly LiveSeries[];
}

/**
 * The recent samplings as changes, numbered without holes, so that a reader of any of them can be brought to any
 * later one. Bounded by time and by the number of changes. A value is absolute: applying a change twice does no harm.
 */
export class TickLog {
  readonly #keepMs: () => number;
  readonly #byKey = new Map<string, Entry>();
  readonly #byId = new Map<number, Entry>();
  readonly #ticks: Tick[] = [];
  #changeCount = 0;
  #nextSeq: number;
  #nextId = 1;

  /**
   * @param firstSeq the number of the first tick. The wall time in milliseconds at start is good: ticks are at least
   *   a second apart, so a later run of the server never reuses the numbers of an earlier one.
   * @param keepMs how long a tick can be resumed from.
   */
  constructor(firstSeq: number, keepMs: () => number) {
    this.#nextSeq = firstSeq;
    this.#keepMs = keepMs;
  }

  /** The latest tick; undefined before the first. */
  get latest(): TickMark | undefined {
    return this.#ticks.at(-1);
  }

  /** Series that have a value now, with it. */
  *present(): Generator<LiveSeries & { readonly value: number }> {
    for (const entry of this.#byKey.values()) if (!Number.isNaN(entry.value)) yield entry;
  }

  /** Whether {@link changes} can begin at `seq`. */
  reaches(seq: number): boolean {
    const [oldest] = this.#ticks;
    return oldest !== undefined && Number.isInteger(seq) && seq >= oldest.seq - 1 && seq < this.#nextSeq;
  }

  /** The kept ticks after `seq` that a reader of one frame every `periodMs` was due to get, oldest first. */
  dueAfter(seq: number, periodMs: number): TickMark[] {
    const [oldest] = this.#ticks;
    if (oldest === undefined) return [];
    const start = Math.max(0, seq - oldest.seq + 1);
    return this.#ticks.filter(
      (tick, index) => index >= start && crosses(this.#ticks[index - 1]?.at, tick.at, periodMs),
    );
  }

  /**
   * Adds a sampling.
   * @param at wall time of the sampling in epoch milliseconds.
   * @param nowMs monotonic time, by which old ticks go.
   */
  push(at: number, measurements: readonly Measurement[], nowMs: number): void {
    const tick: Tick = { seq: this.#nextSeq++, at, takenMs: nowMs, ids: [], values: [], appeared: [] };
    for (const { series, value } of measurements) this.#measure(tick, this.#entryOf(series), value);
    for (const entry of this.#byKey.values()) {
      if (entry.seenSeq !== tick.seq && !Number.isNaN(entry.value)) record(tick, entry, Number.NaN);
    }
    this.#ticks.push(tick);
    this.#changeCount += tick.ids.length;
    this.#forgetOld(nowMs);
  }

  /** Everything that brings a reader from tick `fromSeq` (which {@link reaches}) to tick `toSeq`. */
  changes(fromSeq: number, toSeq: number): Changes {
    const values = new Map<number, number>();
    const appeared = new Set<number>();
    const bornWithin = new Set<number>();
    for (const tick of this.#slice(fromSeq, toSeq)) {
      for (const id of tick.appeared) {
        if (!values.has(id)) bornWithin.add(id);
        appeared.add(id);
      }
      for (const [index, id] of tick.ids.entries()) values.set(id, tick.values[index] ?? Number.NaN);
    }
    for (const [id, value] of values) {
      if (!Number.isNaN(value)) continue;
      appeared.delete(id);
      if (bornWithin.has(id)) values.delete(id);
    }
    return { values, appeared: [...appeared].flatMap((id) => this.#byId.get(id) ?? []) };
  }

  /** The series of an id that stands in a kept tick. */
  find(id: number): LiveSeries | undefined {
    return this.#byId.get(id);
  }

  #slice(fromSeq: number, toSeq: number): readonly Tick[] {
    const [oldest] = this.#ticks;
    return oldest === undefined ? [] : this.#ticks.slice(fromSeq - oldest.seq + 1, toSeq - oldest.seq + 1);
  }

  #measure(tick: Tick, entry: Entry, value: number): void {
    entry.seenSeq = tick.seq;
    if (entry.value === value) return;
    if (Number.isNaN(entry.value)) tick.appeared.push(entry.id);
    record(tick, entry, value);
  }

  #entryOf(definition: SeriesDefinition): Entry {
    const known = this.#byKey.get(definition.key);
    if (known) return known;
    const entry = { id: this.#nextId++, definition, value: Number.NaN, seenSeq: 0, changedSeq: 0 };
    this.#byKey.set(definition.key, entry);
    this.#byId.set(entry.id, entry);
    return entry;
  }

  #forgetOld(nowMs: number): void {
    const keepMs = this.#keepMs();
    for (;;) {
      const [oldest] = this.#ticks;
      if (oldest === undefined || this.#ticks.length === 1) return;
      if (nowMs - oldest.takenMs <= keepMs && this.#changeCount <= MAX_CHANGES) return;
      this.#ticks.shift();
      this.#changeCount -= oldest.ids.length;
      for (const id of oldest.ids) this.#forgetVanished(id, oldest.seq);
    }
  }

  /** A vanished series is forgotten once no kept tick speaks of it. */
  #forgetVanished(id: number, seq: number): void {
    const entry = this.#byId.get(id);
    if (!entry || !Number.isNaN(entry.value) || entry.changedSeq > seq) return;
    this.#byId.delete(id);
    this.#byKey.delete(entry.definition.key);
  }
}

function record(tick: Tick, entry: Entry, value: number): void {
  entry.value = value;
  entry.changedSeq = tick.seq;
  tick.ids.push(entry.id);
  tick.values.push(value);
}
