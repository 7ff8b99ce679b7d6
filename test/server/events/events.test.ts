import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Event } from "../../../server/events/event.ts";
import { parsePattern } from "../../../server/events/pattern.ts";
import { type Bus, openBus, say, until } from "./bus.ts";

let bus: Bus;
beforeEach(async () => {
  bus = await openBus();
});
afterEach(() => bus.close());

const audit = { seq: 7, reason: "the row was changed" };

describe("publishing", () => {
  test("an event gets number, id, time, source and correlation id, and is kept", async () => {
    const first = await bus.events.publish({ type: "audit.broken", payload: audit });
    const second = await bus.events.publish({
      type: "audit.broken",
      payload: audit,
      source: "binnacle/audit",
      correlationId: "c-1",
    });
    expect(first).toMatchObject({
      seq: 1,
      type: "audit.broken",
      time: bus.clock.now(),
      source: "binnacle",
      payload: audit,
    });
    expect(first.correlationId).toBe(first.id);
    expect(second).toMatchObject({ seq: 2, source: "binnacle/audit", correlationId: "c-1" });
    const { items } = await bus.events.list({ limit: 10 });
    expect(items.map(({ id }) => id)).toEqual([second.id, first.id]);
    expect(items[1]).toMatchObject({ payload: audit, time: first.time });
  });

  test("a payload that is not its type's stays out", async () => {
    const wrong = { seq: "7", reason: "x" } as unknown as typeof audit;
    await expect(bus.events.publish({ type: "audit.broken", payload: wrong })).rejects.toThrow(
      "does not keep to its schema",
    );
    expect((await bus.events.list({ limit: 10 })).items).toEqual([]);
  });

  test("within a unit of work the event lives and dies with it, and is heard after the commit", async () => {
    const heard: string[] = [];
    bus.events.subscribe("**", ({ type }) => void heard.push(type), { name: "test" });
    const failing = bus.database.write(async (tx) => {
      await bus.events.publishIn(tx, { type: "audit.broken", payload: audit });
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await bus.database.write(async (tx) => {
      await bus.events.publishIn(tx, { type: "metrics.paused", payload: { reason: "disk" } });
      await Promise.resolve();
      expect(heard).toEqual([]);
    });
    await until(() => heard.length > 0);
    expect(heard).toEqual(["metrics.paused"]);
    expect((await bus.events.list({ limit: 10 })).items.map(({ seq }) => seq)).toEqual([1]);
  });

  test("within a unit of work, publishing beside it is refused instead of waiting for ever", async () => {
    const attempt = bus.database.write(() => bus.events.publish({ type: "audit.broken", payload: audit }));
    await expect(attempt).rejects.toMatchObject({ code: "internal" });
  });

  test("many at once are written in their order", async () => {
    const published = await Promise.all(
      Array.from({ length: 1_200 }, (_, index) =>
        bus.events.publish({ type: "audit.broken", payload: { seq: index, reason: "" } }),
      ),
    );
    expect(published.map(({ seq }) => seq)).toEqual(Array.from({ length: 1_200 }, (_, index) => index + 1));
  });
});

describe("an application's events", () => {
  test("free in form, under its own sources, all or none", async () => {
    const published = await bus.events.publishForeign(
      [
        { type: "download_complete", payload: { file: "a" } },
        { type: "shop.sold", payload: null, source: "shop/1", correlationId: "x" },
      ],
      "Ann Böhm",
      "req-1",
    );
    expect(published.map(({ source, correlationId }) => [source, correlationId])).toEqual([
      ["app/Ann-B-hm", "req-1"],
      ["app/shop/1", "x"],
    ]);
    const mixed = bus.events.publishForeign(
      [
        { type: "ok", payload: 1 },
        { type: "bad", payload: { f: () => 1 } },
      ],
      "a",
      "c",
    );
    await expect(mixed).rejects.toMatchObject({
      code: "validation_failed",
      issues: [{ path: "events.1.payload" }],
    });
    expect((await bus.events.list({ limit: 10 })).items).toHaveLength(2);
  });

  test.each([
    ["user.created", "name_taken"],
    ["alert.raised", "name_taken"],
    ["event.parked", "name_taken"],
    ["Upper", "validation_failed"],
    ["a..b", "validation_failed"],
    ["a-b", "validation_failed"],
    ["", "validation_failed"],
    ["a".repeat(101), "validation_failed"],
  ])("the type %j is refused as %s", async (type, code) => {
    await expect(say(bus.events, type, {})).rejects.toMatchObject({ code });
  });

  test.each([
    ["too large", "x".repeat(70_000)],
    ["too deep", JSON.parse(`${"[".repeat(20)}${"]".repeat(20)}`)],
    ["too long", new Array(1_001).fill(1)],
    ["too wide", Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`k${index}`, 1]))],
    ["not JSON", 10n],
    ["not a number", { a: Number.NaN }],
  ])("a payload that is %s is refused", async (_name, payload) => {
    await expect(say(bus.events, "a", payload)).rejects.toMatchObject({ code: "validation_failed" });
  });

  test.each(["", "a b", "../x", "a//b", "-a", "a".repeat(101)])(
    "the source %j is refused",
    async (source) => {
      await expect(say(bus.events, "a", {}, source)).rejects.toMatchObject({
        issues: [{ path: "events.0.source" }],
      });
    },
  );

  test("1 to 100 a call", async () => {
    const many = (count: number) =>
      bus.events.publishForeign(new Array(count).fill({ type: "a", payload: 1 }), "a", "c");
    await expect(many(0)).rejects.toThrow("1 to 100");
    await expect(many(101)).rejects.toThrow("1 to 100");
    expect(await many(100)).toHaveLength(100);
  });
});

