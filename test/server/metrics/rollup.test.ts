import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Samples } from "../../../server/metrics/chunks/chunk.ts";
import { concatRollups, rollUp, rollUpSamples, sliceRollups } from "../../../server/metrics/rollup.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function samplesOf(pairs: readonly (readonly [number, number])[]): Samples {
  return {
    times: Float64Array.from(pairs, ([time]) => time),
    values: Float64Array.from(pairs, ([, value]) => value),
  };
}

const anySamples = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 90_000 }), fc.integer({ min: -10_000, max: 10_000 })), {
    maxLength: 300,
  })
  .map((steps) => {
    let at = 1_000 * HOUR;
    return steps.map(([gap, hundredths]): [number, number] => {
      at += gap;
      return [at, hundredths / 100];
    });
  });

describe("rolling up", () => {
  test("keeps minimum, maximum, sum and count of each bucket that has samples", () => {
    const rollups = rollUpSamples(
      samplesOf([
        [10, 3],
        [59_999, -1],
        [60_000, 7],
        [300_000, 0.1],
        [300_001, 0.2],
      ]),
      MINUTE,
    );
    expect({ ...rollups }).toEqual({
      times: Float64Array.of(0, MINUTE, 5 * MINUTE),
      min: Float64Array.of(-1, 7, 0.1),
      max: Float64Array.of(3, 7, 0.2),
      sum: Float64Array.of(2, 7, 0.3),
      count: Float64Array.of(2, 1, 2),
    });
  });

  test("agrees with adding up by hand, whatever the samples", () => {
    fc.assert(
      fc.property(anySamples, (pairs) => {
        const rollups = rollUpSamples(samplesOf(pairs), MINUTE);
        const buckets = Map.groupBy(pairs, ([time]) => Math.floor(time / MINUTE) * MINUTE);
        expect([...rollups.times]).toEqual([...buckets.keys()]);
        for (const [row, members] of [...buckets.values()].entries()) {
          const values = members.map(([, value]) => value);
          expect(rollups.min[row]).toBe(Math.min(...values));
          expect(rollups.max[row]).toBe(Math.max(...values));
          expect(rollups.count[row]).toBe(values.length);
          expect(rollups.sum[row]).toBeCloseTo(
            values.reduce((a, b) => a + b, 0),
            6,
          );
        }
      }),
    );
  });

  test("by way of minutes gives the same hours as directly", () => {
    fc.assert(
      fc.property(anySamples, (pairs) => {
        const minutes = rollUpSamples(samplesOf(pairs), MINUTE);
        expect(rollUp(minutes, HOUR)).toEqual(rollUpSamples(samplesOf(pairs), HOUR));
      }),
    );
  });

  test("of nothing is nothing", () => {
    expect(rollUpSamples(samplesOf([]), MINUTE).times).toHaveLength(0);
    expect(concatRollups([]).times).toHaveLength(0);
  });
});

describe("slices of rollups", () => {
  test("put together again are the whole", () => {
    fc.assert(
      fc.property(anySamples, fc.nat({ max: 500 }), (pairs, cut) => {
        const whole = rollUpSamples(samplesOf(pairs), MINUTE);
        const at = 1_000 * HOUR + cut * MINUTE;
        const parts = [sliceRollups(whole, 0, at), sliceRollups(whole, at, 2_000 * HOUR)];
        expect(concatRollups(parts)).toEqual(whole);
      }),
    );
  });
});
