import { Database as Sqlite } from "bun:sqlite";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SAMPLES_MIGRATIONS } from "../../schema/migrations/samples/index.ts";
import { Database } from "../../server/database/database.ts";
import { silentLogger } from "../../server/logs/logger.ts";
import { encodeRollups, encodeSamples } from "../../server/metrics/chunks/chunk.ts";
import type { Measurement } from "../../server/metrics/collect/collector.ts";
import { defineSeries, type SeriesDefinition } from "../../server/metrics/series.ts";
import { insertChunk } from "../../server/metrics/store/chunk-table.ts";
import { quantise, scaleOf } from "../../server/metrics/store/precision.ts";
import { SAMPLES_FILE, SampleStore } from "../../server/metrics/store.ts";
import { DAY_MS, TIERS } from "../../server/metrics/tiers.ts";
import { ManualClock } from "../support/manual-clock.ts";
import type { Benchmark, Figure } from "./model.ts";
import { RECORDED_INTERVAL_MS, readRecording } from "./recording.ts";
import { withStalls } from "./stalls.ts";

const START = Date.UTC(2030, 0, 1);
const HOUR_MS = TIERS.raw.windowMs;
const TICKS_PER_HOUR = HOUR_MS / RECORDED_INTERVAL_MS;
/** How many ticks are written in one transaction, by the store and by the rows it is compared with. */
const BATCH_TICKS = 60;
const INGEST_SERIES = 200;
const INGEST_HOURS = 25;
const ROUNDS = 3;
const MONTH_DAYS = 30;
const DRAWN_POINTS = 500;
const YEARS_DAYS = 730;
const YEARS_SERIES = 20;

/** A store in a folder of its own, and the clock it goes by. */
class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), "binnacle-bench-"));
  readonly path = join(this.folder, "samples.db");
  readonly clock = new ManualClock(START);
  database = this.#openDatabase();
  store = this.#openStore();

  /** Writes ticks until `hours` are over; the store does its other work in between. Returns samples written. */
  async fill(
    definitions: readonly SeriesDefinition[],
    hours: number,
    value: (series: number, tick: number) => number,
  ): Promise<number> {
    let written = 0;
    for (let tick = 0; tick < hours * TICKS_PER_HOUR; tick += BATCH_TICKS) {
      const ticks = Array.from({ length: BATCH_TICKS }, (_, i) => ({
        at: this.clock.now() + i * RECORDED_INTERVAL_MS,
        measurements: definitions.map((series, s) => ({ series, value: value(s, tick + i) })),
      }));
      this.clock.setWall(this.clock.now() + BATCH_TICKS * RECORDED_INTERVAL_MS);
      written += (await this.store.append(ticks)).stored;
      await this.store.maintain();
    }
    return written;
  }

  /** What a start of the program does. */
  async reopen(): Promise<void> {
    await this.database.close();
    this.database = this.#openDatabase();
    this.store = this.#openStore();
  }

  async close(): Promise<void> {
    await this.database.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #openDatabase(): Database {
    return Database.open({ path: this.path, migrations: SAMPLES_MIGRATIONS, ...SAMPLES_FILE });
  }

  #openStore(): SampleStore {
    return SampleStore.open({ database: this.database, clock: this.clock, log: silentLogger });
  }
}

function percentages(count: number): SeriesDefinition[] {
  return Array.from({ length: count }, (_, i) =>
    defineSeries("bench_percent", { part: String(i) }, "percent", "A random walk."),
  );
}

/** Random walks of different roughness from a fixed seed, so that every run stores the same. */
function walks(count: number): (series: number) => number {
  let seed = 42;
  const values = new Float64Array(count).fill(50);
  return (series) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    const step = (seed / 0x7fffffff - 0.5) * (series % 10);
    const value = Math.min(100, Math.max(0, (values[series] ?? 0) + step));
    values[series] = value;
    return value;
  };
}

