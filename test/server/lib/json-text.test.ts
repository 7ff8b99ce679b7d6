import { describe, expect, test } from "bun:test";
import { JsonText, jsonOf, parsedOf } from "../../../server/lib/json-text.ts";

const TEXT = '[{"n":1},"two"]';

describe("a JSON text that is passed on", () => {
  test("stands in an answer as it came", () => {
    const answer = { name: 'a"b', result: new JsonText(TEXT), nothing: undefined, durationMs: 1.5 };
    expect(jsonOf(answer)).toBe(`{"name":"a\\"b","result":${TEXT},"durationMs":1.5}`);
    expect(jsonOf(new JsonText(TEXT))).toBe(TEXT);
  });

  test("becomes a value for whoever needs one, or does not know it", () => {
    expect(parsedOf(new JsonText(TEXT))).toEqual([{ n: 1 }, "two"]);
    expect(parsedOf(7)).toBe(7);
    expect(JSON.stringify({ inner: [new JsonText(TEXT)] })).toBe(`{"inner":[${TEXT}]}`);
  });
});

test("every other value is written as JSON.stringify writes it", () => {
  for (const value of [null, 1, "a", [1, undefined], { a: undefined, b: { c: [] } }, new Date(0)])
    expect(jsonOf(value)).toBe(JSON.stringify(value));
});
