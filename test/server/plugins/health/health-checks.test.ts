import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { STATE_MIGRATIONS } from "../../../../schema/migrations/state/index.ts";
import type { HealthReport } from "../../../../schema/plugin/rpc.ts";
import { Database } from "../../../../server/database/database.ts";
import { silentLogger } from "../../../../server/logs/logger.ts";
import { type HealthChange, HealthChecks } from "../../../../server/plugins/health/health-checks.ts";
import { HealthStore } from "../../../../server/plugins/store/health-store.ts";
import { Timers } from "../../../../server/scheduler/timers.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { TempFolder } from "../../../support/temp-folder.ts";
import { fakePackage } from "../packages.ts";
import { runningUnit } from "../supervision/unit-scenario.ts";

let folder: TempFolder;
let database: Database;
beforeEach(() => {
  folder = new TempFolder();
  const path = folder.file("state.db");
  database = Database.open({ path, migrations: STATE_MIGRATIONS, synchronous: "NORMAL" });
});
afterEach(async () => {
  await database.close();
  folder[Symbol.dispose]();
});

/** Checks of one plugin every ten seconds; `answer` is what it says of itself. */
async function scenario(first: HealthReport | "hangs", activation: "eager" | "lazy" = "eager") {
  const clock = new ManualClock();
  const timers = new Timers(clock, silentLogger);
  const store = new HealthStore(database);
  const changes: HealthChange[] = [];
  const checks = new HealthChecks({
    clock,
    timers,
    database,
    store,
    scrub: (text) => text.replaceAll("secret", "•"),
    changed: (_unit, change) => changes.push(change),
  });
  const saying: { report: HealthReport | "hangs" } = { report: first };
  const one = fakePackage({ activation, health: { intervalSeconds: 10, timeoutMs: 500 } });
  const running = await runningUnit(
    one,
    (fake) => {
      fake.report = () => (saying.report === "hangs" ? new Promise(() => undefined) : saying.report);
    },
    clock,
  );
  checks.follow(running.unit);
  const history = async () => (await store.list("hello", { limit: 100 })).items;
  return { ...running, timers, checks, store, changes, saying, history };
}

describe("health checks", () => {
  test("come on the plugin's own schedule and are kept, with what it depends on, bounded and without secrets", async () => {
    const dependencies = [{ name: "db", status: "healthy" as const, responseMs: 3 }];
    const { clock, unit, history, changes } = await scenario({
      status: "degraded",
      message: `the secret is out ${"x".repeat(5_000)}`,
      dependencies,
    });
    await clock.advance(1_000);
    expect(unit.health).toBe("degraded");
    await clock.advance(20_000);
    const records = await history();
    expect(records.length).toBe(3);
    expect(records[0]).toMatchObject({ status: "degraded", dependencies });
    expect(records[0]?.message.length).toBe(1_000);
    expect(records[0]?.message).toStartWith("the • is out");
    expect(changes.map(({ from, to }) => [from, to])).toEqual([["unknown", "degraded"]]);
  });

  test("that find it unhealthy come sooner, until it is better", async () => {
    const { clock, unit, saying, history, changes } = await scenario({ status: "unhealthy" });
    await clock.advance(1_000);
    expect(unit.health).toBe("unhealthy");
    saying.report = { status: "healthy" };
    await clock.advance(5_000);
    expect(unit.health).toBe("healthy");
    expect((await history()).length).toBe(2);
    expect(changes.map(({ to }) => to)).toEqual(["unhealthy", "healthy"]);
  });

  test("that hang time out; after three in a row the process is ended, which counts as a crash", async () => {
    const { clock, unit, process, heard, history } = await scenario("hangs");
    await clock.advance(1_500);
    expect(unit.health).toBe("unhealthy");
    expect((await history())[0]).toMatchObject({
      responseMs: undefined,
      message: "It did not answer within 500 ms.",
    });
    await clock.advance(30_000);
    expect(process.killedFor).toContain("3 health checks");
    expect(heard.some(({ kind }) => kind === "crashed")).toBe(true);
  });

  test("leave their verdict standing while the process rests: finding the same again is no change", async () => {
    const { clock, unit, checks, changes } = await scenario({ status: "unhealthy" }, "lazy");
    await clock.advance(1_000);
    const checkedAt = checks.lastOf("hello")?.at ?? 0;
    await clock.advance(6 * 60_000);
    expect(unit.process).toBeUndefined();
    checks.follow(unit);
    expect(unit.health).toBe("unhealthy");
    expect(checks.lastOf("hello")?.at).toBeGreaterThanOrEqual(checkedAt);
    await unit.start();
    checks.follow(unit);
    await clock.advance(1_000);
    expect(changes.map(({ from, to }) => [from, to])).toEqual([["unknown", "unhealthy"]]);
  });

  test("end with the process, and begin anew with the next", async () => {
    const { unit, timers, checks } = await scenario({ status: "healthy" });
    expect(timers.list().map(({ name }) => name)).toEqual(["plugins.health.hello"]);
    await unit.stop();
    checks.follow(unit);
    expect(timers.list()).toEqual([]);
    await unit.start();
    checks.follow(unit);
    expect(timers.list().length).toBe(1);
    checks.forget("hello");
    expect(timers.list()).toEqual([]);
  });
});

test("the history pages, and is bounded by number and age", async () => {
  const store = new HealthStore(database);
  const record = (at: number) => ({
    at,
    status: "healthy" as const,
    responseMs: 1,
    message: "",
    dependencies: [],
  });
  await database.write(async (tx) => {
    for (let at = 0; at < 50; at++) await store.insert(tx, "hello", record(at));
    await store.insert(tx, "other", record(0));
    await store.trim(tx, "hello", 20, 40);
  });
  const first = await store.list("hello", { limit: 6 });
  const second = await store.list("hello", { limit: 6, cursor: first.nextCursor ?? undefined });
  expect([...first.items, ...second.items].map(({ at }) => at)).toEqual([
    49, 48, 47, 46, 45, 44, 43, 42, 41, 40,
  ]);
  expect((await store.list("other", { limit: 6 })).items.length).toBe(1);
  await database.write((tx) => store.trim(tx, "hello", 3, 0));
  expect((await store.list("hello", { limit: 6 })).items.length).toBe(3);
});
