import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { DEFAULT_RETENTION } from "../../../server/metrics/retention.ts";
import { DAY, HOUR, MINUTE, SECOND, START, StoreFixture, series } from "./store-fixture.ts";

let fixture: StoreFixture;
beforeEach(() => {
  fixture = new StoreFixture();
});
afterEach(() => fixture.close());

const CPU = series("cpu");
const LOAD = series("load", "count");
const wave = (i: number) => Math.round(5_000 + 4_000 * Math.sin(i / 50)) / 100;

describe("appending samples", () => {
  test("they are there at once, newest value and history", async () => {
    await fixture.append([
      [CPU, 12.5],
      [LOAD, 0.75],
    ]);
    expect(fixture.store.latest().map(({ series: s, at, value }) => [s.definition.key, at, value])).toEqual([
      [CPU.key, START, 12.5],
      [LOAD.key, START, 0.75],
    ]);
    expect(await fixture.samplesOf(CPU)).toEqual([[START, 12.5]]);
  });

  test("percentages keep two decimals, bytes none, counts all", async () => {
    const bytes = series("bytes", "bytes_per_second");
    await fixture.append([
      [CPU, 100 / 3],
      [bytes, 1234.56],
      [LOAD, 1 / 3],
      [series("negative"), -0.001],
    ]);
    const values = fixture.store.latest().map(({ value }) => value);
    expect(values).toEqual([33.33, 1235, 1 / 3, 0]);
    expect(Object.is(values[3], 0)).toBeTrue();
  });

  test("numbers that are not finite are refused and counted, their neighbours stored", async () => {
    const appended = await fixture.append([
      [CPU, Number.NaN],
      [LOAD, 1],
      [CPU, Number.POSITIVE_INFINITY],
    ]);
    expect(appended).toEqual({ stored: 1, refused: { not_finite: 2 } });
    expect(fixture.store.status().refused).toEqual({ not_finite: 2 });
    expect(fixture.store.findSeries(CPU.key)).toBeUndefined();
  });

  test("out of order they are sorted in, and of two of one moment the last counts", async () => {
    await fixture.append([[CPU, 3]], START + 30 * SECOND);
    await fixture.append([[CPU, 1]], START + 10 * SECOND);
    await fixture.append([[CPU, 2]], START + 20 * SECOND);
    await fixture.append([[CPU, 9]], START + 10 * SECOND);
    expect(await fixture.samplesOf(CPU)).toEqual([
      [START + 10 * SECOND, 9],
      [START + 20 * SECOND, 2],
      [START + 30 * SECOND, 3],
    ]);
    expect(fixture.store.latest()[0]).toMatchObject({ at: START + 30 * SECOND, value: 3 });
  });

  test("from far in the future or the past they are refused", async () => {
    expect(await fixture.append([[CPU, 1]], START + HOUR)).toEqual({ stored: 0, refused: { ahead: 1 } });
    expect(await fixture.append([[CPU, 1]], START - 3 * DAY)).toEqual({
      stored: 0,
      refused: { too_late: 1 },
    });
    expect(await fixture.append([[CPU, 1]], START + 0.5)).toEqual({ stored: 0, refused: { ahead: 1 } });
  });

  test("a series beyond the limit is refused and counted; the known ones go on", async () => {
    fixture.configure({ ...DEFAULT_RETENTION, maxSeries: 2 });
    await fixture.append([
      [CPU, 1],
      [LOAD, 1],
      [series("third"), 1],
    ]);
    const next = await fixture.append([
      [series("fourth"), 1],
      [CPU, 2],
    ]);
    expect(next).toEqual({ stored: 1, refused: { series_limit: 1 } });
    expect(fixture.store.status()).toMatchObject({ seriesCount: 2, refused: { series_limit: 2 } });
  });

  test("many appends at once are all stored, with one row for a series that they share", async () => {
    await Promise.all(Array.from({ length: 50 }, (_, i) => fixture.append([[CPU, i]], START + i * SECOND)));
    expect(await fixture.samplesOf(CPU)).toHaveLength(50);
    expect(fixture.store.listSeries()).toHaveLength(1);
  });

  test("pauses when the disk is nearly full and goes on when it is not", async () => {
    fixture.disk = { freeBytes: 4, totalBytes: 100 };
    expect(await fixture.append([[CPU, 1]])).toEqual({ stored: 0, refused: { paused: 1 } });
    expect(fixture.store.status().isPaused).toBeTrue();
    fixture.disk = { freeBytes: 5.5, totalBytes: 100 };
    await fixture.clock.advance(10 * SECOND);
    expect((await fixture.append([[CPU, 1]])).stored).toBe(0);
    fixture.disk = { freeBytes: 7, totalBytes: 100 };
    await fixture.clock.advance(10 * SECOND);
    expect((await fixture.append([[CPU, 1]])).stored).toBe(1);
    expect(fixture.store.status().isPaused).toBeFalse();
  });
});

