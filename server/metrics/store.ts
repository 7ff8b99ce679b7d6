import type { Database } from "../database/database.ts";
import { AppError } from "../errors/app-error.ts";
import { startBreathing } from "../lib/breathe.ts";
import type { Clock } from "../lib/clock.ts";
import { Mutex } from "../lib/mutex.ts";
import type { Logger } from "../logs/logger.ts";
import {
  DEFAULT_RETENTION,
  type DiskSpace,
  forecastSize,
  type Retention,
  type SizeForecast,
} from "./retention.ts";
import { ChunkDecoder } from "./store/chunk-table.ts";
import { DiskGuard } from "./store/disk-guard.ts";
import { fileSizeBytes, measureGrowth } from "./store/file-size.ts";
import { Head } from "./store/head.ts";
import { type Appended, Ingest, type Refusal, type TickMeasurements } from "./store/ingest.ts";
import {
  drawSeries,
  type ExportedRows,
  type ExportQuery,
  exportSeries,
  MAX_POINTS,
  type QueriedSeries,
  type SeriesQuery,
} from "./store/query.ts";
import type { Sources } from "./store/reading.ts";
import { replayLog } from "./store/recovery.ts";
import { Refusals } from "./store/refusals.ts";
import { rollUpDays } from "./store/rolling.ts";
import { sealGeneration } from "./store/sealing.ts";
import { SeriesRegistry, type StoredSeries } from "./store/series-registry.ts";
import type { LatestValue, StoreStatus } from "./store/status.ts";
import { type Floors, loadFloors, Trimmer } from "./store/trimming.ts";
import { DAY_MS, floorTo, TIERS } from "./tiers.ts";

export type {
  Appended,
  ExportedRows,
  ExportQuery,
  LatestValue,
  QueriedSeries,
  SeriesQuery,
  StoredSeries,
  StoreStatus,
  TickMeasurements,
};

/**
 * How the samples file is opened. A tick's commit writes whole pages, so they are small: pages of 8 KiB made the file
 * 4 % smaller and every commit twice as large, pages of 16 KiB 6 % smaller and ingest a third slower.
 */
export const SAMPLES_FILE = { synchronous: "NORMAL", pageSizeBytes: 4_096, incrementalVacuum: true } as const;

/** What the store is made of. */
export interface SampleStoreOptions {
  database: Database;
  clock: Clock;
  log: Logger;
  retention?: Retention;
  /** Space on the disk of the samples file; without it writing never pauses. */
  readDisk?: () => DiskSpace;
}

/**
 * The time-series store: everything that is measured, in one SQLite file.
 *
 * An append is a row of the log and lives in the head, its mirror in memory, for queries. `maintain` seals each hour of
 * it into compressed chunks, one a series; each whole day into rollups of minutes and hours; and deletes what retention
 * does not keep. Rollups are made of stored samples alone, and what is not rolled up yet is rolled up on reading, so
 * that each tier always answers up to the present.
 *
 * After a crash `open` reads the log back: every append that was acknowledged is there (after a power cut, all but the
 * last moments: `synchronous` is NORMAL). What each verb leaves half done is said where it is done.
 */
export class SampleStore {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #registry = new SeriesRegistry();
  readonly #decoder: ChunkDecoder;
  readonly #disk: DiskGuard;
  readonly #appending = new Mutex();
  readonly #maintaining = new Mutex();
  readonly #refusals: Refusals;
  #retention: Retention;
  #head = new Head();
  #floors: Floors = { raw: 0, "1m": 0, "1h": 0 };
  #nextSeq = 1;
  #lostRows = 0;
  #trimmedAt = 0;

