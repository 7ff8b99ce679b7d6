import { describe, expect, test } from "bun:test";
import { changesBetween, pointerFrom, pointerOf, valueAt, withValueAt } from "../../../web/lib/json-path.ts";

test("a value is set without touching the original; groups on the way are made, undefined takes it away", () => {
  const before = { a: { b: 1 }, c: [1, 2] };
  expect(withValueAt(before, ["a", "b"], 2)).toEqual({ a: { b: 2 }, c: [1, 2] });
  expect(withValueAt(before, ["c", 1], 9)).toEqual({ a: { b: 1 }, c: [1, 9] });
  expect(withValueAt(before, ["x", "y"], true)).toEqual({ ...before, x: { y: true } });
  expect(withValueAt(before, ["a", "b"], undefined)).toEqual({ a: {}, c: [1, 2] });
  expect(before).toEqual({ a: { b: 1 }, c: [1, 2] });
});

test("a property called __proto__ is a property", () => {
  const changed = withValueAt({}, ["__proto__", "polluted"], true);
  expect(Object.hasOwn(Object(changed), "__proto__")).toBe(true);
  expect(Object.getPrototypeOf(changed)).toBe(Object.prototype);
  expect(valueAt({}, ["constructor"])).toBeUndefined();
});

test("pointers are escaped, and read from every spelling that a server uses", () => {
  expect(pointerOf(["a/b", 0, "c~d"])).toBe("/a~1b/0/c~0d");
  for (const path of ["/values/smtp/port", "values.smtp.port", "smtp.port", "/smtp/port"])
    expect(pointerFrom(path, "values")).toBe("/smtp/port");
  expect(pointerFrom("hosts[2].name")).toBe("/hosts/2/name");
});

describe("what differs", () => {
  test("is told group by group, lists as a whole", () => {
    expect(
      changesBetween({ a: { b: 1, c: 2 }, list: [1] }, { a: { b: 1, c: 3 }, list: [1, 2], d: null }),
    ).toEqual([
      { pointer: "/a/c", before: 2, after: 3 },
      { pointer: "/list", before: [1], after: [1, 2] },
      { pointer: "/d", before: undefined, after: null },
    ]);
    expect(changesBetween({ a: 1 }, { a: 1 })).toEqual([]);
  });
});
