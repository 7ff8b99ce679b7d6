import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Dependent, dependencyOrder } from "../../../../server/plugins/discovery/dependency-order.ts";
import { sized } from "../../../support/sizes.ts";

const plugin = (id: string, dependencies: Record<string, string> = {}, version = "1.0.0"): Dependent => ({
  id,
  version,
  dependencies,
});
const blockedIn = (plugins: Dependent[]) => Object.fromEntries(dependencyOrder(plugins).blocked);

describe("the order of plugins", () => {
  test("is by need, then by id", () => {
    const plugins = [plugin("a", { c: "*" }), plugin("d"), plugin("c", { b: "^1.0.0" }), plugin("b")];
    expect(dependencyOrder(plugins)).toEqual({ order: ["b", "d", "c", "a"], blocked: new Map() });
  });

  test("a missing one stops those that need it, and nobody else", () => {
    const plugins = [
      plugin("a", { gone: "^2.0.0" }),
      plugin("b", { a: "*" }),
      plugin("c", { b: "*" }),
      plugin("d"),
    ];
    expect(dependencyOrder(plugins).order).toEqual(["d"]);
    expect(blockedIn(plugins)).toEqual({
      a: { block: "missing_dependency", message: 'It needs "gone" ^2.0.0, which is not there.' },
      b: {
        block: "missing_dependency",
        message: 'It needs "a", which cannot run: It needs "gone" ^2.0.0, which is not there.',
      },
      c: { block: "missing_dependency", message: expect.stringContaining('It needs "b", which cannot run') },
    });
  });

  test("a version outside the range is named with the one that is there", () => {
    const plugins = [
      plugin("base", {}, "2.1.0"),
      plugin("new", { base: "^2.0.0" }),
      plugin("old", { base: "~1.4" }),
    ];
    expect(dependencyOrder(plugins).order).toEqual(["base", "new"]);
    expect(blockedIn(plugins)).toEqual({
      old: { block: "conflict", message: 'It needs "base" ~1.4, but 2.1.0 is there.' },
    });
  });

  test("a circle is named with everybody in it; those that only need it are told so", () => {
    const plugins = [
      plugin("a", { b: "*" }),
      plugin("b", { c: "*" }),
      plugin("c", { a: "*" }),
      plugin("user", { a: "*" }),
      plugin("free"),
    ];
    expect(dependencyOrder(plugins).order).toEqual(["free"]);
    expect(blockedIn(plugins)).toMatchObject({
      a: { block: "circular_dependency", message: "It needs itself: a → b → c → a." },
      b: { block: "circular_dependency", message: "It needs itself: b → c → a → b." },
      c: { block: "circular_dependency" },
      user: { block: "missing_dependency" },
    });
  });

  test("whatever needs whatever: everybody is either placed after all needs, or blocked with a reason", () => {
    const ids = ["a", "b", "c", "d", "e", "f"];
    const needs = fc.subarray([...ids, "absent"]);
    fc.assert(
      fc.property(fc.array(needs, { minLength: 6, maxLength: 6 }), (lists) => {
        const plugins = ids.map((id, index) =>
          plugin(id, Object.fromEntries((lists[index] ?? []).map((need) => [need, "*"]))),
        );
        const { order, blocked } = dependencyOrder(plugins);
        expect([...order, ...blocked.keys()].sort()).toEqual(ids);
        for (const [index, id] of order.entries()) {
          const earlier = new Set(order.slice(0, index));
          const own = plugins.find((one) => one.id === id);
          expect(Object.keys(own?.dependencies ?? {}).every((need) => earlier.has(need))).toBeTrue();
        }
        for (const id of blocked.keys()) {
          const own = plugins.find((one) => one.id === id);
          const isStuck = Object.keys(own?.dependencies ?? {}).some(
            (need) => need === "absent" || blocked.has(need),
          );
          expect(isStuck).toBeTrue();
        }
      }),
      { numRuns: sized(300, 20_000) },
    );
  });
});
