import { expect, test } from "bun:test";
import { logText } from "../../../web/lib/terminal-text.ts";

test.each([
  ["\u001b[31mred\u001b[0m plain", "red plain"],
  ["\u001b]8;;http://evil\u0007link\u001b]8;;\u0007", "link"],
  ["tab\there", "tab\\u0009here"],
  ["two\nlines", "two\\u000alines"],
  ["a\u202eb\u200bc", "a\\u202eb\\u200bc"],
  ["bell\u0007", "bell\\u0007"],
  ["<b>no markup</b>", "<b>no markup</b>"],
])("%j stands on a page as %s", (written, shown) => {
  expect(logText(written, 100)).toBe(shown);
});

test("a long line is cut", () => {
  expect(logText("a".repeat(50), 10)).toBe(`${"a".repeat(10)}…`);
});
