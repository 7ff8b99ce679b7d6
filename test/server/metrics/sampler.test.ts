import { beforeEach, describe, expect, test } from "bun:test";
import { Configuration } from "../../../server/config/configuration.ts";
import { AppError } from "../../../server/errors/app-error.ts";
import { type LogFields, type Logger, silentLogger } from "../../../server/logs/logger.ts";
import type { Collector, Measurement } from "../../../server/metrics/collect/collector.ts";
import { Sampler } from "../../../server/metrics/sampler.ts";
import { defineSeries } from "../../../server/metrics/series.ts";
import type { Appended, TickMeasurements } from "../../../server/metrics/store.ts";
import { Timers } from "../../../server/scheduler/timers.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const START = Date.UTC(2030, 0, 1);
const LEVEL = defineSeries("level_bytes", {}, "bytes", "A level");
const RATE = defineSeries("rate_percent", {}, "percent", "A rate");

interface Stored {
  at: number;
  values: Record<string, number>;
}

/** Counts its calls; `level` grows by one each time. */
class CountingCollector implements Collector {
  readonly name = "counting";
  readonly calls: number[] = [];
  isClosed = false;

  collect(at: number): Measurement[] {
    this.calls.push(at);
    const count = this.calls.length;
    return [
      { series: LEVEL, value: count },
      { series: RATE, value: count + 0.123456 },
    ];
  }

  close(): void {
    this.isClosed = true;
  }
}

const brokenCollector: Collector = {
  name: "broken",
  collect() {
    throw new TypeError("cannot read");
  },
};

let clock: ManualClock;
let collector: CountingCollector;
let stored: Stored[];
let refuseWith: Error | undefined;
let isPaused: boolean;
let writing: Promise<void> | undefined;
let lines: { message: string; fields: LogFields }[];
let configuration: Configuration;
let sampler: Sampler;
let heard: string[];
let timers: Timers;

const log: Logger = {
  ...silentLogger,
  info: (message, fields = {}) => lines.push({ message, fields }),
  error: (message, fields = {}) => lines.push({ message, fields }),
};

function setUp(extra: readonly Collector[] = [], startAt = START): void {
  clock = new ManualClock(startAt);
  timers = new Timers(clock, silentLogger);
  collector = new CountingCollector();
  configuration = new Configuration([]);
  stored = [];
  lines = [];
  heard = [];
  refuseWith = undefined;
  isPaused = false;
  writing = undefined;
  const collectors = [...extra, collector];
  const machine = {
    collectors,
    start() {},
    close() {
      for (const one of collectors) one.close?.();
    },
  };
  const store = {
    async append(ticks: readonly TickMeasurements[]): Promise<Appended> {
      if (refuseWith) throw refuseWith;
      await writing;
      if (isPaused) return { stored: 0, refused: { paused: 2 * ticks.length } };
      for (const { at, measurements } of ticks) {
        stored.push({ at, values: Object.fromEntries(measurements.map((m) => [m.series.name, m.value])) });
      }
      return { stored: 2 * ticks.length, refused: {} };
    },
  };
  const pauses = {
    paused: (reason: string) => heard.push(`paused: ${reason}`),
    resumed: (pausedMs: number) => heard.push(`resumed after ${pausedMs} ms`),
  };
  sampler = new Sampler({ clock, timers, configuration, log, machine, store, pauses });
}

function configure(intervalSeconds: number): void {
  const values = new Map([["metrics.intervalSeconds", intervalSeconds]]);
  configuration.replace([{ origin: "test", values }]);
}

const storedSeconds = () => stored.map(({ at }) => (at - START) / 1_000);

beforeEach(() => setUp());

