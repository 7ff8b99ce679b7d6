import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  DurationSketch,
  LONGEST_MS,
  RELATIVE_ERROR,
  SHORTEST_MS,
  storedSketch,
} from "../../../server/profiler/sketch.ts";
import { sized } from "../../support/sizes.ts";
import { realShapedLatencies } from "./latencies.ts";

const QUANTILES = [0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1];
/** Rounding of doubles, beside the stated error. */
const ROUNDING = 1e-9;

const sketchOf = (durations: Iterable<number>): DurationSketch => {
  const sketch = new DurationSketch();
  for (const one of durations) sketch.add(one);
  return sketch;
};

/** The worst relative distance between what the sketch says and what is exact. */
function worstError(sketch: DurationSketch, durations: ArrayLike<number>, quantiles = QUANTILES): number {
  const sorted = Float64Array.from(durations).sort();
  return Math.max(
    ...quantiles.map((q) => {
      const exact = sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN;
      return Math.abs(sketch.quantile(q) - exact) / exact;
    }),
  );
}

const durations = fc.array(fc.double({ min: SHORTEST_MS, max: LONGEST_MS, noNaN: true }), {
  minLength: 1,
  maxLength: 300,
});

describe("quantiles lie within the stated error", () => {
  test("of whatever durations", () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (list, q) => {
        expect(worstError(sketchOf(list), list, [q])).toBeLessThanOrEqual(RELATIVE_ERROR + ROUNDING);
      }),
      { numRuns: sized(300, 5_000) },
    );
  });

  test("of a million latencies of the shape that servers have", () => {
    const list = realShapedLatencies(sized(100_000, 1_000_000));
    expect(worstError(sketchOf(list), list)).toBeLessThanOrEqual(RELATIVE_ERROR + ROUNDING);
  });

  test("at the very edges of buckets", () => {
    const gamma = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
    for (let exponent = -340; exponent < 1_000; exponent += 7) {
      const list = [gamma ** exponent, gamma ** exponent * (1 + 1e-12), gamma ** (exponent + 1)];
      expect(worstError(sketchOf(list), list)).toBeLessThanOrEqual(RELATIVE_ERROR + 1e-6);
    }
  });
});

test("a distribution counts each duration once, in the column that holds it", () => {
  fc.assert(
    fc.property(durations, fc.integer({ min: 1, max: 60 }), (list, most) => {
      const columns = sketchOf(list).distribution(most);
      expect(columns.length).toBeLessThanOrEqual(most);
      expect(columns.reduce((sum, { count }) => sum + count, 0)).toBe(list.length);
      columns.forEach(({ fromMs, toMs, count }, place) => {
        if (place > 0) expect(fromMs).toBe(columns[place - 1]?.toMs ?? Number.NaN);
        // One at an edge may be rounded to either side of it.
        const within = list.filter((one) => one > fromMs * (1 - ROUNDING) && one <= toMs * (1 + ROUNDING));
        expect(count).toBeLessThanOrEqual(within.length);
      });
    }),
    { numRuns: sized(100, 2_000) },
  );
  expect(new DurationSketch().distribution(10)).toEqual([]);
});

describe("merging", () => {
  test("two sketches say what one of all durations says", () => {
    fc.assert(
      fc.property(durations, durations, (a, b) => {
        const merged = sketchOf(a);
        merged.merge(sketchOf(b));
        const whole = sketchOf([...a, ...b]);
        expect(merged.packBuckets()).toEqual(whole.packBuckets());
        expect([merged.count, merged.minMs, merged.maxMs]).toEqual([whole.count, whole.minMs, whole.maxMs]);
        expect(merged.sumMs).toBeCloseTo(whole.sumMs, 3);
      }),
    );
  });

  test("with an empty one changes nothing", () => {
    const sketch = sketchOf([3, 5]);
    sketch.merge(new DurationSketch());
    expect(sketch).toMatchObject({ count: 2, sumMs: 8, minMs: 3, maxMs: 5 });
  });
});

describe("at rest", () => {
  test("a sketch comes back as it was", () => {
    fc.assert(
      fc.property(durations, (list) => {
        const sketch = sketchOf(list);
        const back = DurationSketch.from(storedSketch(sketch));
        expect(storedSketch(back)).toEqual(storedSketch(sketch));
        expect(QUANTILES.map((q) => back.quantile(q))).toEqual(QUANTILES.map((q) => sketch.quantile(q)));
      }),
    );
  });

  test("damaged bytes are refused, never read as something else", () => {
    const stored = storedSketch(sketchOf([1, 2, 400]));
    const damage = [
      stored.buckets.subarray(0, -1),
      Buffer.concat([stored.buckets, Buffer.from([0x80])]),
      Buffer.from([0xff, 0xff, 0x7f, 3]),
      Buffer.from(new Uint8Array(20).fill(0xff)),
      Buffer.alloc(0),
    ];
    for (const buckets of damage) {
      expect(() => DurationSketch.from({ ...stored, buckets })).toThrow("damaged");
    }
  });

  test("a minute of real latencies takes little room", () => {
    expect(sketchOf(realShapedLatencies(10_000)).packBuckets().length).toBeLessThan(1_500);
  });
});

describe("what is no duration", () => {
  test("counts as zero; what is longer than a sketch spans keeps its maximum", () => {
    const sketch = sketchOf([Number.NaN, -5, Number.POSITIVE_INFINITY, 0]);
    expect(sketch).toMatchObject({ count: 4, minMs: 0, maxMs: 0, sumMs: 0 });
    expect(sketch.quantile(1)).toBe(0);
    sketch.add(LONGEST_MS * 4);
    expect(sketch.maxMs).toBe(LONGEST_MS * 4);
    expect(DurationSketch.from(storedSketch(sketch)).count).toBe(5);
  });

  test("an empty sketch says nothing but zero", () => {
    const sketch = new DurationSketch();
    expect([sketch.count, sketch.averageMs, sketch.quantile(0.5)]).toEqual([0, 0, 0]);
  });
});
