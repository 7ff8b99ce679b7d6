import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { PROFILER_MIGRATIONS } from "../../../schema/migrations/profiler/index.ts";
import { Database } from "../../../server/database/database.ts";
import { AppError } from "../../../server/errors/app-error.ts";
import { HOUR_MS, MINUTE_MS, OTHER_NAME } from "../../../server/profiler/operation.ts";
import { Profiler, type ProfilerLimits, type SlowNotice } from "../../../server/profiler/service.ts";
import { RELATIVE_ERROR } from "../../../server/profiler/sketch.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { TempFolder } from "../../support/temp-folder.ts";
import { realShapedLatencies } from "./latencies.ts";

const DAY_MS = 24 * HOUR_MS;

let folder: TempFolder;
let clock: ManualClock;
let database: Database;
let limits: ProfilerLimits;
let told: SlowNotice[];
let profiler: Profiler;

const openDatabase = () =>
  Database.open({ path: folder.file("profiler.db"), migrations: PROFILER_MIGRATIONS, synchronous: "NORMAL" });
const openProfiler = async (): Promise<Profiler> => {
  const made = new Profiler({
    database,
    clock,
    limits: () => limits,
    scrub: (text) => text.replaceAll("hunter2", "•••"),
    announce: (notice) => void told.push(notice),
  });
  await made.open();
  return made;
};
const restart = async (): Promise<void> => {
  await database.close();
  database = openDatabase();
  profiler = await openProfiler();
};
const statistics = async (window: "1h" | "24h" | "7d" = "1h") =>
  (await profiler.statistics({ window, sort: "name", limit: 1_000 })).items;
const slow = () => profiler.listSlow({ minimumMs: 0 }, 1_000);
const rowsOf = (table: string): number =>
  database.reader.$client.query<{ rows: number }, []>(`SELECT count(*) AS rows FROM ${table}`).get()?.rows ??
  -1;

beforeEach(async () => {
  folder = new TempFolder();
  clock = new ManualClock();
  limits = { slowMs: 1_000, retentionMs: 15 * DAY_MS, maxOperations: 100, maxSlowOperations: 50 };
  told = [];
  database = openDatabase();
  profiler = await openProfiler();
});
afterEach(async () => {
  await database.close();
  folder[Symbol.dispose]();
});

describe("what is recorded", () => {
  test("survives a restart and goes on within the same minute", async () => {
    profiler.recorder.record("http", "GET /a", 10, false);
    await profiler.flush();
    await restart();
    profiler.recorder.record("http", "GET /a", 30, true);
    expect(await statistics()).toMatchObject([
      { name: "GET /a", errors: 1, sketch: { count: 2, sumMs: 40, minMs: 10, maxMs: 30 } },
    ]);
  });

  test("over minutes, hours and restarts has the percentiles of all durations, within the stated error", async () => {
    const durations = realShapedLatencies(6_000);
    for (const [index, durationMs] of durations.entries()) {
      if (index % 100 === 0) await clock.advance(MINUTE_MS);
      if (index % 1_000 === 0) await restart();
      profiler.recorder.record("timer", "work", durationMs, false);
      if (index % 500 === 499) await profiler.flush();
    }
    const [one] = await statistics("24h");
    const sorted = durations.toSorted();
    expect(one?.sketch.count).toBe(6_000);
    for (const q of [0.5, 0.95, 0.99]) {
      const exact = sorted[Math.floor(q * 5_999)] ?? Number.NaN;
      expect(Math.abs((one?.sketch.quantile(q) ?? 0) - exact)).toBeLessThanOrEqual(
        exact * (RELATIVE_ERROR + 1e-9),
      );
    }
  });

  test("is there for who reads next, also while the writing of what came before is under way", async () => {
    profiler.recorder.record("http", "GET /a", 10, false);
    const write = database.write.bind(database);
    let readers: Promise<unknown>[] = [];
    let writes = 0;
    database.write = async (work) => {
      writes++;
      await Promise.resolve();
      if (writes === 1) {
        profiler.recorder.record("http", "GET /b", 10, false);
        readers = [statistics(), statistics(), statistics()];
      }
      return write(work);
    };
    await profiler.flush();
    const both = [{ name: "GET /a" }, { name: "GET /b" }];
    expect(await Promise.all(readers)).toMatchObject([both, both, both]);
    expect(writes).toBe(2);
  });

  test("is not lost, nor counted twice, when the disk refuses it for a while", async () => {
    for (let n = 0; n < 120; n++) profiler.recorder.record("http", `GET /${n % 60}`, 5, false);
    const write = database.write.bind(database);
    let writes = 0;
    database.write = (work) => {
      writes++;
      return writes === 2 ? Promise.reject(new AppError("storage_full")) : write(work);
    };
    await expect(profiler.flush()).rejects.toThrow();
    profiler.recorder.record("http", "GET /0", 5, false);
    const found = await statistics();
    expect(found.reduce((sum, { sketch }) => sum + sketch.count, 0)).toBe(121);
    expect(found).toHaveLength(60);
  });

  test("follows a wall clock that is set back", async () => {
    profiler.recorder.record("http", "GET /a", 5, false);
    clock.setWall(clock.now() - 10 * MINUTE_MS);
    profiler.recorder.record("http", "GET /a", 5, false);
    clock.setWall(clock.now() + 10 * MINUTE_MS);
    expect((await statistics())[0]?.sketch.count).toBe(2);
  });
});

