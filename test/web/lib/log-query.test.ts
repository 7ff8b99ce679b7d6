import { describe, expect, test } from "bun:test";
import { fieldTerm, markerOf, withTerm } from "../../../web/lib/log-query.ts";

const hits = (query: string, text: string): string[] =>
  markerOf(query)(text).flatMap((part) => (part.isHit ? part.text : []));

describe("what a search marks", () => {
  test.each([
    ["timeout", "Timeout of timeouts: timeout", ["Timeout", "timeout"]],
    ["time*", "Timeout, overtime", ["Time"]],
    [
      '"connection reset"',
      "connection reset; connection: reset; connection is reset",
      ["connection reset", "connection: reset"],
    ],
    ["10.0.3.21", "from 10.0.3.21 and 110.0.3.21", ["10.0.3.21"]],
    ["-healthz status=502 up", "healthz up status=502", ["up"]],
    ["a.*b", "a.*b axb a b", ["a.*b", "a b"]],
    ["->", "a -> b", []],
    ["(", "f(x)", ["("]],
    ['"-"', "a - b", ["-"]],
    ['"=-="', "a =-= b", ["=-="]],
    ["grüße", "GRÜSSE Grüße", ["Grüße"]],
  ])("%s in %s", (query, text, expected) => {
    expect(hits(query, text)).toEqual(expected);
  });

  test("is never more than the browser's patterns can say", () => {
    const marks = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).filter((mark) =>
      /[^\p{L}\p{N}"\s]/u.test(mark),
    );
    for (const mark of marks) expect(hits(`"${mark}"`, `a ${mark} b`)).toEqual([mark]);
  });

  test("leaves the text as it is, whatever is marked", () => {
    const text = "<b>reset</b> reset";
    for (const query of ["", "reset", "-reset", "b reset"])
      expect(
        markerOf(query)(text)
          .map((part) => part.text)
          .join(""),
      ).toBe(text);
  });
});

describe("a field that is filtered for", () => {
  test("is written as the language wants it, once", () => {
    expect(fieldTerm("status", 502, true)).toBe("status=502");
    expect(fieldTerm("user.name", "alice smith", false)).toBe('-user.name="alice smith"');
    expect(withTerm(withTerm("timeout", "status=502"), "status=502")).toBe("timeout status=502");
    expect(withTerm("", "-a=b")).toBe("-a=b");
  });

  test("has no term when the language has no words for it", () => {
    expect(fieldTerm("a key", 1, true)).toBeUndefined();
    expect(fieldTerm("quote", 'say "hi"', true)).toBeUndefined();
    expect(fieldTerm("empty", "", true)).toBeUndefined();
    expect(fieldTerm("lines", "a\nb", true)).toBeUndefined();
  });
});
