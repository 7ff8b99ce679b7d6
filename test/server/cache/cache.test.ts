import { describe, expect, test } from "bun:test";
import { Cache } from "../../../server/cache/cache.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const placement = (key: string, tags: readonly string[] = ["t"]) => ({ key, tags, ttlMs: 1_000 });
const kept = (value: string) => async () => ({ value, isKept: true });

function newCache(overrides: { maxEntries?: number; maxSizeBytes?: number } = {}) {
  const clock = new ManualClock();
  const cache = new Cache<string>({
    maxEntries: 100,
    maxSizeBytes: 10_000,
    sizeOf: (text) => text.length,
    clock,
    ...overrides,
  });
  return { cache, clock };
}

describe("a cache of answers", () => {
  test("loads once and gives the value until its time is over", async () => {
    const { cache, clock } = newCache();
    expect(await cache.findOrLoad(placement("a"), kept("one"))).toBe("one");
    expect(await cache.findOrLoad(placement("a"), kept("two"))).toBe("one");
    await clock.advance(1_000);
    expect(await cache.findOrLoad(placement("a"), kept("three"))).toBe("three");
    expect(cache.statistics).toMatchObject({ hits: 1, misses: 2, entries: 1 });
  });

  test("callers at the same time share one load", async () => {
    const { cache } = newCache();
    const gate = Promise.withResolvers<void>();
    let loads = 0;
    const load = async () => {
      loads++;
      await gate.promise;
      return { value: "shared", isKept: true };
    };
    const both = Promise.all([
      cache.findOrLoad(placement("a"), load),
      cache.findOrLoad(placement("a"), load),
    ]);
    gate.resolve();
    expect(await both).toEqual(["shared", "shared"]);
    expect(loads).toBe(1);
    expect(cache.statistics.shared).toBe(1);
  });

  test("an invalidated tag drops every value that has it and no other", async () => {
    const { cache } = newCache();
    await cache.findOrLoad(placement("a", ["users", "tokens"]), kept("a"));
    await cache.findOrLoad(placement("b", ["metrics"]), kept("b"));
    cache.invalidate(["tokens"]);
    expect(cache.find("a")).toBeUndefined();
    expect(cache.find("b")).toBe("b");
  });

  test("what was loading while its tag was invalidated is neither kept nor shared with later callers", async () => {
    const { cache } = newCache();
    const gate = Promise.withResolvers<void>();
    const before = cache.findOrLoad(placement("a"), async () => {
      await gate.promise;
      return { value: "old", isKept: true };
    });
    cache.invalidate(["t"]);
    const after = cache.findOrLoad(placement("a"), kept("new"));
    gate.resolve();
    expect(await before).toBe("old");
    expect(await after).toBe("new");
    expect(cache.find("a")).toBe("new");
  });

  test("a value that must not be kept is not, and a failed load leaves nothing behind", async () => {
    const { cache } = newCache();
    await cache.findOrLoad(placement("a"), async () => ({ value: "error", isKept: false }));
    expect(cache.find("a")).toBeUndefined();
    const failing = cache.findOrLoad(placement("b"), async () => {
      throw new Error("broken");
    });
    await expect(failing).rejects.toThrow("broken");
    expect(await cache.findOrLoad(placement("b"), kept("whole"))).toBe("whole");
  });

  test("stays within its bounds and forgets the least recently used first", async () => {
    const { cache } = newCache({ maxEntries: 2 });
    for (const key of ["a", "b"]) await cache.findOrLoad(placement(key), kept(key));
    cache.find("a");
    await cache.findOrLoad(placement("c"), kept("c"));
    expect([cache.find("a"), cache.find("b"), cache.find("c")]).toEqual(["a", undefined, "c"]);

    const small = newCache({ maxSizeBytes: 50 }).cache;
    await small.findOrLoad(placement("big"), kept("x".repeat(100)));
    expect(small.statistics.entries).toBe(0);
    small.invalidate(["t"]);
  });
});
