import { expect, test } from "bun:test";
import { foreignBlock, foreignText, foreignValue, safeHref } from "../../../web/lib/foreign-text.ts";

test("characters that deceive the eye are written out", () => {
  expect(foreignText("safe\u202Egpj.exe")).toBe("safe\\u202egpj.exe");
  expect(foreignText("a\u0000b\u200Bc\nd")).toBe("a\\u0000b\\u200bc\\u000ad");
  expect(foreignText("Ordner für Größe, 日本語, 👍")).toBe("Ordner für Größe, 日本語, 👍");
});

test("a block keeps its lines and tabs and nothing else of the kind", () => {
  expect(foreignBlock("a\n\tb\u001B[31m")).toBe("a\n\tb\\u001b[31m");
});

test("long text is cut", () => {
  expect(foreignText("x".repeat(1_000), 10)).toBe(`${"x".repeat(10)}…`);
});

test("values are text on one line", () => {
  expect(foreignValue({ a: [1, "\n"] })).toBe('{"a":[1,"\\n"]}');
  expect(foreignValue(null)).toBe("–");
  expect(foreignValue(false)).toBe("false");
});

test("only addresses of the web are links", () => {
  expect(safeHref("https://example.com/a")).toBe("https://example.com/a");
  for (const text of [
    "javascript:alert(1)",
    " jAvascript:alert(1)",
    "data:text/html,x",
    "//example.com",
    "file:///etc/passwd",
    "",
  ])
    expect(safeHref(text)).toBeUndefined();
});
