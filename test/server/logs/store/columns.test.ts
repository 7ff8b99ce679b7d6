import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { packBlock, unpackTexts } from "../../../../server/logs/store/block.ts";
import { marksOf } from "../../../../server/logs/store/head.ts";
import { indexTerm, indexTerms } from "../../../../server/logs/store/index-terms.ts";
import { LINE, lineText } from "../../../../server/logs/store/text.ts";

const packed = (texts: readonly string[]): Uint8Array =>
  packBlock(
    { firstId: 1, marks: marksOf(texts.map((text) => ({ at: 0, level: 0, sourceId: 1, text }))) },
    texts.join(LINE),
  ).packed;

/** What the store may be given: any text without what is reserved, with fields of any name, perhaps cut in the midst of one. */
const line = fc
  .tuple(
    fc.string({ unit: "binary" }),
    fc.dictionary(fc.string(), fc.oneof(fc.string({ unit: "binary" }), fc.integer(), fc.constant(null))),
    fc.option(fc.nat(40)),
  )
  .map(([message, fields, cut]) =>
    lineText(message, fields)
      .toWellFormed()
      .slice(0, cut ?? undefined),
  )
  .map((text) => text.toWellFormed());

describe("a block", () => {
  test("gives back exactly the texts it was made of, whatever their fields", () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 40 }), (texts) => {
        expect(unpackTexts(packed(texts))).toBe(texts.join(LINE));
      }),
      { numRuns: 200 },
    );
  });

  test("with columns large and small, and fields that only some lines have, gives them back", () => {
    const texts = Array.from({ length: 2_048 }, (_, n) =>
      lineText(`GET /${n}`, { user: `u${n}`, ...(n % 3 === 0 ? { error: "x".repeat(n % 50) } : { ms: n }) }),
    );
    expect(unpackTexts(packed(texts))).toBe(texts.join(LINE));
  });

  test("that is cut off, or has a wrong byte in its head, is called damaged", () => {
    const bytes = packed(["a", "b"]);
    for (const wrong of [bytes.subarray(0, 3), bytes.subarray(0, bytes.length - 1), Uint8Array.of(200)]) {
      expect(() => unpackTexts(wrong)).toThrow("damaged");
    }
  });
});

describe("the index", () => {
  test("holds words as they are, and identifiers by their beginning and a hash", () => {
    expect(indexTerms("Timeout of timeout, user 42")).toEqual(["timeout", "of", "user", "42"]);
    const term = indexTerm("4BF92F3577B34DA6A3CE929D0E0E4736");
    expect(term).toMatch(/^zq4bf9[0-9a-z]{4}$/);
    expect(indexTerm("4bf92f3577b34da6a3ce929d0e0e4736")).toBe(term);
    expect(indexTerm("4bf92f3577b34da6a3ce929d0e0e4737")).not.toBe(term);
  });
});
