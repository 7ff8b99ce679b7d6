import { describe, expect, test } from "bun:test";
import { counterRate, RateWindow } from "../../../../server/metrics/collect/rate.ts";
import { SteadyClock } from "./recorded-machine.ts";

describe("the window of a rate", () => {
  test("has no length at the first reading, then the seconds that passed", () => {
    const clock = new SteadyClock();
    const window = new RateWindow(clock);
    expect(window.advance()).toBeUndefined();
    clock.ms += 5000;
    expect(window.advance()).toBe(5);
    clock.ms += 1250;
    expect(window.advance()).toBe(1.25);
  });

  test("is refused when nothing or far too much passed, and the reading counts as a first one", () => {
    const clock = new SteadyClock();
    const window = new RateWindow(clock);
    window.advance();
    expect(window.advance()).toBeUndefined();
    clock.ms += 5 * 60_000 + 1;
    expect(window.advance()).toBeUndefined();
    clock.ms += 1000;
    expect(window.advance()).toBe(1);
  });
});

describe("the rate of a counter", () => {
  test("is its growth over the time", () => {
    expect(counterRate(100, 350, 5)).toBe(50);
    expect(counterRate(100, 100, 5)).toBe(0);
  });

  test("needs two readings and a window", () => {
    expect(counterRate(undefined, 350, 5)).toBeUndefined();
    expect(counterRate(100, 350, undefined)).toBeUndefined();
  });

  test("is a gap when the counter was set to zero", () => {
    expect(counterRate(1_000_000, 12, 5)).toBeUndefined();
    expect(counterRate(1_000_000, 12, 5, 2 ** 32)).toBeUndefined();
  });

  test("is exact across a wrap", () => {
    expect(counterRate(2 ** 32 - 1000, 4000, 5, 2 ** 32)).toBe(1000);
  });

  test("takes a counter that was already beyond the wrap for one that is wider", () => {
    expect(counterRate(2 ** 33, 4000, 5, 2 ** 32)).toBeUndefined();
  });
});
