import { describe, expect, test } from "bun:test";
import { CpuCollector, type CpuReading } from "../../../../server/metrics/collect/cpu.ts";
import { parseStat } from "../../../../server/metrics/collect/procfs/stat.ts";
import { byKey, SteadyClock } from "./recorded-machine.ts";

/** A collector that sees one text of /proc/stat after the other, five seconds apart. */
function collectEach(texts: readonly (string | undefined)[]): Record<string, number>[] {
  const clock = new SteadyClock();
  let reading: CpuReading | undefined;
  const collector = new CpuCollector(() => reading, clock);
  return texts.map((text, tick) => {
    reading = text === undefined ? undefined : parseStat(text);
    clock.ms += 5000;
    return byKey(collector.collect(tick));
  });
}

const last = (ticks: Record<string, number>[]) => ticks.at(-1) ?? {};

describe("processor usage", () => {
  test("is nothing at the first tick and shares of the growth at the second", () => {
    const ticks = collectEach([
      "cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 100 0 100 800 0 0 0 0 0 0\n",
      "cpu  130 10 120 1020 10 2 3 5 0 0\ncpu0 130 10 120 1020 10 2 3 5 0 0\n",
    ]);
    expect(ticks[0]).toEqual({});
    expect(ticks[1]).toEqual({
      'cpu_usage_percent{mode="total"}': (100 * 70) / 300,
      'cpu_usage_percent{mode="user"}': 10,
      'cpu_usage_percent{mode="system"}': (100 * 20) / 300,
      'cpu_usage_percent{mode="iowait"}': (100 * 10) / 300,
      'cpu_usage_percent{mode="irq"}': (100 * 5) / 300,
      'cpu_usage_percent{mode="steal"}': (100 * 5) / 300,
      'cpu_usage_percent{mode="nice"}': (100 * 10) / 300,
      'cpu_core_usage_percent{core="0"}': (100 * 70) / 300,
    });
  });

  test("stays between 0 and 100 when idle and iowait run backwards", () => {
    const usage = last(collectEach(["cpu  0 0 0 500 40\n", "cpu  50 0 0 490 30\n"]));
    expect(usage['cpu_usage_percent{mode="total"}']).toBe(100);
    expect(usage['cpu_usage_percent{mode="iowait"}']).toBe(0);
  });

  test("is a gap when no time passed, as on a machine that was stopped", () => {
    expect(last(collectEach(["cpu  1 2 3 4\n", "cpu  1 2 3 4\n"]))).toEqual({});
  });

  test("is a gap after a reading that failed, and comes back", () => {
    const ticks = collectEach(["cpu  0 0 0 0\n", undefined, "cpu  10 0 0 10\n", "cpu  20 0 0 20\n"]);
    expect(ticks.map((tick) => tick['cpu_usage_percent{mode="total"}'])).toEqual([
      undefined,
      undefined,
      undefined,
      50,
    ]);
  });

  test("begins a core that is plugged in with its second reading, and drops one that is pulled out", () => {
    const ticks = collectEach([
      "cpu  0 0 0 0\ncpu0 0 0 0 0\ncpu1 0 0 0 0\n",
      "cpu  5 0 0 15\ncpu0 5 0 0 5\ncpu2 700 0 0 9000\n",
      "cpu  9 0 0 31\ncpu0 6 0 0 14\ncpu2 703 0 0 9007\n",
    ]);
    const coresOf = (tick: Record<string, number> = {}) =>
      Object.entries(tick).filter(([key]) => key.startsWith("cpu_core"));
    expect(coresOf(ticks[1])).toEqual([['cpu_core_usage_percent{core="0"}', 50]]);
    expect(coresOf(ticks[2])).toEqual([
      ['cpu_core_usage_percent{core="0"}', 10],
      ['cpu_core_usage_percent{core="2"}', 30],
    ]);
  });

  test("gives the same definition object at every tick, so that nothing is built anew", () => {
    const clock = new SteadyClock();
    let user = 0;
    const collector = new CpuCollector(() => parseStat(`cpu  ${user} 0 0 9\ncpu0 ${user} 0 0 9\n`), clock);
    const seriesOfATick = () => {
      user += 10;
      clock.ms += 1000;
      return collector.collect(user).map(({ series }) => series);
    };
    seriesOfATick();
    const [first, second] = [seriesOfATick(), seriesOfATick()];
    expect(first).toHaveLength(8);
    expect(first.every((series, index) => series === second[index])).toBe(true);
  });
});