describe("names from outside", () => {
  test("beyond the limit are counted together, and leave room for our own", async () => {
    for (let n = 0; n < 500; n++) profiler.recorder.record("graphql", `query Attack${n}`, 1, false);
    for (let n = 0; n < 20; n++) profiler.recorder.record("http", `GET /${n}`, 1, false);
    const found = await statistics();
    expect(found.filter(({ kind }) => kind === "http")).toHaveLength(20);
    expect(found.filter(({ kind }) => kind === "graphql")).toHaveLength(41);
    expect(found.find(({ name }) => name === OTHER_NAME)?.sketch.count).toBe(460);
    expect(profiler.recorder.overflowed).toBe(460);
    expect(rowsOf("operations")).toBe(61);
  });

  test("known before a restart keep their place after it", async () => {
    for (let n = 0; n < 60; n++) profiler.recorder.record("graphql", `query Q${n}`, 1, false);
    await profiler.flush();
    await restart();
    profiler.recorder.record("graphql", "query Q7", 1, false);
    profiler.recorder.record("graphql", "query Q59", 1, false);
    const found = await statistics();
    expect(found.find(({ name }) => name === "query Q7")?.sketch.count).toBe(2);
    expect(found.find(({ name }) => name === OTHER_NAME)?.sketch.count).toBe(21);
  });
});

describe("slow operations", () => {
  test("hold their context without secrets, and are described only when slow", async () => {
    let described = 0;
    const describe = () => {
      described++;
      return { correlationId: "c-1", principal: "ada", attributes: { query: "password=hunter2", rows: 3 } };
    };
    profiler.recorder.record("http", "GET /a", 999, false, describe);
    profiler.recorder.record("http", "GET /a", 1_000, false, describe);
    expect(described).toBe(1);
    expect(await slow()).toMatchObject([
      {
        name: "GET /a",
        durationMs: 1_000,
        correlationId: "c-1",
        principal: "ada",
        attributes: { query: "password=•••", rows: "3" },
      },
    ]);
  });

  test("are a ring: the latest stay; what comes in a flood is counted", async () => {
    for (let n = 0; n < 80; n++) {
      profiler.recorder.record("http", `GET /${n % 4}`, 2_000 + n, false);
      await profiler.flush();
    }
    expect((await slow()).map(({ durationMs }) => durationMs)).toEqual(
      Array.from({ length: 50 }, (_, place) => 2_079 - place),
    );
    for (let n = 0; n < 600; n++) profiler.recorder.record("http", "GET /flood", 5_000, false);
    expect(await slow()).toHaveLength(50);
    expect(profiler.recorder.droppedSlow).toBe(100);
    expect((await statistics()).find(({ name }) => name === "GET /flood")?.sketch.count).toBe(600);
  });

  test("are told at most once a minute each, saying how many were not", async () => {
    for (let n = 0; n < 5; n++) profiler.recorder.record("http", "GET /a", 2_000, false);
    profiler.recorder.record("http", "GET /b", 2_000, false);
    await clock.advance(MINUTE_MS);
    profiler.recorder.record("http", "GET /a", 2_000, false);
    expect(told.map(({ slow: { name }, untold }) => [name, untold])).toEqual([
      ["GET /a", 0],
      ["GET /b", 0],
      ["GET /a", 4],
    ]);
  });

  test("of many names are told thirty times a minute, however many there are", async () => {
    for (let n = 0; n < 60; n++) profiler.recorder.record("http", `GET /${n}`, 2_000, false);
    expect(told).toHaveLength(30);
    await clock.advance(MINUTE_MS);
    for (let n = 0; n < 60; n++) profiler.recorder.record("http", `GET /${59 - n}`, 2_000, false);
    expect(told).toHaveLength(60);
  });
});