describe("after a restart", () => {
  test("what was in the log and what was sealed is there, each sample once", async () => {
    await fixture.record(CPU, 2.5 * HOUR, wave);
    const before = await fixture.samplesOf(CPU);
    expect(before).toHaveLength(1_800);
    await fixture.restart();
    expect(await fixture.samplesOf(CPU)).toEqual(before);
    expect(fixture.store.latest()[0]?.value).toBe(before.at(-1)?.[1] ?? Number.NaN);
    await fixture.append([[CPU, 42]]);
    expect((await fixture.samplesOf(CPU)).at(-1)?.[1]).toBe(42);
  });

  test("a damaged row of the log costs its tick and nothing else", async () => {
    for (let i = 0; i < 5; i += 1) await fixture.append([[CPU, i]], START + i * SECOND);
    await fixture.database.write((tx) =>
      tx.$client.run(`UPDATE sample_log SET ticks = x'0300000000ff' WHERE seq = 3`),
    );
    await fixture.restart();
    expect(fixture.store.status().lostRows).toBe(1);
    expect((await fixture.samplesOf(CPU)).map(([, value]) => value)).toEqual([0, 1, 3, 4]);
  });
});

describe("sealing", () => {
  test("each whole hour becomes one chunk a series and leaves the log", async () => {
    await fixture.record(CPU, 3 * HOUR + 5 * SECOND, wave);
    expect(fixture.count("SELECT count(*) AS n FROM chunks WHERE tier = 0")).toBe(3);
    expect(fixture.count("SELECT count(*) AS n FROM sample_log")).toBe(1);
    expect(fixture.store.status().openSamples).toBe(1);
    expect(await fixture.samplesOf(CPU)).toEqual(
      Array.from({ length: 2_161 }, (_, i) => [START + i * 5 * SECOND, wave(i)]),
    );
  });

  test("broken off between two batches of series, it is finished after a restart without counting twice", async () => {
    const many = Array.from({ length: 150 }, (_, i) => series(`s${i}`));
    for (let i = 0; i < 3; i += 1) {
      await fixture.append(
        many.map((target, k) => [target, k + i]),
        START + i * MINUTE,
      );
    }
    fixture.clock.setWall(START + HOUR);
    await fixture.append(many.map((target) => [target, 7]));
    const { database } = fixture;
    const write = database.write.bind(database);
    let writes = 0;
    database.write = (work) => {
      writes += 1;
      return writes === 2 ? Promise.reject(new Error("power cut")) : write(work);
    };
    await expect(fixture.store.maintain()).rejects.toThrow("power cut");
    const [first] = many;
    const last = many.at(-1);
    if (!first || !last) throw new Error("no series");
    for (const step of ["still running", "restarted", "sealed"]) {
      if (step === "restarted") await fixture.restart();
      if (step === "sealed") await fixture.store.maintain();
      expect((await fixture.samplesOf(first)).map(([, value]) => value)).toEqual([0, 1, 2, 7]);
      expect((await fixture.samplesOf(last)).map(([, value]) => value)).toEqual([149, 150, 151, 7]);
    }
    expect(fixture.count("SELECT count(*) AS n FROM chunks WHERE tier = 0")).toBe(150);
    expect(fixture.count("SELECT count(*) AS n FROM sample_log")).toBe(1);
  });

  test("a damaged chunk is a gap and a count, not a wrong number", async () => {
    await fixture.record(CPU, 3 * HOUR + 5 * SECOND, wave);
    const { reader } = fixture.database;
    const chunk = reader.$client
      .query<{ packed: Uint8Array }, []>("SELECT packed FROM chunks WHERE id = 2")
      .get();
    const packed = chunk?.packed.map((byte, at) => (at === 40 ? byte ^ 4 : byte)) ?? new Uint8Array();
    await fixture.database.write((tx) =>
      tx.$client.run("UPDATE chunks SET packed = ? WHERE id = 2", [packed]),
    );
    const samples = await fixture.samplesOf(CPU);
    expect(samples).toHaveLength(1_441);
    expect(samples.some(([time]) => time >= START + HOUR && time < START + 2 * HOUR)).toBeFalse();
    expect(fixture.store.status().damagedChunks).toBe(1);
  });

  test("a chunk that is not even bytes is treated like a damaged one", async () => {
    await fixture.record(CPU, 2 * HOUR + 5 * SECOND, wave);
    await fixture.database.write((tx) => tx.$client.run("UPDATE chunks SET packed = 'text' WHERE id = 1"));
    expect(await fixture.samplesOf(CPU)).toHaveLength(721);
    expect(fixture.store.status().damagedChunks).toBe(1);
  });
});

