import type { SeriesFilter } from "../series-filter.ts";
import type { LiveConnection } from "./connection.ts";
import type { Frames } from "./frames.ts";

interface IntervalGroup {
  readonly readers: Set<LiveConnection>;
  readonly release: () => void;
}

interface FilterGroup {
  readonly frames: Frames;
  readers: number;
}

/** All readers, by interval and by filter. Empty groups leave nothing behind. */
export class Readers {
  readonly #demand: (intervalSeconds: number) => () => void;
  readonly #makeFrames: (filter: SeriesFilter) => Frames;
  readonly #byInterval = new Map<number, IntervalGroup>();
  readonly #byFilter = new Map<string, FilterGroup>();
  #size = 0;

  constructor(demand: (intervalSeconds: number) => () => void, makeFrames: (filter: SeriesFilter) => Frames) {
    this.#demand = demand;
    this.#makeFrames = makeFrames;
  }

  get size(): number {
    return this.#size;
  }

  /** Interval in seconds → its readers. */
  *groups(): Generator<[number, ReadonlySet<LiveConnection>]> {
    for (const [seconds, { readers }] of this.#byInterval) yield [seconds, readers];
  }

  /** The frames that readers of this filter share. */
  framesOf(filter: SeriesFilter): Frames {
    return this.#byFilter.get(filter.text)?.frames ?? this.#makeFrames(filter);
  }

  add(connection: LiveConnection): void {
    const { text } = connection.frames.filter;
    const group = this.#byFilter.get(text) ?? { frames: connection.frames, readers: 0 };
    group.readers += 1;
    this.#byFilter.set(text, group);
    this.#enter(connection);
    this.#size += 1;
  }

  remove(connection: LiveConnection): void {
    this.#exit(connection);
    this.#size -= 1;
    const { text } = connection.frames.filter;
    const group = this.#byFilter.get(text);
    if (!group) return;
    group.readers -= 1;
    if (group.readers === 0) this.#byFilter.delete(text);
  }

  regroup(connection: LiveConnection, intervalSeconds: number): void {
    this.#exit(connection);
    connection.intervalSeconds = intervalSeconds;
    this.#enter(connection);
  }

  #enter(connection: LiveConnection): void {
    const seconds = connection.intervalSeconds;
    let group = this.#byInterval.get(seconds);
    if (!group) {
      group = { readers: new Set(), release: this.#demand(seconds) };
      this.#byInterval.set(seconds, group);
    }
    group.readers.add(connection);
  }

  #exit(connection: LiveConnection): void {
    const group = this.#byInterval.get(connection.intervalSeconds);
    if (!group) return;
    group.readers.delete(connection);
    if (group.readers.size > 0) return;
    this.#byInterval.delete(connection.intervalSeconds);
    group.release();
  }
}