test("what is older than is kept goes: minutes after two hours, all else after the retention", async () => {
  profiler.recorder.record("http", "GET /old", 2_000, false);
  await profiler.flush();
  await clock.advance(3 * HOUR_MS);
  await profiler.clean();
  expect(await statistics("1h")).toEqual([]);
  expect(await statistics("24h")).toHaveLength(1);
  expect(rowsOf("operation_windows")).toBe(1);
  await clock.advance(15 * DAY_MS);
  await profiler.clean();
  expect([rowsOf("operations"), rowsOf("operation_windows"), rowsOf("slow_operations")]).toEqual([0, 0, 0]);
});

test("the limit on operations holds when it is lowered: those seen last stay", async () => {
  for (let n = 0; n < 90; n++) {
    profiler.recorder.record("http", `GET /${n}`, 1, false);
    await clock.advance(MINUTE_MS);
  }
  await profiler.flush();
  limits = { ...limits, maxOperations: 50 };
  await profiler.clean();
  expect(rowsOf("operations")).toBe(50);
  profiler.recorder.record("http", "GET /89", 1, false);
  expect((await statistics("24h")).find(({ name }) => name === "GET /89")?.sketch.count).toBe(2);
});

describe("a span of time that is asked for", () => {
  const idOf = async (): Promise<number> => (await statistics("24h"))[0]?.id ?? 0;

  test("is given minute by minute within two hours, in whole hours beyond, and its figures are of it alone", async () => {
    const begin = clock.now();
    for (let minute = 0; minute < 180; minute++) {
      profiler.recorder.record("http", "GET /a", minute < 90 ? 10 : 500, false);
      await profiler.flush();
      await clock.advance(MINUTE_MS);
    }
    const id = await idOf();
    const late = await profiler.history(id, { from: begin + 100 * MINUTE_MS, to: begin + 110 * MINUTE_MS });
    expect([late.widthMs, late.windows.length, late.statistics.sketch.count]).toEqual([MINUTE_MS, 10, 10]);
    expect(late.statistics.sketch.minMs).toBe(500);
    const early = await profiler.history(id, { from: begin + 5 * MINUTE_MS, to: begin + 20 * MINUTE_MS });
    expect([early.widthMs, early.statistics.sketch.count]).toEqual([HOUR_MS, 60]);
    expect([early.from, early.to]).toEqual([begin, begin + HOUR_MS]);
    const rest = await profiler.history(id, { from: begin + 120 * MINUTE_MS });
    expect(rest.statistics.sketch.count).toBe(60);
  });

  test("is never wider than what is kept, and one without time that has passed is refused", async () => {
    profiler.recorder.record("http", "GET /a", 10, false);
    const id = await idOf();
    const now = clock.now();
    expect((await profiler.history(id, { from: 0 })).from).toBe(now - limits.retentionMs);
    limits = { ...limits, retentionMs: 300 * DAY_MS };
    expect((await profiler.history(id, { from: 0 })).from).toBe(now - 999 * HOUR_MS);
    const past = await profiler.history(id, { from: now - 400 * DAY_MS, to: now - 350 * DAY_MS });
    expect([past.to - past.from, past.windows]).toEqual([HOUR_MS, []]);
    for (const span of [{ from: now + 1 }, { from: now - 5, to: now - 5 }])
      await expect(profiler.history(id, span)).rejects.toMatchObject({ code: "invalid_request" });
  });
});
