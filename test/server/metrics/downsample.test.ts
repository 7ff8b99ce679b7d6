import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { asRollups, chooseTier, draw } from "../../../server/metrics/downsample.ts";
import { rollUpSamples } from "../../../server/metrics/rollup.ts";
import { TIERS } from "../../../server/metrics/tiers.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = 20_000 * DAY;
const EVERYTHING = { raw: 0, "1m": 0, "1h": 0 };

function every(stepMs: number, count: number, value: (i: number) => number, from = NOW) {
  return {
    times: Float64Array.from({ length: count }, (_, i) => from + i * stepMs),
    values: Float64Array.from({ length: count }, (_, i) => value(i)),
  };
}

describe("choosing a tier", () => {
  test.each([
    ["15 minutes", 15 * MINUTE, "raw"],
    ["8 hours", 8 * HOUR, "raw"],
    ["a day", DAY, "1m"],
    ["two weeks", 14 * DAY, "1m"],
    ["a month", 30 * DAY, "1h"],
    ["two years", 730 * DAY, "1h"],
  ] as const)("%s as 500 points comes from %#", (_, spanMs, tier) => {
    expect(chooseTier(NOW - spanMs, NOW, 500, EVERYTHING).name).toBe(tier);
  });

  test("goes on to the coarser one that reaches back", () => {
    const floors = { raw: NOW - 15 * DAY, "1m": NOW - 90 * DAY, "1h": NOW - 730 * DAY };
    const hourAgo = (days: number) => chooseTier(NOW - days * DAY, NOW - days * DAY + HOUR, 500, floors).name;
    expect(hourAgo(10)).toBe("raw");
    expect(hourAgo(40)).toBe("1m");
    expect(hourAgo(400)).toBe("1h");
    expect(hourAgo(4_000)).toBe("1h");
  });
});

describe("drawing", () => {
  test("shows few samples as they are", () => {
    const rows = asRollups(every(5 * SECOND, 100, (i) => i));
    const drawn = draw(rows, NOW, NOW + 500 * SECOND, 500, TIERS.raw);
    expect(drawn.stepMs).toBe(5 * SECOND);
    expect(drawn.t).toEqual([...rows.times]);
    expect(drawn.avg).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  test("never gives more points than asked for, and keeps the extremes and the moments", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 600 }),
        fc.integer({ min: 1, max: 3_000 }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.func(fc.integer({ min: -1_000, max: 1_000 })),
        (points, count, stepMs, value) => {
          const samples = every(stepMs, count, (i) => value(i));
          const to = samples.times.at(-1) ?? 0;
          const drawn = draw(asRollups(samples), NOW, to + 1, points, TIERS.raw);
          expect(drawn.t.length).toBeLessThanOrEqual(points);
          expect(Math.max(...drawn.max.map((max) => max ?? Number.NEGATIVE_INFINITY))).toBe(
            Math.max(...samples.values),
          );
          expect(Math.min(...drawn.min.map((min) => min ?? Number.POSITIVE_INFINITY))).toBe(
            Math.min(...samples.values),
          );
          for (let i = 1; i < drawn.t.length; i += 1) {
            expect(drawn.t[i]).toBeGreaterThan(drawn.t[i - 1] ?? 0);
          }
        },
      ),
    );
  });

  test("a lost sample is bridged, an outage is a gap", () => {
    const { times, values } = every(5 * SECOND, 100, () => 1);
    const kept = [...times.keys()].filter((i) => i !== 20 && !(i >= 50 && i < 60));
    const rows = asRollups({
      times: Float64Array.from(kept, (i) => times[i] ?? 0),
      values: Float64Array.from(kept, (i) => values[i] ?? 0),
    });
    const drawn = draw(rows, NOW, NOW + 500 * SECOND, 500, TIERS.raw);
    expect(drawn.avg.filter((value) => value === null)).toHaveLength(1);
    expect(drawn.t[drawn.avg.indexOf(null)]).toBe(NOW + 50 * 5 * SECOND);
  });

  test("buckets a little wider than the interval make no false gaps of jitter", () => {
    const samples = every(5 * SECOND, 1_000, () => 1);
    samples.times.forEach((time, i) => {
      samples.times[i] = time + (i % 7) * 300;
    });
    const drawn = draw(asRollups(samples), NOW, NOW + 5_000 * SECOND, 800, TIERS.raw);
    expect(drawn.avg).not.toContain(null);
  });

  test("a window that slides keeps its buckets where they are", () => {
    const rows = rollUpSamples(
      every(10 * SECOND, 20_000, (i) => i % 97),
      MINUTE,
    );
    const first = draw(rows, NOW, NOW + DAY, 300, TIERS["1m"]);
    const later = draw(rows, NOW + 90 * SECOND, NOW + DAY + 90 * SECOND, 300, TIERS["1m"]);
    expect(first.stepMs % MINUTE).toBe(0);
    expect(later.stepMs).toBe(first.stepMs);
    const known = new Map(first.t.map((time, i) => [time, first.max[i]]));
    const shared = later.t.slice(1, -2).filter((time) => known.has(time));
    expect(shared.length).toBeGreaterThan(200);
    for (const time of shared) expect(later.max[later.t.indexOf(time)]).toBe(known.get(time) ?? Number.NaN);
  });

  test("averages by number of samples and stay between the extremes near the largest double", () => {
    const drawn = draw(
      asRollups(every(SECOND, 4, () => Number.MAX_VALUE)),
      NOW,
      NOW + 4 * SECOND,
      2,
      TIERS.raw,
    );
    expect(drawn.avg.every((value) => value === Number.MAX_VALUE)).toBeTrue();
  });

  test("nothing gives nothing", () => {
    expect(draw(asRollups(every(1, 0, () => 0)), NOW, NOW + DAY, 500, TIERS.raw).t).toEqual([]);
  });
});
