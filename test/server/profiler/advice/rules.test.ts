import { describe, expect, test } from "bun:test";
import { PROFILER_MIGRATIONS } from "../../../../schema/migrations/profiler/index.ts";
import { Database } from "../../../../server/database/database.ts";
import { estimateRows, readQueryPlans } from "../../../../server/database/query-plans.ts";
import { failsOften } from "../../../../server/profiler/advice/fails-often.ts";
import { missingIndexes } from "../../../../server/profiler/advice/missing-index.ts";
import { pluginsNearLimit } from "../../../../server/profiler/advice/plugin-near-limit.ts";
import { slowerThanBefore } from "../../../../server/profiler/advice/slower-than-before.ts";
import type { OperationStatistics } from "../../../../server/profiler/operation.ts";
import { DurationSketch } from "../../../../server/profiler/sketch.ts";
import { startApp } from "../../../support/start-app.ts";
import { TempFolder } from "../../../support/temp-folder.ts";

interface Sketched {
  ms: number;
  count: number;
  errors?: number;
  kind?: OperationStatistics["kind"];
}
const statistics = ({ ms, count, errors = 0, kind = "http" }: Sketched): OperationStatistics => {
  const sketch = new DurationSketch();
  for (let n = 0; n < count; n++) sketch.add(ms);
  return { id: 1, kind, source: "binnacle", name: "it", sketch, errors, lastSeenAt: 0 };
};

describe("slower than before", () => {
  const judge = (now: Sketched, before: Sketched) =>
    slowerThanBefore([statistics(now)], [statistics(before)]);

  test("names what has at least doubled, with both figures", () => {
    const [found, ...rest] = judge({ ms: 90, count: 100 }, { ms: 30, count: 500 });
    expect(rest).toEqual([]);
    expect(found).toMatchObject({
      kind: "slower_than_before",
      subject: "it",
      evidence: { calls: 100, callsBefore: 500 },
    });
    expect(found?.finding).toContain("3.0 times");
  });

  test.each([
    ["less than doubled", { ms: 55, count: 100 }, { ms: 30, count: 100 }],
    ["too few calls now", { ms: 90, count: 99 }, { ms: 30, count: 100 }],
    ["too few calls before", { ms: 90, count: 100 }, { ms: 30, count: 99 }],
    ["quick all the same", { ms: 15, count: 100 }, { ms: 1, count: 100 }],
  ])("says nothing of what has %s", (_what, now, before) => {
    expect(judge(now, before)).toEqual([]);
  });

  test("says nothing of what was not there before", () => {
    expect(slowerThanBefore([statistics({ ms: 900, count: 900 })], [])).toEqual([]);
  });
});

test("fails often: from one run in twenty, once there were twenty", () => {
  expect(failsOften([statistics({ ms: 1, count: 100, errors: 5 })])).toMatchObject([
    { evidence: { failed: 5, calls: 100, failedPercent: 5 } },
  ]);
  expect(failsOften([statistics({ ms: 1, count: 100, errors: 4 })])).toEqual([]);
  expect(failsOften([statistics({ ms: 1, count: 19, errors: 19 })])).toEqual([]);
});

test("plugin near its limit: from four fifths of the time that a call may take", () => {
  const judge = (ms: number, count = 10, kind: OperationStatistics["kind"] = "plugin") =>
    pluginsNearLimit([statistics({ ms, count, kind })], (plugin) => (plugin === "it" ? 1_000 : undefined));
  expect(judge(850)).toMatchObject([{ subject: "it", evidence: { limitSeconds: 1, calls: 10 } }]);
  expect([judge(700), judge(850, 9), judge(850, 10, "http")]).toEqual([[], [], []]);
});

describe("missing index", () => {
  const openWithRows = (path: string, rows: number): Database => {
    const database = Database.open({ path, migrations: PROFILER_MIGRATIONS, synchronous: "NORMAL" });
    const insert = database.reader.$client;
    insert.run("PRAGMA query_only = OFF");
    insert.run(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
       INSERT INTO operations (kind, source, name, first_seen_at, last_seen_at) SELECT 'app', 's', i, 0, 0 FROM n`,
    );
    return database;
  };
  const judge = (database: Database) =>
    missingIndexes(readQueryPlans("test", database), (table) => estimateRows(database, table));
  const whole = "SELECT id FROM operations WHERE last_seen_at > ?";

  test("is seen in SQLite's plan of a statement in use", async () => {
    using folder = new TempFolder();
    const database = openWithRows(folder.file("large.db"), 12_000);
    const client = database.reader.$client;
    client.prepare(whole).all(5);
    client.prepare("SELECT id FROM operations WHERE id = ?").all(5);
    client.prepare("SELECT count(*) FROM operations").all();
    expect(judge(database)).toEqual([
      expect.objectContaining({
        subject: "test.operations",
        evidence: { statement: whole, plan: "SCAN operations", rows: 12_000 },
      }),
    ]);
    await database.close();
  });

  test("is none where the table is small", async () => {
    using folder = new TempFolder();
    const database = openWithRows(folder.file("small.db"), 100);
    database.reader.$client.prepare(whole).all(5);
    expect(judge(database)).toEqual([]);
    await database.close();
  });
});

test("suggestions are the same over REST and GraphQL, and need profiler:read", async () => {
  await using app = await startApp();
  const reader = await app.token(["profiler:read"]);
  for (let n = 0; n < 40; n++) app.parts.probe.observer?.record("timer", "sweeping", 3, n % 2 === 0);
  const { items } = (await (await reader.get("/api/v3/profiler/suggestions")).json()) as {
    items: { subject: string; kind: string; evidence: object }[];
  };
  expect(items.map(({ kind, subject }) => [kind, subject])).toEqual([["fails_often", "sweeping"]]);
  const { result } = await reader.graphql("{ optimizationSuggestions { kind subject evidence } }");
  expect(result.data?.optimizationSuggestions).toEqual(
    items.map(({ kind, subject, evidence }) => ({ kind, subject, evidence })),
  );
  const stranger = await app.token(["metrics:read"]);
  expect((await stranger.get("/api/v3/profiler/suggestions")).status).toBe(403);
});