describe("subscribers", () => {
  test.each([
    ["alert.*", ["alert.raised"]],
    ["*", ["alert"]],
    ["**", ["alert", "alert.raised", "alert.raised.again", "job.failed"]],
    ["alert.**", ["alert", "alert.raised", "alert.raised.again"]],
    ["**.raised", ["alert.raised"]],
    ["*.*", ["alert.raised", "job.failed"]],
    ["**.raised.**", ["alert.raised", "alert.raised.again"]],
    ["job.failed", ["job.failed"]],
    ["alert.*.again", ["alert.raised.again"]],
  ])("the pattern %s chooses %j", (pattern, chosen) => {
    const types = ["alert", "alert.raised", "alert.raised.again", "job.failed"];
    expect(types.filter((type) => parsePattern(pattern).matches(type))).toEqual(chosen);
  });

  test.each(["", "a..b", "A", "***", "a*", "a b", ".", "a.", "a".repeat(201)])(
    "the pattern %j is refused",
    (pattern) => {
      expect(() => parsePattern(pattern)).toThrow();
    },
  );

  test("hear in order, what they asked for, until they end", async () => {
    const heard: number[] = [];
    const id = bus.events.subscribe("a.*", ({ seq }) => void heard.push(seq), { name: "test" });
    await say(bus.events, "a.x", 1);
    await say(bus.events, "b.x", 1);
    await say(bus.events, "a.y", 1);
    await until(() => heard.length === 2);
    bus.events.unsubscribe(id);
    bus.events.unsubscribe(id);
    await say(bus.events, "a.z", 1);
    expect(heard).toEqual([1, 3]);
  });

  test("one that throws, one that rejects and one that never answers hurt nobody else", async () => {
    const heard: number[] = [];
    bus.events.subscribe(
      "**",
      () => {
        throw new Error("no");
      },
      { name: "throws" },
    );
    bus.events.subscribe("**", () => Promise.reject(new Error("no")), { name: "rejects" });
    bus.events.subscribe("**", () => new Promise(() => undefined), { name: "hangs", timeoutMs: 1_000 });
    bus.events.subscribe("**", ({ seq }) => void heard.push(seq), { name: "good" });
    for (let index = 0; index < 20; index++) await say(bus.events, "a", index);
    await until(() => heard.length === 20);
    for (let index = 0; index < 20; index++) await bus.clock.advance(1_000);
    const by = Object.fromEntries(bus.events.status().subscribers.map((status) => [status.name, status]));
    expect(by.throws).toMatchObject({ failures: 20, delivered: 0, queued: 0 });
    expect(by.rejects).toMatchObject({ failures: 20, queued: 0 });
    // Ten calls that never came back are enough: the rest waits for one of them.
    expect(by.hangs).toMatchObject({ timeouts: 10, queued: 10 });
  });

  test("a slow one loses the oldest (or the newest), and that is counted and reported once a round", async () => {
    const waits: (() => void)[] = [];
    const seen: Record<string, number[]> = { oldest: [], newest: [] };
    const slow = (name: "oldest" | "newest") =>
      bus.events.subscribe(
        "a",
        ({ seq }) => {
          seen[name]?.push(seq);
          return new Promise<void>((resolve) => waits.push(resolve));
        },
        { name, maxQueued: 3, overflow: `drop-${name}` },
      );
    slow("oldest");
    slow("newest");
    for (let index = 0; index < 10; index++) await say(bus.events, "a", index);
    const dropped = bus.events.status().subscribers.map(({ dropped: count }) => count);
    expect(dropped).toEqual([6, 6]);
    while (Object.values(seen).some(({ length }) => length < 4)) {
      await until(() => waits.length > 0);
      waits.pop()?.();
    }
    expect(seen).toEqual({ oldest: [1, 8, 9, 10], newest: [1, 2, 3, 4] });
    await bus.events.reportDrops();
    await bus.events.reportDrops();
    const { items } = await bus.events.list({ limit: 10, types: ["event.*"] });
    expect(items.map(({ payload }) => payload)).toEqual([
      { subscriber: "newest", dropped: 6, total: 6 },
      { subscriber: "oldest", dropped: 6, total: 6 },
    ]);
  });
});

