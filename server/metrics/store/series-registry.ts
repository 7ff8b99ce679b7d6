import type { Connection } from "../../database/database.ts";
import type { SeriesDefinition, SeriesLabels, SeriesUnit } from "../series.ts";
import { DAY_MS, floorTo } from "../tiers.ts";
import { scaleOf } from "./precision.ts";

/** A series that has samples, with what moves. Read it; only the store changes it. */
export interface StoredSeries {
  readonly id: number;
  readonly definition: SeriesDefinition;
  /** What values are rounded to; see `quantise`. */
  readonly scale: number | undefined;
  readonly firstSeenAt: number;
  lastSeenAt: number;
  /** `undefined` after a start, until its first sample when none is in the log. */
  lastValue: number | undefined;
  /** Rows of the log up to this one are in chunks. */
  sealedSeq: number;
  /** Rollups before this time are in chunks; a multiple of a day. */
  rolledUntil: number;
}

interface SeriesRow {
  id: number;
  key: string;
  name: string;
  labels: string;
  unit: SeriesUnit;
  help: string;
  first_seen_at: number;
  last_seen_at: number;
  sealed_seq: number;
  rolled_until: number;
}

/** All series, in memory because every tick and every query names some; the table is its copy for the next start. */
export class SeriesRegistry {
  readonly #byKey = new Map<string, StoredSeries>();
  readonly #byId = new Map<number, StoredSeries>();
  /** Collectors share their definitions from tick to tick: this spares hashing the key, */
  #byDefinition = new WeakMap<SeriesDefinition, StoredSeries>();
  /** and mostly in the same order: this spares even that lookup. */
  #byPosition: { definition: SeriesDefinition; series: StoredSeries }[] = [];
  #nextId = 1;

  get size(): number {
    return this.#byKey.size;
  }

  /** Replaces everything by what the file holds. */
  load(connection: Connection): void {
    this.#byKey.clear();
    this.#byId.clear();
    this.#forgetDefinitions();
    this.#nextId = 1;
    for (const row of connection.$client.query<SeriesRow, []>("SELECT * FROM series ORDER BY id").all()) {
      this.add(fromRow(row));
    }
  }

  find(key: string): StoredSeries | undefined {
    return this.#byKey.get(key);
  }

  findById(id: number): StoredSeries | undefined {
    return this.#byId.get(id);
  }

  /** @param position where in its tick the definition stands; only a hint */
  findByDefinition(definition: SeriesDefinition, position: number): StoredSeries | undefined {
    const expected = this.#byPosition[position];
    if (expected?.definition === definition) return expected.series;
    const series = this.#byDefinition.get(definition) ?? this.#byKey.get(definition.key);
    if (!series) return undefined;
    this.#byDefinition.set(definition, series);
    if (position <= this.#byPosition.length) this.#byPosition[position] = { definition, series };
    return series;
  }

  /** In order of identifiers, that is of first appearance. */
  list(): StoredSeries[] {
    return [...this.#byId.values()];
  }

  /** A new series with the identifier `offset` places after the next free one; not known before {@link add}. */
  draft(definition: SeriesDefinition, at: number, offset: number): StoredSeries {
    return {
      id: this.#nextId + offset,
      definition,
      scale: scaleOf(definition.unit),
      firstSeenAt: at,
      lastSeenAt: at,
      lastValue: undefined,
      sealedSeq: 0,
      rolledUntil: floorTo(at, DAY_MS),
    };
  }

  add(series: StoredSeries): void {
    this.#byKey.set(series.definition.key, series);
    this.#byId.set(series.id, series);
    this.#nextId = Math.max(this.#nextId, series.id + 1);
  }

  remove(series: StoredSeries): void {
    this.#byKey.delete(series.definition.key);
    this.#byId.delete(series.id);
    this.#forgetDefinitions();
  }

  #forgetDefinitions(): void {
    this.#byDefinition = new WeakMap();
    this.#byPosition = [];
  }
}

/** Writes the row of a new series. */
export function insertSeries(tx: Connection, { id, definition, ...times }: StoredSeries): void {
  tx.$client
    .query("INSERT INTO series VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    .run(
      id,
      definition.key,
      definition.name,
      JSON.stringify(definition.labels),
      definition.unit,
      definition.help,
      times.firstSeenAt,
      times.lastSeenAt,
      times.sealedSeq,
      times.rolledUntil,
    );
}

/** Writes how far a series is sealed and rolled up. */
export function updateProgress(
  tx: Connection,
  { id }: StoredSeries,
  progress: Pick<StoredSeries, "lastSeenAt" | "sealedSeq" | "rolledUntil">,
): void {
  tx.$client
    .query("UPDATE series SET last_seen_at = ?, sealed_seq = ?, rolled_until = ? WHERE id = ?")
    .run(progress.lastSeenAt, progress.sealedSeq, progress.rolledUntil, id);
}

/** Deletes the row of a series; its chunks are gone already. */
export function deleteSeries(tx: Connection, { id }: StoredSeries): void {
  tx.$client.query("DELETE FROM series WHERE id = ?").run(id);
}

function fromRow(row: SeriesRow): StoredSeries {
  const { key, name, unit, help } = row;
  const labels = JSON.parse(row.labels) as SeriesLabels;
  return {
    id: row.id,
    definition: Object.freeze({ key, name, labels: Object.freeze(labels), unit, help }),
    scale: scaleOf(unit),
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    lastValue: undefined,
    sealedSeq: row.sealed_seq,
    rolledUntil: row.rolled_until,
  };
}
