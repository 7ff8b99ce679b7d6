import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { systemClock } from "../../../server/lib/clock.ts";
import { isId, newId, newSecret, sha256Hex } from "../../../server/lib/ids.ts";
import { Mutex } from "../../../server/lib/mutex.ts";
import { editDistance, nearest } from "../../../server/lib/nearest.ts";
import { Semaphore } from "../../../server/lib/semaphore.ts";

describe("ids and secrets", () => {
  test("ids are known by their shape and sort by the time they were made", () => {
    const ids = Array.from({ length: 1_000 }, newId);
    expect(ids.every(isId)).toBe(true);
    expect(ids.toSorted()).toEqual(ids);
    for (const text of ["", "-".repeat(36), newId().toUpperCase(), `${newId()}0`, crypto.randomUUID()]) {
      expect(isId(text)).toBe(false);
    }
  });

  test("secrets have 256 bits and are never the same", () => {
    const secrets = new Set(Array.from({ length: 1_000 }, () => newSecret()));
    expect(secrets.size).toBe(1_000);
    for (const secret of secrets) expect(Buffer.from(secret, "base64url")).toHaveLength(32);
  });

  test("SHA-256 is the published one", () => {
    expect(sha256Hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });
});

describe("a mutex", () => {
  test("lets one section run at a time, in order, also after one that throws", async () => {
    const mutex = new Mutex();
    const order: number[] = [];
    const sections = [0, 1, 2].map((index) =>
      mutex.run(async () => {
        order.push(index);
        await Promise.resolve();
        order.push(index);
        if (index === 1) throw new Error("no");
        return index;
      }),
    );
    expect(mutex.waiting).toBe(3);
    const outcomes = await Promise.allSettled(sections);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(order).toEqual([0, 0, 1, 1, 2, 2]);
    expect(mutex.waiting).toBe(0);
  });
});

describe("a semaphore", () => {
  test("never lets more in than its limit, and everybody in the end", async () => {
    const semaphore = new Semaphore(3);
    let inside = 0;
    let most = 0;
    const sections = Array.from({ length: 20 }, (_, index) =>
      semaphore.run(async () => {
        most = Math.max(most, ++inside);
        await Promise.resolve();
        inside--;
        if (index % 5 === 0) throw new Error("no");
      }),
    );
    expect(semaphore.waiting).toBe(17);
    const outcomes = await Promise.allSettled(sections);
    expect(most).toBe(3);
    expect(outcomes.filter((outcome) => outcome.status === "rejected")).toHaveLength(4);
    expect(await semaphore.run(async () => "free again")).toBe("free again");
    expect(semaphore.waiting).toBe(0);
  });

  test("a place that is handed on is taken: who comes later does not slip in beside", async () => {
    const semaphore = new Semaphore(1);
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let inside = 0;
    const section = (end: Promise<void>) =>
      semaphore.run(async () => {
        expect(++inside).toBe(1);
        await end;
        inside--;
      });
    const sections = [section(first.promise), section(second.promise)];
    first.resolve();
    await sections[0];
    sections.push(section(Promise.resolve()));
    expect(semaphore.waiting).toBe(1);
    second.resolve();
    await Promise.all(sections);
  });
});

describe("the nearest word", () => {
  test("is found for a slip of the pen, and none for something else", () => {
    const keys = ["server.port", "server.host", "log.level"];
    expect(nearest("server.prot", keys)).toBe("server.port");
    expect(nearest("Server.Hots", keys)).toBe("server.host");
    expect(nearest("entirely.other.thing", keys)).toBeUndefined();
    // Two letters of five, and three.
    expect([nearest("abcxy", ["abcde"]), nearest("abxyz", ["abcde"])]).toEqual(["abcde", undefined]);
    expect(nearest("x".repeat(1_000_000), keys)).toBeUndefined();
  });

  test("edit distance is a metric", () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(editDistance(a, a)).toBe(0);
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
        expect(editDistance(a, b)).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
  });
});

test("the machine's clock does not fire at once for a wait beyond what a timeout can hold", async () => {
  let fired = false;
  const handle = systemClock.after(40 * 24 * 3_600_000, () => {
    fired = true;
  });
  const soon = Promise.withResolvers<void>();
  systemClock.after(1, soon.resolve);
  const keepAlive = setInterval(() => {}, 1_000);
  await soon.promise;
  clearInterval(keepAlive);
  expect(fired).toBe(false);
  handle.cancel();
});