describe("rollups", () => {
  const rowsOf = async (resolution: "1m" | "1h") => {
    const rows: { at: number; min: number; max: number; sum: number; count: number }[] = [];
    const query = { seriesIds: [fixture.idOf(CPU)], from: 0, to: START + 90 * DAY, resolution } as const;
    for await (const { rows: batch } of fixture.store.exportRows(query)) {
      for (const [i, at] of batch.times.entries()) {
        const [min = 0, max = 0, sum = 0, count = 0] = [
          batch.min[i],
          batch.max[i],
          batch.sum[i],
          batch.count[i],
        ];
        rows.push({ at, min, max, sum, count });
      }
    }
    return rows;
  };
  const expectedRows = (stepMs: number, samples: [number, number][]) => {
    const buckets = Map.groupBy(samples, ([time]) => Math.floor(time / stepMs) * stepMs);
    return [...buckets].map(([at, members]) => {
      const values = members.map(([, value]) => value);
      const sum = Math.round(values.reduce((a, b) => a + b, 0) * 100) / 100;
      return { at, min: Math.min(...values), max: Math.max(...values), sum, count: values.length };
    });
  };

  test("are the same whether read from chunks, from samples or across the two", async () => {
    await fixture.record(CPU, 2 * DAY + 5 * HOUR, wave, 30 * SECOND);
    expect(fixture.count("SELECT count(*) AS n FROM chunks WHERE tier = 1")).toBe(2);
    expect(fixture.count("SELECT count(*) AS n FROM chunks WHERE tier = 2")).toBe(1);
    const samples = await fixture.samplesOf(CPU);
    expect(await rowsOf("1m")).toEqual(expectedRows(MINUTE, samples));
    expect(await rowsOf("1h")).toEqual(expectedRows(HOUR, samples));
  });

  test("take in a sample that comes after its day was rolled up", async () => {
    await fixture.record(CPU, DAY + 2 * HOUR, () => 10, MINUTE);
    await fixture.append([[CPU, 99]], START + 12 * HOUR + 7 * SECOND);
    await fixture.append([[CPU, 50]], START + 12 * HOUR);
    await fixture.record(CPU, HOUR + MINUTE, () => 10, MINUTE);
    const noon = (await rowsOf("1h")).find(({ at }) => at === START + 12 * HOUR);
    expect(noon).toEqual({ at: START + 12 * HOUR, min: 10, max: 99, sum: 59 * 10 + 50 + 99, count: 61 });
    expect(await rowsOf("1m")).toEqual(expectedRows(MINUTE, await fixture.samplesOf(CPU)));
  });
});

