import { describe, expect, test } from "bun:test";
import type { PluginManifest } from "../../../../schema/plugin/manifest.ts";
import { AppError } from "../../../../server/errors/app-error.ts";
import { Probe } from "../../../../server/lib/probe.ts";
import { silentLogger } from "../../../../server/logs/logger.ts";
import { defineSeries } from "../../../../server/metrics/series.ts";
import { PluginMetrics } from "../../../../server/plugins/broker/recorded-metrics.ts";
import { Collections } from "../../../../server/plugins/collection/collections.ts";
import { collectIntervalSeconds } from "../../../../server/plugins/collection/interval.ts";
import { Timers } from "../../../../server/scheduler/timers.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { fakePackage } from "../packages.ts";
import { runningUnit, standing } from "../supervision/unit-scenario.ts";

const measured = (name: string, value: number, labels = {}) => ({
  series: defineSeries(name, labels, "count", "A test's."),
  value,
});

/** A monitor asked every ten seconds; it begins after half of its spread: 2.5 seconds. */
async function scenario(manifest: Partial<PluginManifest> = {}) {
  const clock = new ManualClock();
  const timers = new Timers(clock, silentLogger);
  const recorded = new PluginMetrics(defineSeries, clock);
  const turns: (string | undefined)[] = [];
  const answer: { of: () => unknown } = { of: () => ({ load: 1 }) };
  const one = fakePackage({
    type: "monitor",
    activation: "eager",
    collect: { intervalSeconds: 10 },
    ...manifest,
  });
  const running = await runningUnit(
    one,
    (process) => {
      process.answer = () => answer.of();
    },
    clock,
  );
  const config: Record<string, unknown> = {};
  const collections = new Collections({
    clock,
    timers,
    probe: new Probe(),
    recorded,
    intervalOf: ({ inForce }) =>
      inForce?.manifest.type === "monitor" ? collectIntervalSeconds(inForce.manifest, config) : undefined,
    latest: () => ({
      at: 0,
      measurements: [
        measured("cpu_used_percent", 12),
        measured("disk_used_percent", 40, { mount: "/" }),
        measured("plugin_other_secret", 1),
      ],
    }),
    turned: async (unit) => turns.push(collections.complaintOf(unit.id)),
    scrub: (text) => text.replaceAll("hunter2", "•"),
    random: () => 0.5,
  });
  collections.follow(running.unit);
  const keys = () => recorded.collect().map(({ series, value }) => [series.key, value]);
  const asked = () => running.processes.flatMap(({ invoked }) => invoked).length;
  return { ...running, one, clock, timers, collections, turns, answer, keys, asked, config };
}