describe("the ring", () => {
  test("lists by pattern, source and number, page by page", async () => {
    for (let index = 0; index < 5; index++) {
      await say(bus.events, "a.x", index, "one");
      await say(bus.events, "b.x", index, "two");
    }
    const seqs = async (query: Parameters<typeof bus.events.list>[0]) =>
      (await bus.events.list(query)).items.map(({ seq }) => seq);
    expect(await seqs({ limit: 10, types: ["a.*"] })).toEqual([9, 7, 5, 3, 1]);
    expect(await seqs({ limit: 10, types: ["a.x", "nothing"] })).toEqual([9, 7, 5, 3, 1]);
    expect(await seqs({ limit: 10, types: ["nothing.*"] })).toEqual([]);
    expect(await seqs({ limit: 10, source: "app/two" })).toEqual([10, 8, 6, 4, 2]);
    expect(await seqs({ limit: 10, since: 7 })).toEqual([8, 9, 10]);
    const first = await bus.events.list({ limit: 4, since: 0 });
    const second = await bus.events.list({ limit: 10, since: 0, cursor: first.nextCursor ?? "" });
    expect([...first.items, ...second.items].map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await expect(bus.events.list({ limit: 4, cursor: first.nextCursor ?? "" })).rejects.toMatchObject({
      code: "invalid_cursor",
    });
  });

  test("keeps its size in events and bytes, numbers go on, over restarts too", async () => {
    const small = await openBus({ maxEvents: 50, maxBytes: 20_000 });
    for (let index = 0; index < 120; index++) await say(small.events, "a", index);
    await small.events.cut();
    expect(small.events.status().ring).toMatchObject({ oldestSeq: 71, newestSeq: 120, events: 50 });
    await say(small.events, "a", "x".repeat(18_000));
    await small.events.cut();
    expect(small.events.status().ring.sizeBytes).toBeLessThanOrEqual(20_000);
    const before = small.events.status().ring;
    const events = await small.restart();
    await events.cut();
    expect(events.status().ring).toEqual(before);
    expect(await say(events, "a", 1)).toEqual([122]);
    await small.close();
  });
});

describe("followers", () => {
  const take = async (iterator: AsyncIterator<Event>, count: number): Promise<number[]> => {
    const seqs: number[] = [];
    while (seqs.length < count) {
      const step = await iterator.next();
      if (step.done) break;
      seqs.push(step.value.seq);
    }
    return seqs;
  };

  test("replay and then go on without a gap or a repetition", async () => {
    for (let index = 0; index < 250; index++) await say(bus.events, index % 2 ? "a.x" : "b.x", index);
    const follower = bus.events.follow({ since: 100, patterns: [parsePattern("a.*")] });
    const writing = (async () => {
      for (let index = 250; index < 300; index++) await say(bus.events, index % 2 ? "a.x" : "b.x", index);
    })();
    const seqs = await take(follower, 100);
    await writing;
    expect(seqs).toEqual(Array.from({ length: 100 }, (_, index) => 102 + index * 2));
    await follower.return?.();
  });

  test("replay what stands on disk only, after a restart", async () => {
    for (let index = 0; index < 10; index++) await say(bus.events, "a", index);
    const events = await bus.restart();
    const follower = events.follow({ since: 4 });
    await say(events, "a", 10);
    expect(await take(follower, 7)).toEqual([5, 6, 7, 8, 9, 10, 11]);
  });

  test("without since begin at what comes; end at once while they wait", async () => {
    await say(bus.events, "a", 1);
    const follower = bus.events.follow({});
    const next = follower.next();
    await say(bus.events, "a", 2);
    expect((await next).value?.seq).toBe(2);
    const waiting = follower.next();
    await follower.return?.();
    expect((await waiting).done).toBe(true);
  });

  test("are told what the ring no longer holds", async () => {
    const small = await openBus({ maxEvents: 10, maxBytes: 1_000_000 });
    for (let index = 0; index < 30; index++) await say(small.events, "a", index);
    await small.events.cut();
    await expect(small.events.follow({ since: 3 }).next()).rejects.toMatchObject({ code: "events_missed" });
    let missed = 0;
    const follower = small.events.follow({ since: 3, onMissed: (count) => (missed = count) });
    expect(await take(follower, 2)).toEqual([21, 22]);
    expect(missed).toBe(17);
    await small.close();
  });
});