describe("querying", () => {
  const query = async (from: number, to: number, points = 500) => {
    const [drawn] = await fixture.store.query({ seriesIds: [fixture.idOf(CPU)], from, to, points });
    if (!drawn) throw new Error("nothing drawn");
    return drawn;
  };

  test("a quarter of an hour gives the samples themselves", async () => {
    await fixture.record(CPU, 15 * MINUTE, wave);
    const drawn = await query(START, START + 15 * MINUTE);
    expect(drawn).toMatchObject({ resolution: "raw", stepMs: 5_000, last: wave(179) });
    expect(drawn.t).toHaveLength(180);
    expect(drawn.avg).toEqual(Array.from({ length: 180 }, (_, i) => wave(i)));
  });

  test("a day comes from minutes, in at most the points asked for, with every extreme", async () => {
    await fixture.record(CPU, 2 * DAY, (i) => (i === 7_777 ? 99.99 : i === 8_888 ? 0.01 : 50), 10 * SECOND);
    for (const points of [500, 100, 7]) {
      const drawn = await query(START, START + 2 * DAY, points);
      expect(drawn.t.length).toBeLessThanOrEqual(points);
      expect(Math.max(...drawn.max.map(Number))).toBe(99.99);
      expect(Math.min(...drawn.min.map(Number))).toBe(0.01);
      expect(drawn.t).toEqual(drawn.t.toSorted((a, b) => a - b));
    }
    expect((await query(START, START + 2 * DAY)).resolution).toBe("1m");
  });

  test("where nothing was measured there is a gap", async () => {
    await fixture.record(CPU, 10 * MINUTE, () => 5);
    fixture.clock.setWall(START + HOUR);
    await fixture.record(CPU, 10 * MINUTE, () => 6);
    const drawn = await query(START, START + 2 * HOUR);
    const gap = drawn.avg.indexOf(null);
    expect(drawn.avg.filter((value) => value === null)).toHaveLength(1);
    expect(drawn.t[gap]).toBe(START + 10 * MINUTE);
    expect([drawn.min[gap], drawn.max[gap]]).toEqual([null, null]);
    const coarse = await query(START, START + 2 * HOUR, 15);
    expect(coarse.avg.filter((value) => value === null).length).toBeGreaterThan(3);
  });

  test("falls back to a coarser tier where the fine one is deleted", async () => {
    await fixture.record(CPU, 4 * DAY, wave, MINUTE);
    fixture.configure({ ...DEFAULT_RETENTION, days: { raw: 1, "1m": 90, "1h": 730 } });
    fixture.clock.setWall(START + 4 * DAY + HOUR);
    await fixture.append([[CPU, 1]]);
    await fixture.store.maintain();
    expect((await query(START, START + HOUR)).resolution).toBe("1m");
    expect((await query(START, START + HOUR - 1)).t).toHaveLength(60);
    expect((await query(START + 3.5 * DAY, START + 3.5 * DAY + HOUR)).resolution).toBe("raw");
  });

  test("refuses what makes no sense", async () => {
    await fixture.append([[CPU, 1]]);
    const bad = (change: object) =>
      fixture.store.query({ seriesIds: [1], from: 0, to: START, points: 500, ...change });
    await expect(bad({ from: START })).rejects.toMatchObject({ code: "invalid_request" });
    await expect(bad({ from: Number.NaN })).rejects.toMatchObject({ code: "invalid_request" });
    await expect(bad({ points: 1e9 })).rejects.toMatchObject({ code: "invalid_request" });
    await expect(bad({ seriesIds: [77] })).rejects.toMatchObject({ code: "series_not_found" });
  });
});

