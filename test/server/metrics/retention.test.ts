import { describe, expect, test } from "bun:test";
import {
  ageFloor,
  DEFAULT_RETENTION,
  forecastSize,
  forgetBefore,
  mustPause,
  nextSizeFloor,
  trimTarget,
} from "../../../server/metrics/retention.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = 20_000 * DAY + 5 * HOUR + 17;

describe("retention", () => {
  test("cuts at whole windows, so that a chunk is kept or deleted as one", () => {
    expect(ageFloor("raw", NOW, DEFAULT_RETENTION)).toBe(19_985 * DAY + 5 * HOUR);
    expect(ageFloor("1m", NOW, DEFAULT_RETENTION)).toBe(19_910 * DAY);
    expect(ageFloor("1h", NOW, DEFAULT_RETENTION) % (30 * DAY)).toBe(0);
    expect(ageFloor("1h", NOW, DEFAULT_RETENTION)).toBeLessThanOrEqual(NOW - 730 * DAY);
  });

  test("a series is forgotten only after a whole window of the longest tier beyond its age", () => {
    const forgotten = forgetBefore(NOW, DEFAULT_RETENTION);
    expect(forgotten).toBe(NOW - 730 * DAY - 30 * DAY);
    // Until then its last chunk may still be there.
    expect(forgotten).toBeLessThanOrEqual(ageFloor("1h", NOW, DEFAULT_RETENTION));
  });

  test("trims for size only beyond the budget, to a little below it, in steps that always advance", () => {
    const retention = { ...DEFAULT_RETENTION, budgetBytes: 1_000 };
    expect(trimTarget(1_000, retention)).toBeUndefined();
    expect(trimTarget(1_001, retention)).toBe(950);
    for (const spanMs of [1, HOUR, 15 * DAY, 400 * DAY]) {
      for (const tier of ["raw", "1m", "1h"] as const) {
        expect(nextSizeFloor(tier, NOW - spanMs, NOW)).toBeGreaterThan(NOW - spanMs);
      }
    }
  });

  test("pauses below the limit and resumes only above it with a margin", () => {
    const disk = (freePercent: number) => ({ freeBytes: freePercent * 10, totalBytes: 1_000 });
    expect(mustPause(disk(5), false, DEFAULT_RETENTION)).toBeFalse();
    expect(mustPause(disk(4.9), false, DEFAULT_RETENTION)).toBeTrue();
    expect(mustPause(disk(5.9), true, DEFAULT_RETENTION)).toBeTrue();
    expect(mustPause(disk(6), true, DEFAULT_RETENTION)).toBeFalse();
  });

  test("forecasts the steady size, and the days left where the budget is smaller", () => {
    const growth = {
      bytesPerRow: { raw: 1, "1m": 5, "1h": 6 },
      rowsPerDay: { raw: 1_000_000, "1m": 100_000, "1h": 1_000 },
    };
    const ample = forecastSize(0, growth, DEFAULT_RETENTION);
    expect(ample.steadyBytes).toBe(15 * 1_000_000 + 90 * 500_000 + 730 * 6_000);
    expect(ample.daysUntilBudget).toBeUndefined();
    const tight = forecastSize(2_000_000, growth, { ...DEFAULT_RETENTION, budgetBytes: 5_012_000 });
    expect(tight.daysUntilBudget).toBe(2);
  });
});
