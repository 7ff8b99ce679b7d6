import { describe, expect, test } from "bun:test";
import { matchesQuickly } from "../../../web/lib/quick-pattern.ts";

test.each<[string, string, boolean]>([
  ["^[a-z]+$", "abc", true],
  ["^[a-z]+$", "ABC", false],
  ["^\\d{2,4}$", "123", true],
  ["^(http|https)://", "https://x", true],
  ["^[^@]+@[^@]+\\.[a-z]{2,}$", "a@b.example", true],
])("%p on %p: %p", (pattern, text, matches) => {
  expect(matchesQuickly(pattern, text)).toBe(matches);
});

describe("what could take for ever is left to the server", () => {
  test.each([
    "^(a+)+$",
    "(a|a)*b",
    "(.*)*x",
    "(?=a)b",
    "(a)\\1",
    "a*a*a*a*b",
    "([a-z]{1,100000})x",
    "^((ab)?){50}$",
    "[",
    "x".repeat(400),
  ])("%p", (pattern) => {
    expect(matchesQuickly(pattern, "a".repeat(60))).toBeUndefined();
  });

  test("so is a long text", () => {
    expect(matchesQuickly("^a+$", "a".repeat(301))).toBeUndefined();
  });
});