  private constructor(options: SampleStoreOptions) {
    this.#database = options.database;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#retention = options.retention ?? DEFAULT_RETENTION;
    this.#refusals = new Refusals(options.log);
    this.#disk = new DiskGuard(options.clock, options.log, options.readDisk);
    this.#decoder = new ChunkDecoder((chunkId, error) =>
      this.#log.error("A chunk of samples is damaged and is left out", { chunkId, error }),
    );
  }

  /** Reads the series and the log of an open database. */
  static open(options: SampleStoreOptions): SampleStore {
    const store = new SampleStore(options);
    store.#load();
    return store;
  }

  /** Reads everything again: after the database was closed and reopened, perhaps with another file. */
  reload(): Promise<void> {
    return this.#maintaining.run(() => this.#appending.run(() => this.#load()));
  }

  #load(): void {
    const { reader } = this.#database;
    this.#registry.load(reader);
    this.#floors = loadFloors(reader);
    this.#head = new Head();
    const { nextSeq, lostRows } = replayLog(reader, this.#registry, this.#head, (seq, error) =>
      this.#log.error("A row of the sample log is damaged and is left out", { seq, error }),
    );
    this.#nextSeq = nextSeq;
    this.#lostRows = lostRows;
  }

  /** Takes changed limits; they apply from the next `append` and `maintain`. */
  configure(retention: Retention): void {
    this.#retention = retention;
    this.#trimmedAt = 0;
  }

  /**
   * Stores ticks, all of them or none; when it returns, they survive a crash of this process. Samples that cannot be
   * taken are counted by reason and do not stop the others.
   * @throws AppError `storage_full` and what else the disk brings; nothing was stored then.
   */
  append(ticks: readonly TickMeasurements[]): Promise<Appended> {
    return this.#appending.run(async () => {
      const ingest = new Ingest(this.#registry, {
        now: this.#clock.now(),
        rawFloor: this.#floors.raw,
        maxSeries: this.#retention.maxSeries,
      });
      const obstacle = this.#obstacle();
      for (const tick of ticks) {
        if (obstacle) ingest.refuse(obstacle, tick.measurements.length);
        else ingest.prepare(tick);
      }
      const firstSeq = this.#nextSeq;
      await ingest.write(this.#database, firstSeq);
      this.#nextSeq += ingest.rowCount;
      ingest.publish(this.#head, firstSeq);
      this.#refusals.add(ingest.appended.refused);
      return ingest.appended;
    });
  }

  /**
   * Does what is due: seals finished hours, rolls up finished days, deletes what is not kept. Cheap when nothing is;
   * meant to be called every few seconds to minutes. It lets the event loop run between its parts.
   */
  maintain(): Promise<void> {
    return this.#maintaining.run(async () => {
      const breathe = startBreathing();
      for (const generation of this.#head.finished) {
        await sealGeneration(this.#database, this.#registry, generation, breathe);
        this.#head.drop(generation);
      }
      const now = this.#clock.now();
      const sealedUntil = floorTo(this.#head.windowAt ?? now, DAY_MS);
      for (const series of this.#registry.list()) {
        if (series.rolledUntil >= sealedUntil) continue;
        await rollUpDays(this.#database, this.#sources(), series, sealedUntil, breathe);
      }
      await this.#trim(now, breathe);
    });
  }

  /**
   * Draws series over [from, to], each in at most `points` points that keep the extremes; see `draw`.
   * @throws AppError `series_not_found`, `invalid_request` for a range that ends before it begins.
   */
  async query(query: SeriesQuery): Promise<QueriedSeries[]> {
    const { from, to, points } = query;
    if (!(from < to))
      throw new AppError("invalid_request", "The range must end after it begins (from < to).");
    if (!(points >= 2 && points <= MAX_POINTS)) {
      throw new AppError("invalid_request", `points must be between 2 and ${MAX_POINTS}.`);
    }
    const breathe = startBreathing();
    const drawn: QueriedSeries[] = [];
    for (const series of query.seriesIds.map((id) => this.#get(id))) {
      drawn.push(drawSeries(this.#sources(), this.#floors, series, query));
      await breathe();
    }
    return drawn;
  }

  /**
   * Every row of the series in [from, to], series after series, in batches of a few thousand.
   * @throws AppError `series_not_found`
   */
  async *exportRows(query: ExportQuery): AsyncGenerator<ExportedRows> {
    const breathe = startBreathing();
    for (const series of query.seriesIds.map((id) => this.#get(id))) {
      for (const batch of exportSeries(this.#sources(), this.#floors, series, query)) {
        yield batch;
        await breathe();
      }
    }
  }

  /** The newest value of every series that has had one since the log began; the caller judges by `at` what is stale. */
  latest(): LatestValue[] {
    const latest: LatestValue[] = [];
    for (const series of this.#registry.list()) {
      if (series.lastValue === undefined) continue;
      latest.push({ series, at: series.lastSeenAt, value: series.lastValue });
    }
    return latest;
  }

  listSeries(): StoredSeries[] {
    return this.#registry.list();
  }

  findSeries(key: string): StoredSeries | undefined {
    return this.#registry.find(key);
  }

  status(): StoreStatus {
    return {
      seriesCount: this.#registry.size,
      openSamples: this.#head.sampleCount,
      sizeBytes: fileSizeBytes(this.#database),
      isPaused: this.#disk.isPaused,
      refused: this.#refusals.counts,
      damagedChunks: this.#decoder.damagedCount,
      lostRows: this.#lostRows,
      floors: { ...this.#floors },
    };
  }

  /** How the file will grow if `intervalMs` stays the time between samples and the series stay those of the last hour. */
  forecast(intervalMs: number): SizeForecast {
    const since = this.#clock.now() - TIERS.raw.windowMs;
    const active = this.#registry.list().filter((series) => series.lastSeenAt >= since).length;
    const growth = measureGrowth(this.#database.reader, active, (active * DAY_MS) / intervalMs);
    return forecastSize(fileSizeBytes(this.#database), growth, this.#retention);
  }

  /** Every hour, which is how often something becomes too old and the file grows. */
  async #trim(now: number, breathe: () => Promise<void> | void): Promise<void> {
    const hour = floorTo(now, TIERS.raw.windowMs);
    if (hour === this.#trimmedAt) return;
    const trimmer = new Trimmer(this.#database, this.#registry, this.#floors);
    await trimmer.trimByAge(now, this.#retention, breathe);
    await trimmer.forgetVanished(now, this.#retention);
    await trimmer.shrinkWhenSlack(breathe);
    if (await trimmer.trimBySize(this.#retention, breathe)) {
      this.#log.warning("The samples file reached its budget: the oldest samples were deleted", {
        budgetBytes: this.#retention.budgetBytes,
        floors: { ...this.#floors },
      });
    }
    this.#trimmedAt = hour;
  }

  #obstacle(): Refusal | undefined {
    if (this.#disk.mustPause(this.#retention)) return "paused";
    return this.#head.isFull ? "head_full" : undefined;
  }

  #sources(): Sources {
    return { reader: this.#database.reader, decoder: this.#decoder, head: this.#head };
  }

  #get(id: number): StoredSeries {
    const series = this.#registry.findById(id);
    if (!series) throw new AppError("series_not_found", `There is no series ${id}.`);
    return series;
  }
}
