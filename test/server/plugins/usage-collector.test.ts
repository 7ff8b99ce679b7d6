import { expect, test } from "bun:test";
import { defineSeries } from "../../../server/metrics/series.ts";
import { UsageCollector } from "../../../server/plugins/usage-collector.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { fakePackage } from "./packages.ts";
import { runningUnit } from "./supervision/unit-scenario.ts";

const OPTIONS = { correlationId: "c", caller: "test" };

test("calls, durations, memory and CPU of a plugin are series; without a process there is no memory and no CPU", async () => {
  const clock = new ManualClock();
  let cpuSeconds = 1;
  const { unit, process } = await runningUnit(
    fakePackage(),
    (fake) => {
      fake.answer = async (_verb, input) => {
        if (input === "wrong") throw new Error("no");
        await clock.advance(20);
      };
      fake.usage = () =>
        fake.hasEnded ? undefined : { cpuSeconds, pssBytes: 9_000_000, rssBytes: 30_000_000, threads: 5 };
    },
    clock,
  );
  const collector = new UsageCollector(() => [unit], clock, defineSeries);
  const collect = () =>
    Object.fromEntries(collector.collect().map(({ series, value }) => [series.key, value]));
  await unit.call("execute", "right", OPTIONS);
  await unit.call("execute", "wrong", OPTIONS).catch(() => undefined);
  expect(collect()).toEqual({
    'plugin_calls_total{outcome="ok",plugin="hello"}': 1,
    'plugin_calls_total{outcome="error",plugin="hello"}': 1,
    'plugin_call_duration_seconds{plugin="hello",quantile="0.5"}': 0,
    'plugin_call_duration_seconds{plugin="hello",quantile="0.95"}': 0.02,
    'plugin_call_duration_seconds{plugin="hello",quantile="0.99"}': 0.02,
    'plugin_memory_bytes{plugin="hello"}': 9_000_000,
    'plugin_health{plugin="hello"}': -1,
  });
  cpuSeconds = 3;
  await clock.advance(10_000);
  expect(collect()['plugin_cpu_percent{plugin="hello"}']).toBe(20);
  expect(collector.usageOf("hello")).toEqual({ cpuPercent: 20, memoryBytes: 9_000_000 });
  await unit.stop();
  await process.exited;
  expect(Object.keys(collect()).filter((key) => /memory|cpu|duration/.test(key))).toEqual([]);
});

test("the pages of many processes are not added up at one sampling", async () => {
  const clock = new ManualClock();
  let readings = 0;
  const running = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      runningUnit(
        fakePackage({ id: `p${index}` }),
        (fake) => {
          fake.usage = () => {
            readings++;
            return { cpuSeconds: 1, pssBytes: 1, rssBytes: 1, threads: 1 };
          };
        },
        clock,
      ),
    ),
  );
  const collector = new UsageCollector(() => running.map(({ unit }) => unit), clock, defineSeries);
  const perSampling: number[] = [];
  for (let sampling = 0; sampling < 4; sampling++) {
    readings = 0;
    collector.collect();
    perSampling.push(readings);
    await clock.advance(2_000);
  }
  expect(perSampling).toEqual([8, 8, 4, 0]);
});