describe("retention", () => {
  test("each tier loses what is past its age, and the file stops growing", async () => {
    fixture.configure({ ...DEFAULT_RETENTION, days: { raw: 2, "1m": 4, "1h": 6 } });
    await fixture.record(CPU, 9 * DAY, (i) => Math.sin(i) * 50, 20 * SECOND);
    const now = fixture.clock.now();
    const oldest = (tier: number) =>
      fixture.count(`SELECT min(start_at) AS n FROM chunks WHERE tier = ${tier}`);
    expect(oldest(0)).toBeGreaterThanOrEqual(now - 2 * DAY - HOUR);
    expect(oldest(1)).toBeGreaterThanOrEqual(now - 5 * DAY);
    expect(fixture.store.status().floors.raw).toBe(now - 2 * DAY);
    expect(fixture.database.findDamage()).toEqual([]);
    const sizeBytes = fixture.store.status().sizeBytes;
    await fixture.record(CPU, 2 * DAY, (i) => Math.sin(i) * 50, 20 * SECOND);
    expect(fixture.store.status().sizeBytes).toBeLessThan(sizeBytes * 1.1);
  });

  test("a shorter retention makes a large file shorter", async () => {
    const many = Array.from({ length: 200 }, (_, i) => series(`noise${i}`, "count"));
    for (let hour = 0; hour < 30; hour += 1) {
      const ticks = Array.from({ length: 60 }, (_, i) => ({
        at: START + hour * HOUR + i * MINUTE,
        measurements: many.map((target, k) => ({ series: target, value: Math.sin(hour * i * k) })),
      }));
      fixture.clock.setWall(START + (hour + 1) * HOUR);
      await fixture.store.append(ticks);
      await fixture.store.maintain();
    }
    await fixture.database.foldWal();
    const before = fixture.store.status().sizeBytes;
    fixture.configure({ ...DEFAULT_RETENTION, days: { raw: 1, "1m": 1, "1h": 730 } });
    fixture.clock.setWall(START + 4 * DAY);
    await fixture.append([[CPU, 1]]);
    await fixture.store.maintain();
    expect(fixture.store.status().sizeBytes).toBeLessThan(before / 2);
    expect(fixture.database.findDamage()).toEqual([]);
  });

  test("the budget takes the oldest samples first and is kept", async () => {
    const noise = series("noise", "count");
    await fixture.record(noise, 4 * DAY, (i) => Math.sin(i * i), 10 * SECOND);
    await fixture.database.foldWal();
    const before = fixture.store.status().sizeBytes;
    const budgetBytes = Math.round(before / 2);
    fixture.configure({ ...DEFAULT_RETENTION, budgetBytes });
    await fixture.store.maintain();
    expect(fixture.store.status().sizeBytes).toBeLessThanOrEqual(budgetBytes);
    expect(fixture.store.status().floors.raw).toBeGreaterThan(START);
    expect(fixture.count("SELECT count(*) AS n FROM chunks WHERE tier = 2")).toBe(1);
    expect(fixture.database.findDamage()).toEqual([]);
  });

  test("a series that vanished is forgotten when its last rollup is gone", async () => {
    fixture.configure({ ...DEFAULT_RETENTION, days: { raw: 1, "1m": 1, "1h": 1 } });
    await fixture.record(LOAD, 2 * HOUR, () => 1, MINUTE);
    for (let day = 1; day < 70; day += 1) {
      fixture.clock.setWall(START + day * DAY);
      await fixture.append([[CPU, day]]);
      await fixture.store.maintain();
    }
    expect(fixture.store.listSeries().map(({ definition }) => definition.key)).toEqual([CPU.key]);
    expect(fixture.count("SELECT count(*) AS n FROM series")).toBe(1);
    await fixture.append([[LOAD, 2]]);
    expect(await fixture.samplesOf(LOAD)).toEqual([[START + 69 * DAY, 2]]);
  });

  test("the forecast tells growth a day and the size it ends at", async () => {
    await fixture.record(CPU, 2 * DAY, wave, 5 * SECOND);
    const forecast = fixture.store.forecast(5_000);
    expect(forecast.bytesPerDay.raw).toBeGreaterThan(5_000);
    expect(forecast.bytesPerDay.raw).toBeLessThan(60_000);
    expect(forecast.steadyBytes).toBeGreaterThan(forecast.bytesPerDay.raw * 15);
    expect(forecast.daysUntilBudget).toBeUndefined();
  });
});