describe("a monitor", () => {
  test("is asked at its interval, with the server's own values, and what it brings becomes series", async () => {
    const { clock, process, collections, answer, keys, asked } = await scenario();
    await clock.advance(2_500);
    expect(process.invoked).toEqual([
      {
        verb: "collect",
        input: { metrics: { cpu_used_percent: 12, 'disk_used_percent{mount="/"}': 40 } },
      },
    ]);
    expect(keys()).toEqual([['plugin_hello_load{plugin="hello"}', 1]]);
    answer.of = () => [{ name: "load", value: 2, labels: { of: "disk" }, unit: "ratio" }];
    await clock.advance(20_000);
    expect(asked()).toBe(3);
    expect(keys()).toContainEqual(['plugin_hello_load{of="disk",plugin="hello"}', 2]);
    expect(collections.intervalOf("hello")).toBe(10);
    expect(collections.lastOf("hello")).toMatchObject({ values: 1, error: undefined });
  });

  test("that is still at it is not asked a second time", async () => {
    const { clock, answer, asked } = await scenario();
    const slow = Promise.withResolvers<object>();
    answer.of = () => slow.promise;
    await clock.advance(45_000);
    expect(asked()).toBe(1);
    slow.resolve({});
    answer.of = () => ({});
    await clock.advance(10_000);
    expect(asked()).toBe(2);
  });

  test("is passed over while it is paused, disabled, stopped, quarantined or unhealthy, and asked again afterwards", async () => {
    const { clock, unit, one, timers, collections, asked } = await scenario();
    const away = [
      standing(one, { isPaused: true }),
      standing(one, { isEnabled: false }),
      standing(one, { quarantine: { reason: "It crashed.", at: 0 } }),
    ];
    for (const decided of away) {
      await unit.apply(decided);
      collections.follow(unit);
      expect(timers.list()).toEqual([]);
      await clock.advance(60_000);
    }
    expect(asked()).toBe(0);
    await unit.apply(standing(one));
    collections.follow(unit);
    await clock.advance(2_500);
    expect(asked()).toBe(1);
    unit.setHealth("unhealthy");
    await clock.advance(60_000);
    expect(asked()).toBe(1);
    await unit.stop();
    collections.follow(unit);
    expect(timers.list()).toEqual([]);
  });

  test("whose collections fail complains once, without secrets, until one goes well", async () => {
    const { clock, collections, turns, answer, keys } = await scenario();
    await clock.advance(2_500);
    expect(turns).toEqual([]);
    answer.of = () => {
      throw new AppError("plugin_execution_failed", "no way in with hunter2");
    };
    await clock.advance(20_000);
    expect(turns).toEqual(["no way in with •"]);
    expect(keys().length).toBe(1);
    await clock.advance(11_000);
    expect(keys()).toEqual([]);
    answer.of = () => ({ load: 3 });
    await clock.advance(10_000);
    expect(turns).toEqual(["no way in with •", undefined]);
    expect(collections.complaintOf("hello")).toBeUndefined();
  });

  test.each([
    ["a text", "many", "What collect answered cannot be recorded: The parameters: Expected array."],
    ["a value that is no number", { load: "high" }, "0.value: Expected number."],
    ["a number that is none", { load: Number.NaN }, "cannot be recorded"],
    ["a name that is no name", { "Load Average": 1 }, "is not lower-case words joined by _"],
    ["a field that is not known", [{ name: "a", value: 1, colour: "red" }], "0.colour: Unexpected property."],
    [
      "too much",
      Array.from({ length: 201 }, (_, value) => ({ name: `n${value}`, value })),
      "Expected array length",
    ],
  ])(
    "that answers with %s is told what is wrong, and nothing of it is recorded",
    async (_name, said, why) => {
      const { clock, collections, answer, keys } = await scenario();
      answer.of = () => said;
      await clock.advance(2_500);
      expect(collections.complaintOf("hello")).toContain(why);
      expect(keys()).toEqual([]);
    },
  );

  test("that records by itself answers nothing", async () => {
    const { clock, collections, answer } = await scenario();
    answer.of = () => null;
    await clock.advance(2_500);
    expect(collections.lastOf("hello")).toMatchObject({ values: 0, error: undefined });
  });

  test("is asked in the rhythm of its configuration, from the moment that changes", async () => {
    const manifest = { collect: { intervalSeconds: `\${config.every}` } };
    const { clock, unit, collections, config, asked } = await scenario(manifest);
    expect(collections.intervalOf("hello")).toBe(60);
    config.every = 2;
    collections.follow(unit);
    expect(collections.intervalOf("hello")).toBe(2);
    await clock.advance(5_000);
    expect(asked()).toBe(3);
    for (const every of [0, 1.5, "often", [1], 90_000]) {
      expect(collectIntervalSeconds({ ...fakePackage().manifest, ...manifest }, { every })).toBe(
        Array.isArray(every) ? 1 : 60,
      );
    }
  });

  test("that is gone is asked no more, and nothing is known of it", async () => {
    const { clock, timers, collections, asked } = await scenario();
    await clock.advance(2_500);
    collections.forget("hello");
    await clock.advance(60_000);
    expect([asked(), timers.list(), collections.lastOf("hello")]).toEqual([1, [], undefined]);
  });
});

test("a plugin of another type is never asked to collect", async () => {
  const { clock, timers, asked } = await scenario({ type: "task" });
  await clock.advance(60_000);
  expect([asked(), timers.list()]).toEqual([0, []]);
});
