import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { differenceOf } from "../../plugins/text-processing/difference.ts";
import textProcessing from "../../plugins/text-processing/index.ts";
import { OPERATIONS } from "../../plugins/text-processing/operations.ts";
import { contextFor } from "./plugin-context.ts";

const run = async (input: Record<string, unknown>): Promise<unknown> => {
  const answer = await textProcessing.execute(input as never, contextFor({}));
  return (answer as { result: unknown }).result;
};

describe("text-processing", () => {
  test.each([
    ["upperCase", "straße", "STRASSE"],
    ["lowerCase", "ÀB", "àb"],
    ["titleCase", "the quick o'brien FOX", "The Quick O'brien Fox"],
    ["sentenceCase", "HELLO there. HOW are you?", "Hello there. How are you?"],
    ["camelCase", "HTTP server-name", "httpServerName"],
    ["snakeCase", "fooBar baz2", "foo_bar_baz2"],
    ["kebabCase", "Foo  bar", "foo-bar"],
    ["slug", "  Über die Brücke: Łódź & Æther's (2nd) ", "uber-die-brucke-lodz-aethers-2nd"],
    ["trim", "  a \t b  \n\n c ", "a b\n\nc"],
    ["reverse", "a👩‍👩‍👧b", "b👩‍👩‍👧a"],
    ["sortLines", "b\na\nc", "a\nb\nc"],
    ["uniqueLines", "b\na\nb", "b\na"],
    ["sha256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    ["base64Encode", "héllo", "aMOpbGxv"],
    ["base64Decode", "aMOpbGxv", "héllo"],
    ["hexEncode", "é", "c3a9"],
    ["hexDecode", "c3a9", "é"],
    ["urlEncode", "a b&c", "a%20b%26c"],
    ["urlDecode", "a%20b", "a b"],
  ])("%s of %j", async (operation, text, result) => {
    expect(await run({ operation, text })).toBe(result);
  });

  test("replaces literally, fills templates, cuts", async () => {
    expect(await run({ operation: "replace", text: "a.b.c", search: ".", replacement: "$&" })).toBe(
      "a$&b$&c",
    );
    expect(
      await run({ operation: "template", text: "{{a.b}} and {{ c }}", values: { a: { b: "x" }, c: 3 } }),
    ).toBe("x and 3");
    expect(await run({ operation: "truncate", text: "abcdef", length: 4 })).toBe("abc…");
    expect(run({ operation: "template", text: "{{a.constructor}}", values: { a: {} } })).rejects.toThrow(
      "There is no value for {{a.constructor}}.",
    );
    expect(run({ operation: "template", text: "x {{a", values: {} })).rejects.toThrow(
      "at character 2 does not end",
    );
  });

  test("counts what people count", async () => {
    expect(await run({ operation: "counts", text: "Héllo wörld. 👩‍👩‍👧!\nTwo" })).toEqual({
      characters: 19,
      words: 3,
      lines: 2,
      sentences: 3,
      bytes: 38,
    });
  });

  test("finds addresses", async () => {
    const text = `Write to <Ann.Lee+x@Mail.EXAMPLE.com>, mailto:bob@example.org. Not @home, a@b, x..y@example.com, 1@2.3.
      See https://example.com/a?b=c#d, (http://example.org/path.) and javascript:alert(1).`;
    expect(await run({ operation: "emails", text })).toEqual([
      "Ann.Lee+x@mail.example.com",
      "bob@example.org",
    ]);
    expect(await run({ operation: "urls", text })).toEqual([
      "https://example.com/a?b=c#d",
      "http://example.org/path",
    ]);
  });

  test("a difference leads from one text to the other, whatever they are", () => {
    const text = fc
      .array(fc.constantFrom("a", "b", "c", ""), { maxLength: 30 })
      .map((lines) => lines.join("\n"));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const { lines, added, removed } = differenceOf(before, after);
        const side = (mark: string) =>
          lines
            .filter((line) => !line.startsWith(mark))
            .map((line) => line.slice(1))
            .join("\n");
        expect(side("+")).toBe(before);
        expect(side("-")).toBe(after);
        if (before === after) expect(added + removed).toBe(0);
      }),
      { numRuns: 500 },
    );
    expect(differenceOf("a\nb\nc", "a\nx\nc")).toEqual({
      added: 1,
      removed: 1,
      lines: [" a", "-b", "+x", " c"],
    });
  });

  test("says what is wrong with a call", async () => {
    expect(run({ operation: "explode", text: "" })).rejects.toThrow(
      'There is no operation "explode". There are: list, upperCase',
    );
    expect(run({ operation: "constructor", text: "" })).rejects.toThrow("There is no operation");
    expect(run({ operation: "trim" })).rejects.toThrow('"text" is missing.');
    expect(run({ operation: "trim", text: "x".repeat(1_000_001) })).rejects.toThrow(
      "more than 1000000 characters",
    );
  });

  test("every operation takes a long hostile text in its stride", async () => {
    for (const text of [
      "a@".repeat(50_000),
      "a".repeat(100_000),
      "'".repeat(100_000),
      " \t".repeat(50_000),
    ]) {
      for (const [name, { run: operate }] of Object.entries(OPERATIONS)) {
        if (/Decode$/.test(name)) continue;
        const startedAt = performance.now();
        await operate({ text, other: "b", search: "a" });
        expect(performance.now() - startedAt).toBeLessThan(2_000);
      }
    }
  });
});
