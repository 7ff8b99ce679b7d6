import { expect, test } from "bun:test";
import { tooDeepAt } from "../../../server/lib/json-depth.ts";

test.each([
  ["flat", '{"a":1}', undefined],
  ["as deep as may be", "[[1]]", undefined],
  ["deeper", "[[[1]]]", 2],
  ["deeper in an object", '{"a":[{"b":1}]}', 6],
  ["brackets in a text", '["[[[[{{{{", "\\"[[[["]', undefined],
  ["a text that ends with a backslash", '["\\\\", [["x"]]]', 8],
  ["side by side", "[[],[],[],[]]", undefined],
  ["no JSON at all", '"[[[[', undefined],
])("%s", (_what, text, at) => {
  expect(tooDeepAt(text, 2)).toBe(at);
});

test("a hundred thousand levels take no stack", () => {
  expect(tooDeepAt("[".repeat(100_000), 99_999)).toBe(99_999);
});
