import type { SeriesFilter } from "../series-filter.ts";
import type { LiveSeries, TickLog, TickMark } from "./tick-log.ts";

/** Readers at different ticks need different frames; more than this at once are rare enough to be made anew. */
const MAX_KEPT_FRAMES = 256;

/**
 * The frames of all readers with one filter: each is serialised once a tick and shared.
 * A frame's text depends only on where its reader stands, so it is the key.
 */
export class Frames {
  readonly filter: SeriesFilter;
  readonly #log: TickLog;
  readonly #scrub: (text: string) => string;
  readonly #kept = new Map<string, string>();
  #latestSeq: number | undefined;

  /** @param scrub takes secrets out of a text. Only what announces a series is text; values are numbers. */
  constructor(filter: SeriesFilter, log: TickLog, scrub: (text: string) => string) {
    this.filter = filter;
    this.#log = log;
    this.#scrub = scrub;
  }

  /** Everything the reader has to know at the latest tick. */
  snapshot(intervalSeconds: number): string {
    return this.#once(`snapshot ${intervalSeconds}`, () => this.#writeSnapshot(intervalSeconds));
  }

  /** What brings a reader of tick `fromSeq` to the tick `to`. */
  delta(fromSeq: number, to: TickMark): string {
    return this.#once(`${fromSeq} ${to.seq}`, () => this.#writeDelta(fromSeq, to));
  }

  #once(key: string, write: () => string): string {
    const seq = this.#log.latest?.seq;
    if (seq !== this.#latestSeq) {
      this.#kept.clear();
      this.#latestSeq = seq;
    }
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const text = write();
    if (this.#kept.size < MAX_KEPT_FRAMES) this.#kept.set(key, text);
    return text;
  }

  #writeSnapshot(intervalSeconds: number): string {
    const { seq, at } = this.#log.latest ?? { seq: 0, at: 0 };
    const series: string[] = [];
    const values: string[] = [];
    for (const entry of this.#log.present()) {
      if (!this.filter.matches(entry.definition)) continue;
      series.push(describe(entry));
      values.push(`"${entry.id}":${entry.value}`);
    }
    return `{"type":"snapshot","seq":${seq},"at":${at},"intervalSeconds":${intervalSeconds},"series":${this.#list(series)},"values":{${values.join()}}}`;
  }

  #writeDelta(fromSeq: number, to: TickMark): string {
    const changes = this.#log.changes(fromSeq, to.seq);
    const values: string[] = [];
    for (const [id, value] of changes.values) {
      if (this.#chooses(id)) values.push(`"${id}":${Number.isNaN(value) ? "null" : value}`);
    }
    const appeared = changes.appeared.filter((series) => this.filter.matches(series.definition));
    const series = appeared.length === 0 ? "" : `,"series":${this.#list(appeared.map(describe))}`;
    return `{"type":"delta","seq":${to.seq},"at":${to.at},"values":{${values.join()}}${series}}`;
  }

  #list(series: readonly string[]): string {
    return this.#scrub(`[${series.join()}]`);
  }

  #chooses(id: number): boolean {
    const series = this.#log.find(id);
    return series !== undefined && this.filter.matches(series.definition);
  }
}

function describe({ id, definition: { key, name, labels, unit } }: LiveSeries): string {
  return JSON.stringify({ id, key, name, labels, unit });
}
