import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeTick, encodeTick } from "../../../../server/metrics/chunks/tick.ts";
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

describe("a packed tick", () => {
  test("comes back bit for bit, whatever series and doubles it held", () => {
    fc.assert(
      fc.property(anyTick, (pairs) => {
        const ids = Float64Array.from(pairs, ([id]) => id);
        const values = Float64Array.from(pairs, ([, value]) => value);
        const back = decodeTick(encodeTick({ ids, values }));
        expect([...back.ids]).toEqual([...ids]);
        expect(new Uint8Array(back.values.buffer)).toEqual(new Uint8Array(values.buffer));
      }),
      { numRuns: RUNS },
    );
  });

  test("takes three bytes for a percentage and nothing for series in a row", () => {
    const ids = Float64Array.from({ length: 200 }, (_, i) => i + 1);
    const values = Float64Array.from({ length: 200 }, (_, i) => (i * 37) / 100);
    expect(encodeTick({ ids, values }).length).toBeLessThan(200 * 3 + 16);
  });

  test("damaged anywhere, or forged, is a clear error or another tick, never a crash", () => {
    const sound = encodeTick({ ids: Float64Array.of(1, 2, 9), values: Float64Array.of(1.5, 2 / 3, 1e9) });
    for (let bit = 0; bit < sound.length * 8; bit += 1) {
      const damaged = sound.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(failureOf(() => decodeTick(damaged))).toMatchObject({ code: "chunk_corrupt" });
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (content) => {
        const forged = Uint8Array.of(3, 0, 0, 0, 0, ...content);
        new DataView(forged.buffer).setUint32(1, Bun.hash.crc32(content), true);
        const failure = failureOf(() => decodeTick(forged));
        if (failure !== undefined) expect(failure).toMatchObject({ code: "chunk_corrupt" });
      }),
      { numRuns: RUNS },
    );
  });
});