async function ingest(): Promise<Figure[]> {
  const rates: number[] = [];
  const rawRates: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rates.push(await storeRate());
    rawRates.push(rawRate());
  }
  return [
    {
      name: "samples ingested, sealed and rolled up",
      value: Math.max(...rates),
      unit: "samples/s",
      note: `${INGEST_SERIES} series, ${INGEST_HOURS} h, all of the store's work included; best of ${ROUNDS} rounds`,
    },
    {
      name: "the same as rows (series, at, value) with an index on (series, at)",
      value: Math.max(...rawRates),
      unit: "rows/s",
      note: "one prepared insert, transactions of the same size; best of as many rounds",
    },
    {
      name: "ingest against rows",
      value: Math.max(...rates) / Math.max(...rawRates),
      unit: "×",
      goal: { atLeast: 10 },
    },
  ];
}

/** One hour of measurements, made before time is taken and used for every hour. */
function hourOf(definitions: readonly SeriesDefinition[]): Measurement[][] {
  const walk = walks(definitions.length);
  return Array.from({ length: TICKS_PER_HOUR }, () =>
    definitions.map((series, s) => ({ series, value: walk(s) })),
  );
}

async function storeRate(): Promise<number> {
  const bench = new Bench();
  const hour = hourOf(percentages(INGEST_SERIES));
  const startedAt = performance.now();
  for (let first = 0; first < INGEST_HOURS * TICKS_PER_HOUR; first += BATCH_TICKS) {
    const ticks = Array.from({ length: BATCH_TICKS }, (_, i) => ({
      at: START + (first + i) * RECORDED_INTERVAL_MS,
      measurements: hour[(first + i) % TICKS_PER_HOUR] ?? [],
    }));
    bench.clock.setWall(START + (first + BATCH_TICKS) * RECORDED_INTERVAL_MS);
    await bench.store.append(ticks);
    await bench.store.maintain();
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  await bench.close();
  return (INGEST_HOURS * TICKS_PER_HOUR * INGEST_SERIES) / seconds;
}

function rawRate(): number {
  const folder = mkdtempSync(join(tmpdir(), "binnacle-bench-"));
  const sqlite = new Sqlite(join(folder, "rows.db"));
  sqlite.run("PRAGMA journal_mode = WAL");
  sqlite.run("PRAGMA synchronous = NORMAL");
  sqlite.run("CREATE TABLE samples (series INTEGER, at INTEGER, value REAL)");
  sqlite.run("CREATE INDEX samples_place ON samples (series, at)");
  const insert = sqlite.query("INSERT INTO samples VALUES (?, ?, ?)");
  const hour = hourOf(percentages(INGEST_SERIES));
  const ticks = INGEST_HOURS * TICKS_PER_HOUR;
  const startedAt = performance.now();
  for (let first = 0; first < ticks; first += BATCH_TICKS) {
    sqlite.transaction(() => {
      for (let tick = first; tick < first + BATCH_TICKS; tick += 1) {
        const at = START + tick * RECORDED_INTERVAL_MS;
        for (const [series, { value }] of (hour[tick % TICKS_PER_HOUR] ?? []).entries()) {
          insert.run(series, at, value);
        }
      }
    })();
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  insert.finalize();
  sqlite.close();
  rmSync(folder, { recursive: true, force: true });
  return (ticks * INGEST_SERIES) / seconds;
}

async function sizes(): Promise<Figure[]> {
  const recording = await readRecording();
  const times = Float64Array.from({ length: TICKS_PER_HOUR }, (_, i) => START + i * RECORDED_INTERVAL_MS);
  let encodedBytes = 0;
  let movingBytes = 0;
  let moving = 0;
  for (const { definition, values } of recording) {
    const kept = Float64Array.from(values, (value) => quantise(value, scaleOf(definition.unit)));
    const { length } = encodeSamples({ times: times.subarray(0, kept.length), values: kept });
    encodedBytes += length / kept.length;
    if (kept.every((value) => value === kept[0])) continue;
    moving += 1;
    movingBytes += length / kept.length;
  }
  const bench = new Bench();
  const definitions = recording.map(({ definition }) => definition);
  const hour = recording[0]?.values.length ?? TICKS_PER_HOUR;
  const written = await bench.fill(definitions, 48, (s, tick) => recording[s]?.values[tick % hour] ?? 0);
  await bench.database.foldWal();
  const fileBytes = statSync(bench.path).size;
  await bench.close();
  return [
    {
      name: "an hour of a real machine, encoded",
      value: encodedBytes / recording.length,
      unit: "bytes/sample",
      goal: { atMost: 1.5 },
      note: `${recording.length} series at 5 s`,
    },
    {
      name: "of it, the series that moved",
      value: movingBytes / moving,
      unit: "bytes/sample",
      goal: { atMost: 1.5 },
      note: `${moving} series`,
    },
    {
      name: "the same on disk",
      value: fileBytes / written,
      unit: "bytes/sample",
      goal: { atMost: 2 },
      note: "the whole file after two days: chunks, both rollups, index, log",
    },
  ];
}

async function month(): Promise<Figure[]> {
  const bench = new Bench();
  const walk = walks(10);
  await bench.fill(percentages(1), MONTH_DAYS * 24, () => walk(9));
  const durations: number[] = [];
  let points = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    await bench.reopen();
    const to = bench.clock.now();
    const startedAt = performance.now();
    const query = { seriesIds: [1], from: to - MONTH_DAYS * DAY_MS, to, points: DRAWN_POINTS };
    points = (await bench.store.query(query))[0]?.t.length ?? 0;
    durations.push(performance.now() - startedAt);
  }
  await bench.close();
  return [
    {
      name: `a month of one series at 5 s drawn as ${DRAWN_POINTS} points`,
      value: Math.max(...durations),
      unit: "ms",
      goal: { atMost: 20 },
      note: `worst of ${ROUNDS} on a store just opened; ${points} points`,
    },
  ];
}

/** Two years of hours are written as chunks directly: making them from samples would take an hour. */
async function years(): Promise<Figure[]> {
  const bench = new Bench();
  bench.clock.setWall(START - YEARS_DAYS * DAY_MS);
  const definitions = percentages(YEARS_SERIES);
  const walk = walks(YEARS_SERIES);
  const first = definitions.map((series, s) => ({ series, value: walk(s) }));
  await bench.store.append([{ at: bench.clock.now(), measurements: first }]);
  await bench.database.write((tx) => {
    for (let seriesId = 1; seriesId <= YEARS_SERIES; seriesId += 1) {
      for (let at = bench.clock.now(); at < START; at += TIERS["1h"].windowMs) {
        const rows = Math.min(TIERS["1h"].windowMs, START - at) / HOUR_MS;
        const column = () =>
          Float64Array.from({ length: rows }, () => quantise(walk(seriesId - 1), scaleOf("percent")));
        const times = Float64Array.from({ length: rows }, (_, i) => at + i * HOUR_MS);
        const rollups = { times, min: column(), max: column(), sum: column(), count: times.map(() => 720) };
        insertChunk(tx, { seriesId, tier: TIERS["1h"], times, packed: encodeRollups(rollups) });
      }
    }
    tx.$client.run("UPDATE series SET rolled_until = ?", [START]);
  });
  bench.clock.setWall(START);
  await bench.reopen();
  await bench.fill(definitions, 23, walk);
  const to = bench.clock.now();
  const seriesIds = definitions.map((_, i) => i + 1);
  const rounds: { elapsedMs: number; stallMs: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await bench.reopen();
    const query = { seriesIds, from: to - YEARS_DAYS * DAY_MS, to, points: DRAWN_POINTS };
    rounds.push(await withStalls(() => bench.store.query(query)));
  }
  await bench.close();
  return [
    {
      name: `two years of ${YEARS_SERIES} series drawn as ${DRAWN_POINTS} points each`,
      value: Math.min(...rounds.map(({ elapsedMs }) => elapsedMs)),
      unit: "ms",
      note: `best of ${ROUNDS} on a store just opened, 23 h of it not rolled up yet`,
    },
    {
      name: "longest wait of other work meanwhile",
      value: Math.min(...rounds.map(({ stallMs }) => stallMs)),
      unit: "ms",
      goal: { atMost: 50 },
      note: "the query lets the event loop run between series",
    },
  ];
}

const benchmark: Benchmark = {
  name: "samples",
  run: async () => [...(await ingest()), ...(await sizes()), ...(await month()), ...(await years())],
};

export default benchmark;