describe("the sampler", () => {
  test("samples at once for live readers, then stores at multiples of the interval", async () => {
    setUp([], START + 2_345);
    sampler.start();
    expect(sampler.last).toMatchObject({ at: START + 2_000 });
    await clock.advance(20_000);
    expect(storedSeconds()).toEqual([5, 10, 15, 20]);
    expect(collector.calls).toHaveLength(5);
  });

  test("keeps the decimals that mean something", async () => {
    sampler.start();
    await clock.advance(5_000);
    expect(stored[0]?.values).toEqual({ level_bytes: 2, rate_percent: 2.12 });
  });

  test("takes a new interval at once", async () => {
    sampler.start();
    await clock.advance(10_000);
    configure(2);
    await clock.advance(4_000);
    expect(storedSeconds()).toEqual([5, 10, 12, 14]);
    expect(timers.list().map(({ intervalMs }) => intervalMs)).toEqual([2_000]);
  });

  test("samples faster while a reader wants it and stores as before: rates as their mean, levels as the last", async () => {
    sampler.start();
    const release = sampler.demand(1);
    await clock.advance(10_000);
    expect(collector.calls).toHaveLength(11);
    expect(storedSeconds()).toEqual([5, 10]);
    expect(stored[1]?.values).toEqual({ level_bytes: 11, rate_percent: 9.12 });
    release();
    release();
    await clock.advance(10_000);
    expect(collector.calls).toHaveLength(13);
    expect(sampler.status()).toMatchObject({ intervalSeconds: 5, samplingSeconds: 5 });
  });

  test("serves every wanted interval exactly", async () => {
    sampler.start();
    const seen: number[] = [];
    sampler.subscribe(({ at }) => seen.push((at - START) / 1_000));
    sampler.demand(10);
    expect(sampler.status().samplingSeconds).toBe(5);
    sampler.demand(4);
    expect(sampler.status().samplingSeconds).toBe(1);
    await clock.advance(12_000);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  test("shares one sampling among all readers", async () => {
    sampler.start();
    const seen: unknown[] = [];
    for (let i = 0; i < 100; i += 1) sampler.subscribe((sample) => seen.push(sample));
    await clock.advance(5_000);
    expect(collector.calls).toHaveLength(2);
    expect(new Set(seen).size).toBe(1);
    expect(seen).toHaveLength(100);
  });

  test("goes on when a collector throws; counts it and says it once", async () => {
    setUp([brokenCollector]);
    sampler.start();
    await clock.advance(15_000);
    expect(stored).toHaveLength(3);
    expect(sampler.status()).toMatchObject({ collectorFailures: { broken: 4 }, seriesCount: 2 });
    expect(lines.map(({ fields }) => fields.collector)).toEqual(["broken"]);
  });

  test("leaves out what is not finite", async () => {
    setUp([{ name: "odd", collect: () => [{ series: LEVEL, value: Number.NaN }] }]);
    sampler.start();
    expect(sampler.last?.measurements.map(({ value }) => value)).toEqual([1, 1.12]);
  });

  test("goes on when a reader throws", async () => {
    sampler.start();
    sampler.subscribe(() => {
      throw new Error("reader");
    });
    await clock.advance(10_000);
    expect(stored).toHaveLength(2);
  });

  test("closes the collectors and ends its timer when it stops, after what is being stored", async () => {
    sampler.start();
    const { promise, resolve } = Promise.withResolvers<void>();
    writing = promise;
    await clock.advance(5_000);
    const stopping = sampler.stop();
    expect(collector.isClosed).toBe(true);
    expect(timers.list()).toEqual([]);
    expect(stored).toHaveLength(0);
    resolve();
    await stopping;
    expect(stored).toHaveLength(1);
    sampler.demand(1);
    expect(timers.list()).toEqual([]);
  });
});

describe("clocks that misbehave", () => {
  test("after a sleep the gap stays a gap, and the multiples hold", async () => {
    sampler.start();
    await clock.advance(10_000);
    clock.setWall(START + 3_603_210);
    await clock.advance(15_000);
    expect(storedSeconds()).toEqual([5, 10, 3_605, 3_610, 3_615]);
  });

  test("a process that was held up over a multiple stores under that multiple what it samples next", async () => {
    sampler.start();
    sampler.demand(1);
    await clock.advance(9_000);
    clock.setWall(clock.now() + 3_000);
    await clock.advance(3_000);
    expect(storedSeconds()).toEqual([5, 10, 15]);
  });

  test("a clock that is set back goes on from the new time", async () => {
    sampler.start();
    await clock.advance(10_000);
    clock.setWall(START - 3_600_000);
    await clock.advance(10_000);
    expect(storedSeconds()).toEqual([5, 10, -3_595, -3_590]);
    expect(sampler.status().lastSampleAgeMs).toBe(0);
  });

  test("a clock that drifts is followed", async () => {
    sampler.start();
    for (let i = 0; i < 20; i += 1) {
      await clock.advance(5_000);
      clock.setWall(clock.now() + 20);
    }
    const offsets = stored.map(({ at }) => at % 5_000);
    expect(new Set(offsets)).toEqual(new Set([0]));
    expect(stored.length).toBeGreaterThanOrEqual(19);
    expect(Math.abs(clock.now() - (stored.at(-1)?.at ?? 0))).toBeLessThan(5_100);
  });
});

describe("a store that fails", () => {
  test("does not stop live readers, says so, and is offered again what it did not take", async () => {
    sampler.start();
    refuseWith = new AppError("storage_full", "The disk is full; nothing was changed.");
    const seen: number[] = [];
    sampler.subscribe(({ at }) => seen.push(at));
    await clock.advance(15_000);
    expect(seen).toHaveLength(3);
    expect(sampler.status()).toMatchObject({
      storedTicks: 0,
      pausedReason: "The disk is full; nothing was changed.",
      lastSampleAt: START + 15_000,
    });
    expect(lines).toHaveLength(1);
    refuseWith = undefined;
    await clock.advance(5_000);
    expect(sampler.status()).toMatchObject({ storedTicks: 4, droppedTicks: 0, pausedReason: null });
    expect(storedSeconds()).toEqual([5, 10, 15, 20]);
    expect(lines.map(({ message }) => message)).toEqual([
      "Samples are not being stored",
      "Samples are stored again",
    ]);
  });

  test("for longer than a minute loses the oldest samples, and counts them", async () => {
    sampler.start();
    refuseWith = new AppError("storage_full", "The disk is full; nothing was changed.");
    await clock.advance(100_000);
    expect(sampler.status()).toMatchObject({ droppedTicks: 8, storedTicks: 0 });
    refuseWith = undefined;
    await clock.advance(5_000);
    expect(sampler.status()).toMatchObject({ droppedTicks: 9, storedTicks: 12, pausedReason: null });
    expect(storedSeconds()).toEqual(Array.from({ length: 12 }, (_, i) => 50 + 5 * i));
  });

  test("by pausing near the disk's end is said to pause", async () => {
    sampler.start();
    isPaused = true;
    await clock.advance(10_000);
    expect(sampler.status()).toMatchObject({ droppedTicks: 2, pausedReason: "The disk is nearly full." });
    isPaused = false;
    await clock.advance(5_000);
    expect(sampler.status()).toMatchObject({ droppedTicks: 2, storedTicks: 1, pausedReason: null });
  });

  test("is told once when the pause begins and once when it is over, whatever the reasons were meanwhile", async () => {
    sampler.start();
    await clock.advance(5_000);
    expect(heard).toEqual([]);
    refuseWith = new AppError("storage_full", "The disk is full; nothing was changed.");
    await clock.advance(10_000);
    refuseWith = undefined;
    isPaused = true;
    await clock.advance(10_000);
    expect(heard).toEqual(["paused: The disk is full; nothing was changed."]);
    isPaused = false;
    await clock.advance(10_000);
    expect(heard).toEqual(["paused: The disk is full; nothing was changed.", "resumed after 20000 ms"]);
    isPaused = true;
    await clock.advance(5_000);
    expect(heard.slice(2)).toEqual(["paused: The disk is nearly full."]);
  });

  test("by hanging holds a bounded number of samples and up nobody", async () => {
    sampler.start();
    const { promise, resolve } = Promise.withResolvers<void>();
    writing = promise;
    await clock.advance(100_000);
    expect(sampler.status()).toMatchObject({ droppedTicks: 7, pausedReason: "The disk does not keep up." });
    expect(collector.calls).toHaveLength(21);
    resolve();
    await clock.advance(0);
    expect(sampler.status()).toMatchObject({ droppedTicks: 7, storedTicks: 13, pausedReason: null });
  });
});
