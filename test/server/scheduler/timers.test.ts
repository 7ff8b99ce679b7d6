import { describe, expect, test } from "bun:test";
import { silentLogger } from "../../../server/logs/logger.ts";
import { Timers } from "../../../server/scheduler/timers.ts";
import { ManualClock } from "../../support/manual-clock.ts";

function make() {
  const clock = new ManualClock();
  const errors: string[] = [];
  const log = { ...silentLogger, error: (message: string) => errors.push(message) };
  return { clock, errors, timers: new Timers(clock, log) };
}

describe("a timer", () => {
  test("runs at each interval, first after one, and keeps its phase whatever a run takes", async () => {
    const { clock, timers } = make();
    const startedAt = clock.now();
    const runs: number[] = [];
    timers.every("sample", 1_000, async () => {
      runs.push(clock.now() - startedAt);
      const { promise, resolve } = Promise.withResolvers<void>();
      clock.after(300, resolve);
      await promise;
    });
    await clock.advance(4_500);
    expect(runs).toEqual([1_000, 2_000, 3_000, 4_000]);
  });

  test("never overlaps itself and skips what it missed", async () => {
    const { clock, timers } = make();
    let runs = 0;
    let proceed = (): void => {};
    timers.every("slow", 1_000, () => {
      runs++;
      return new Promise((resolve) => {
        proceed = resolve;
      });
    });
    await clock.advance(10_500);
    expect(runs).toBe(1);
    proceed();
    await clock.advance(499);
    expect(runs).toBe(1);
    await clock.advance(1);
    expect(runs).toBe(2);
  });

  test("goes on after a failure, which is counted and logged", async () => {
    const { clock, errors, timers } = make();
    timers.every("flaky", 1_000, () => {
      throw new Error("no");
    });
    await clock.advance(3_000);
    expect(timers.list()).toMatchObject([{ name: "flaky", intervalMs: 1_000, runs: 3, failures: 3 }]);
    expect(errors).toHaveLength(3);
  });

  test("is replaced by its name, and the new one waits for the old one's run", async () => {
    const { clock, timers } = make();
    const order: string[] = [];
    let proceed = (): void => {};
    timers.every("x", 1_000, async () => {
      order.push("old begins");
      await new Promise<void>((resolve) => {
        proceed = resolve;
      });
      order.push("old ends");
    });
    await clock.advance(1_000);
    timers.every("x", 100, () => {
      order.push("new");
    });
    await clock.advance(1_000);
    expect(order).toEqual(["old begins"]);
    proceed();
    await clock.advance(100);
    expect(order.slice(0, 3)).toEqual(["old begins", "old ends", "new"]);
    expect(timers.list()).toHaveLength(1);
  });

  test("ends by what `every` returned, which does not end a later one of the same name", async () => {
    const { clock, timers } = make();
    let runs = 0;
    const end = timers.every("x", 1_000, () => {
      runs++;
    });
    timers.every("x", 1_000, () => {
      runs += 10;
    });
    end();
    await clock.advance(1_000);
    expect(runs).toBe(10);
    timers.cancel("x");
    await clock.advance(5_000);
    expect(runs).toBe(10);
  });

  test("keeps its pace when the wall clock is set", async () => {
    const { clock, timers } = make();
    let runs = 0;
    timers.every("x", 1_000, () => {
      runs++;
    });
    clock.setWall(0);
    await clock.advance(2_000);
    clock.setWall(Date.UTC(2040, 0, 1));
    await clock.advance(1_000);
    expect(runs).toBe(3);
  });

  test("needs a positive interval", () => {
    const { timers } = make();
    for (const intervalMs of [0, -1, Number.NaN]) {
      expect(() => timers.every("x", intervalMs, () => {})).toThrow(RangeError);
    }
    expect(timers.list()).toEqual([]);
  });
});

test("stopping waits for runs under way, cancelled ones too, and nothing runs afterwards", async () => {
  const { clock, timers } = make();
  let runs = 0;
  const releases: (() => void)[] = [];
  for (const name of ["a", "b"]) {
    timers.every(name, 1_000, async () => {
      await new Promise<void>((resolve) => releases.push(resolve));
      runs++;
    });
  }
  await clock.advance(1_000);
  timers.cancel("a");
  let stopped = false;
  const stopping = timers.stop().then(() => {
    stopped = true;
  });
  await clock.advance(0);
  expect(stopped).toBe(false);
  for (const release of releases) release();
  await stopping;
  expect(runs).toBe(2);
  timers.every("late", 1_000, () => {
    runs++;
  });
  await clock.advance(10_000);
  expect(runs).toBe(2);
});
