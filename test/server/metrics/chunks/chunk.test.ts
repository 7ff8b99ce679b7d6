import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { AppError } from "../../../../server/errors/app-error.ts";
import {
  decodeRollups,
  decodeSamples,
  encodeRollups,
  encodeSamples,
  type Samples,
} from "../../../../server/metrics/chunks/chunk.ts";

const RUNS = process.env.BINNACLE_TEST_FULL === "1" ? 5_000 : 300;
const AT = 1_760_000_000_000;

const anyDouble = fc.oneof(
  fc.double(),
  fc.constantFrom(
    0,
    -0,
    Number.MIN_VALUE,
    -Number.MIN_VALUE,
    Number.MAX_VALUE,
    2 ** 53,
    -(2 ** 53),
    0.1 + 0.2,
  ),
);
/** What collectors send: percentages, bytes, counters. */
const decimalNumber = fc
  .tuple(fc.integer(), fc.integer({ min: 0, max: 9 }))
  .map(([whole, decimals]) => whole / 10 ** decimals);
const anyValues = fc.oneof(
  fc.array(anyDouble, { maxLength: 400 }),
  fc.array(decimalNumber, { maxLength: 400 }),
  fc.array(fc.maxSafeInteger(), { maxLength: 400 }),
  fc.tuple(anyDouble, fc.integer({ min: 0, max: 2000 })).map(([value, count]) => Array(count).fill(value)),
);
const anySamples = anyValues.chain((values) =>
  fc
    .array(fc.nat({ max: 100_000 }), { minLength: values.length, maxLength: values.length })
    .map((gaps): Samples => {
      let at = AT;
      const times = Float64Array.from(gaps, (gap) => {
        at += gap + 1;
        return at;
      });
      return { times, values: Float64Array.from(values) };
    }),
);

function samplesOf(values: number[], stepMs = 5_000): Samples {
  return {
    times: Float64Array.from(values, (_, i) => AT + i * stepMs),
    values: Float64Array.from(values),
  };
}

/** Float64Array equality sees −0 as 0 and NaN as unequal; bytes are what was promised. */
function bitsOf(column: Float64Array): Uint8Array {
  return new Uint8Array(column.buffer.slice(column.byteOffset, column.byteOffset + column.byteLength));
}

function failureOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("a chunk of samples", () => {
  test("comes back bit for bit, whatever doubles and growing times it held", () => {
    fc.assert(
      fc.property(anySamples, (samples) => {
        const back = decodeSamples(encodeSamples(samples));
        expect(bitsOf(back.times)).toEqual(bitsOf(samples.times));
        expect(bitsOf(back.values)).toEqual(bitsOf(samples.values));
      }),
      { numRuns: RUNS, examples: [[samplesOf([-16777217, -1e-9])], [samplesOf([-1, -0])]] },
    );
  });

  test("keeps NaN, infinities and the sign of zero", () => {
    const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0];
    const back = decodeSamples(encodeSamples(samplesOf(values)));
    expect(bitsOf(back.values)).toEqual(bitsOf(Float64Array.from(values)));
  });

  test("costs next to nothing when nothing changes", () => {
    expect(encodeSamples(samplesOf(Array(720).fill(1_048_576))).length).toBeLessThan(32);
  });

  test("takes out the factor that page-sized numbers share", () => {
    const pages = Array.from({ length: 720 }, (_, i) => 4096 * (1_000_000 + ((i * 7919) % 200)));
    expect(encodeSamples(samplesOf(pages)).length / 720).toBeLessThan(1.1);
  });

  test("never grows far beyond the plain doubles", () => {
    const noise = Array.from({ length: 720 }, (_, i) => Math.sin(i * 12.9898) * 43_758.5453);
    expect(encodeSamples(samplesOf(noise)).length).toBeLessThan(720 * 8 + 64);
  });
});

describe("a chunk of rollups", () => {
  test("comes back bit for bit", () => {
    fc.assert(
      fc.property(anySamples, anyDouble, ({ times, values }, offset) => {
        const rollups = {
          times,
          min: values,
          max: values.map((value) => value + offset),
          sum: values.map((value) => value * 12),
          count: values.map((_, i) => i % 13),
        };
        const back = decodeRollups(encodeRollups(rollups));
        for (const column of ["times", "min", "max", "sum", "count"] as const) {
          expect(bitsOf(back[column])).toEqual(bitsOf(rollups[column]));
        }
      }),
      { numRuns: RUNS },
    );
  });

  test("is not taken for a chunk of samples", () => {
    const rollups = encodeRollups({
      times: Float64Array.of(AT),
      min: Float64Array.of(1),
      max: Float64Array.of(1),
      sum: Float64Array.of(1),
      count: Float64Array.of(1),
    });
    expect(failureOf(() => decodeSamples(rollups))).toMatchObject({ code: "chunk_corrupt" });
  });
});

describe("a damaged chunk", () => {
  const sound = encodeSamples(samplesOf(Array.from({ length: 300 }, (_, i) => ((i * i) % 997) / 100)));

  test("with any one bit flipped is a clear error and never another number", () => {
    for (let bit = 0; bit < sound.length * 8; bit += 1) {
      const damaged = sound.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(failureOf(() => decodeSamples(damaged))).toMatchObject({ code: "chunk_corrupt" });
    }
  });

  test("cut off anywhere is a clear error", () => {
    for (let length = 0; length < sound.length; length += 1) {
      expect(failureOf(() => decodeSamples(sound.subarray(0, length)))).toMatchObject({
        code: "chunk_corrupt",
      });
    }
  });

  test("whose checksum was made to fit still only decodes or fails by name", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.boolean(),
        fc.nat({ max: sound.length - 1 }),
        (noise, replace, at) => {
          const forged = replace ? new Uint8Array(5 + noise.length) : sound.slice();
          forged.set(
            replace ? noise : noise.subarray(0, Math.max(0, forged.length - at - 5)),
            replace ? 5 : at,
          );
          forged[0] = 1;
          new DataView(forged.buffer).setUint32(1, Bun.hash.crc32(forged.subarray(5)), true);
          const failure = failureOf(() => decodeSamples(forged));
          if (failure !== undefined) {
            expect(failure).toBeInstanceOf(AppError);
            expect(failure).toMatchObject({ code: "chunk_corrupt" });
          }
        },
      ),
      { numRuns: RUNS * 3 },
    );
  });

  test("cannot claim more rows than a chunk may have", () => {
    const claims = new Uint8Array(14);
    claims.set([1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f, 2, 0, 0, 2, 2]);
    new DataView(claims.buffer).setUint32(1, Bun.hash.crc32(claims.subarray(5)), true);
    expect(failureOf(() => decodeSamples(claims))).toMatchObject({ code: "chunk_corrupt" });
  });
});
