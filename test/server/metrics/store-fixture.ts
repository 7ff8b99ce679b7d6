import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SAMPLES_MIGRATIONS } from "../../../schema/migrations/samples/index.ts";
import { Database } from "../../../server/database/database.ts";
import { silentLogger } from "../../../server/logs/logger.ts";
import type { DiskSpace, Retention } from "../../../server/metrics/retention.ts";
import { defineSeries, type SeriesDefinition, type SeriesUnit } from "../../../server/metrics/series.ts";
import { type Appended, SAMPLES_FILE, SampleStore } from "../../../server/metrics/store.ts";
import { ManualClock } from "../../support/manual-clock.ts";

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** A midnight. */
export const START = Date.UTC(2030, 0, 1);

/** A series as collectors define them. */
export function series(label = "a", unit: SeriesUnit = "percent"): SeriesDefinition {
  return defineSeries("test_value", { part: label }, unit, "A value under test.");
}

/** A store on a real file in a folder of its own, with a clock that the test owns. */
export class StoreFixture {
  readonly folder = mkdtempSync(join(tmpdir(), "binnacle-samples-"));
  readonly path = join(this.folder, "samples.db");
  readonly clock = new ManualClock(START);
  disk: DiskSpace = { freeBytes: 50, totalBytes: 100 };
  database = this.#open();
  store = this.#load();
  #retention: Retention | undefined;

  configure(retention: Retention): void {
    this.#retention = retention;
    this.store.configure(retention);
  }

  /** Appends one tick at the clock's time. */
  append(values: readonly (readonly [SeriesDefinition, number])[], at = this.clock.now()): Promise<Appended> {
    return this.store.append([
      { at, measurements: values.map(([target, value]) => ({ series: target, value })) },
    ]);
  }

  /** Appends one value every `stepMs` for `durationMs`; the clock moves along. `value` gets the number of the sample. */
  async record(
    target: SeriesDefinition,
    durationMs: number,
    value: (i: number) => number,
    stepMs = 5 * SECOND,
  ): Promise<void> {
    const begin = this.clock.now();
    for (let i = 0; i * stepMs < durationMs; ) {
      const ticks = [];
      for (let k = 0; k < 720 && i * stepMs < durationMs; k += 1, i += 1) {
        ticks.push({ at: begin + i * stepMs, measurements: [{ series: target, value: value(i) }] });
      }
      this.clock.setWall(begin + i * stepMs);
      await this.store.append(ticks);
      await this.store.maintain();
    }
  }

  /** What a crash leaves and the next start makes of it: nothing is closed in order, the file is opened anew. */
  async restart(): Promise<void> {
    await this.database.close();
    this.database = this.#open();
    this.store = this.#load();
  }

  idOf(target: SeriesDefinition): number {
    const found = this.store.findSeries(target.key);
    if (!found) throw new Error(`${target.key} is not stored`);
    return found.id;
  }

  /** Every sample of a series as [time, value] pairs. */
  async samplesOf(
    target: SeriesDefinition,
    from = 0,
    to = this.clock.now() + DAY,
  ): Promise<[number, number][]> {
    const pairs: [number, number][] = [];
    const query = { seriesIds: [this.idOf(target)], from, to, resolution: "raw" } as const;
    for await (const { rows } of this.store.exportRows(query)) {
      for (const [i, time] of rows.times.entries()) pairs.push([time, rows.min[i] ?? Number.NaN]);
    }
    return pairs;
  }

  count(sql: string): number {
    const row = this.database.reader.$client.query<{ n: number }, []>(sql).get();
    return row?.n ?? 0;
  }

  async close(): Promise<void> {
    await this.database.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #open(): Database {
    return Database.open({ path: this.path, migrations: SAMPLES_MIGRATIONS, ...SAMPLES_FILE });
  }

  #load(): SampleStore {
    return SampleStore.open({
      database: this.database,
      clock: this.clock,
      log: silentLogger,
      readDisk: () => this.disk,
      ...(this.#retention && { retention: this.#retention }),
    });
  }
}
