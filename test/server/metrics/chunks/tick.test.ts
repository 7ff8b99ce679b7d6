import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeTicks, encodeTicks, type Tick } from "../../../../server/metrics/chunks/tick.ts";
import { sized } from "../../../support/sizes.ts";

const RUNS = sized(300, 5_000);

const anyTick = fc.array(
  fc.tuple(
    fc.integer({ min: 1, max: 2 ** 31 }),
    fc.oneof(
      fc.double(),
      fc.integer().map((whole) => whole / 100),
      fc.maxSafeInteger(),
      fc.constantFrom(-0, Number.MAX_VALUE, Number.MIN_VALUE, 2 ** 47, -(2 ** 48)),
    ),
  ),
  { maxLength: 300 },
);

function failureOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

function tickOf(at: number, pairs: readonly (readonly [number, number])[]): Tick {
  return {
    at,
    count: pairs.length,
    ids: Float64Array.from(pairs, ([id]) => id),
    values: Float64Array.from(pairs, ([, value]) => value),
  };
}

/** Float64Array equality sees −0 as 0 and NaN as unequal; bytes are what was promised. */
function bitsOf(values: Float64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

describe("packed ticks", () => {
  test("come back bit for bit, whatever series and doubles they held", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), anyTick), { maxLength: 8 }), (content) => {
        const ticks = content.map(([at, pairs]) => tickOf(at, pairs));
        const back = decodeTicks(encodeTicks(ticks));
        expect(back.map(({ at }) => at)).toEqual(ticks.map(({ at }) => at));
        for (const [i, { ids, values }] of back.entries()) {
          expect([...ids]).toEqual([...(ticks[i]?.ids ?? [])]);
          expect(bitsOf(values)).toEqual(bitsOf(ticks[i]?.values ?? new Float64Array()));
        }
      }),
      { numRuns: RUNS },
    );
  });

  test("take three bytes for a percentage and nothing for series in a row or as before", () => {
    const pairs = Array.from({ length: 200 }, (_, i): [number, number] => [i + 1, (i * 37) / 100]);
    expect(encodeTicks([tickOf(1e12, pairs)]).length).toBeLessThan(200 * 3 + 24);
    const gapped = pairs.map(([id, value]): [number, number] => [id * 2, value]);
    const [once, twice] = [[tickOf(1e12, gapped)], [tickOf(1e12, gapped), tickOf(1e12 + 5_000, gapped)]];
    expect(encodeTicks(twice).length - encodeTicks(once).length).toBeLessThan(200 * 3 + 8);
  });

  test("leave out what stands behind their count", () => {
    const back = decodeTicks(
      encodeTicks([{ at: 5, count: 1, ids: Float64Array.of(7, 8), values: Float64Array.of(1, 2) }]),
    );
    expect(back).toEqual([{ at: 5, count: 1, ids: Float64Array.of(7), values: Float64Array.of(1) }]);
  });

  test("damaged anywhere, or forged, are a clear error or other ticks, never a crash", () => {
    const pairs: [number, number][] = [
      [1, 1.5],
      [2, 2 / 3],
      [9, 1e9],
    ];
    const sound = encodeTicks([tickOf(1e12, pairs), tickOf(1e12 + 1, pairs)]);
    for (let bit = 0; bit < sound.length * 8; bit += 1) {
      const damaged = sound.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(failureOf(() => decodeTicks(damaged))).toMatchObject({ code: "chunk_corrupt" });
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (content) => {
        const forged = Uint8Array.of(3, 0, 0, 0, 0, ...content);
        new DataView(forged.buffer).setUint32(1, Bun.hash.crc32(content), true);
        const failure = failureOf(() => decodeTicks(forged));
        if (failure !== undefined) expect(failure).toMatchObject({ code: "chunk_corrupt" });
      }),
      { numRuns: RUNS },
    );
  });
});
