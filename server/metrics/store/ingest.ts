import type { Connection, Database } from "../../database/database.ts";
import { encodeTicks, MAX_TICK_VALUES, type Tick } from "../chunks/tick.ts";
import type { Measurement } from "../collect/collector.ts";
import { DAY_MS, floorTo, TIERS } from "../tiers.ts";
import type { Generation, Head } from "./head.ts";
import { quantise } from "./precision.ts";
import { insertSeries, type SeriesRegistry, type StoredSeries } from "./series-registry.ts";

/** A sample may be this much older than the newest: two days cover a sender that was cut off over a weekend night. */
const MAX_LATENESS_MS = 2 * DAY_MS;
/** A clock that is ahead by more is wrong, and its samples would sit in a future that nobody draws. */
const MAX_AHEAD_MS = 10 * 60_000;

/** Why samples were not taken. */
export type Refusal =
  | "not_finite"
  | "too_late"
  | "ahead"
  | "series_limit"
  | "head_full"
  | "paused"
  | "tick_too_large";

/** Samples of one moment. */
export interface TickMeasurements {
  /** Epoch ms; whole. Stamps at multiples of the interval compress to nothing. */
  readonly at: number;
  readonly measurements: readonly Measurement[];
}

/** What became of an append. */
export interface Appended {
  stored: number;
  refused: Partial<Record<Refusal, number>>;
}

/** The rules that samples are admitted by. */
export interface Admission {
  now: number;
  /** Raw samples before this are deleted. */
  rawFloor: number;
  maxSeries: number;
}

interface PreparedTick extends Tick {
  series: StoredSeries[];
}

/** Ticks of one append and one window: a row never spans two, so that the log can be cut where windows are sealed. */
interface LogRow {
  windowAt: number;
  ticks: PreparedTick[];
}

/** One append on its way: admitted and packed first, then written in one transaction, then published to the head. */
export class Ingest {
  readonly appended: Appended = { stored: 0, refused: {} };
  readonly #registry: SeriesRegistry;
  readonly #admission: Admission;
  readonly #drafts = new Map<string, StoredSeries>();
  readonly #rows: LogRow[] = [];

  constructor(registry: SeriesRegistry, admission: Admission) {
    this.#registry = registry;
    this.#admission = admission;
  }

  /** How many numbers of the log this append takes. */
  get rowCount(): number {
    return this.#rows.length;
  }

  refuse(refusal: Refusal, count: number): void {
    this.appended.refused[refusal] = (this.appended.refused[refusal] ?? 0) + count;
  }

  /** Admits the samples of one tick. */
  prepare({ at, measurements }: TickMeasurements): void {
    const refusal = this.#refusalOf(at, measurements.length);
    if (refusal) {
      this.refuse(refusal, measurements.length);
      return;
    }
    const series: StoredSeries[] = [];
    const ids = new Float64Array(measurements.length);
    const values = new Float64Array(measurements.length);
    for (let i = 0; i < measurements.length; i += 1) {
      const measurement = measurements[i];
      if (!measurement) continue;
      const target = this.#targetOf(measurement, i, at);
      if (!target) continue;
      ids[series.length] = target.id;
      values[series.length] = quantise(measurement.value, target.scale);
      series.push(target);
    }
    if (series.length > 0) this.#addToRow({ at, count: series.length, ids, values, series });
  }

  /** Writes series and log rows, numbered from `firstSeq`, in one transaction; a crash leaves all of the append or nothing. */
  async write(database: Database, firstSeq: number): Promise<void> {
    if (this.#rows.length === 0) return;
    const packed = this.#rows.map(({ ticks }) => encodeTicks(ticks));
    await database.write((tx: Connection) => {
      for (const draft of this.#drafts.values()) insertSeries(tx, draft);
      const insert = tx.$client.query("INSERT INTO sample_log VALUES (?, ?, ?)");
      for (const [i, { windowAt }] of this.#rows.entries())
        insert.run(firstSeq + i, windowAt, packed[i] ?? null);
    });
  }

  /** Makes what was written visible. */
  publish(head: Head, firstSeq: number): void {
    for (const draft of this.#drafts.values()) this.#registry.add(draft);
    for (const [i, { windowAt, ticks }] of this.#rows.entries()) {
      const generation = head.openRow(firstSeq + i, windowAt);
      for (const { at, series, values } of ticks) {
        for (let k = 0; k < series.length; k += 1) {
          const target = series[k];
          if (target) publishSample(generation, target, at, values[k] ?? 0);
        }
        this.appended.stored += series.length;
      }
    }
  }

  #addToRow(tick: PreparedTick): void {
    const windowAt = floorTo(tick.at, TIERS.raw.windowMs);
    const row = this.#rows.at(-1);
    if (row?.windowAt === windowAt) row.ticks.push(tick);
    else this.#rows.push({ windowAt, ticks: [tick] });
  }

  #targetOf({ series, value }: Measurement, position: number, at: number): StoredSeries | undefined {
    if (Number.isFinite(value)) {
      return this.#registry.findByDefinition(series, position) ?? this.#draft(series, at);
    }
    this.refuse("not_finite", 1);
    return undefined;
  }

  #refusalOf(at: number, count: number): Refusal | undefined {
    const { now, rawFloor } = this.#admission;
    if (!Number.isSafeInteger(at) || at > now + MAX_AHEAD_MS) return "ahead";
    // The whole day must be there, because a late sample makes its rollups anew.
    if (at < now - MAX_LATENESS_MS || floorTo(at, DAY_MS) < rawFloor) return "too_late";
    return count > MAX_TICK_VALUES ? "tick_too_large" : undefined;
  }

  #draft(definition: Measurement["series"], at: number): StoredSeries | undefined {
    const known = this.#drafts.get(definition.key);
    if (known) return known;
    if (this.#registry.size + this.#drafts.size >= this.#admission.maxSeries) {
      this.refuse("series_limit", 1);
      return undefined;
    }
    const draft = this.#registry.draft(definition, at, this.#drafts.size);
    this.#drafts.set(definition.key, draft);
    return draft;
  }
}

/** Puts one sample into the head and remembers it as the newest where it is. */
export function publishSample(generation: Generation, series: StoredSeries, at: number, value: number): void {
  generation.put(series.id, at, value);
  if (at < series.lastSeenAt) return;
  series.lastSeenAt = at;
  series.lastValue = value;
}
