import { afterEach, describe, expect, test } from "bun:test";
import type { Event } from "../../../server/events/event.ts";
import type { Events } from "../../../server/events/events.ts";
import { type Bus, newEvents, openBus, say, until } from "./bus.ts";

let bus: Bus;
afterEach(() => bus.close());

interface Heard {
  seqs: number[];
  /** Called before an event counts as heard; throw to fail it. */
  before: (event: Event) => void | Promise<void>;
}

/** A bus with one durable subscriber that keeps what it heard. */
async function openHeard(
  options: { maxAttempts?: number; timeoutMs?: number } = {},
  pattern = "**",
): Promise<Heard> {
  const heard: Heard = { seqs: [], before: () => undefined };
  bus = await openBus(undefined, (events) =>
    events.subscribeDurably(
      pattern,
      async (event) => {
        await heard.before(event);
        heard.seqs.push(event.seq);
      },
      { name: "hooks", backoff: { baseMs: 1_000, capMs: 60_000 }, ...options },
    ),
  );
  return heard;
}

const status = (events: Events) => events.status().durable[0];

/** Events of two sources by turns: odd numbers are of `bad`, even ones of `good`. */
async function sayBoth(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await say(bus.events, "a.x", round, "bad");
    await say(bus.events, "a.x", round, "good");
  }
}

describe("a durable subscriber", () => {
  test("hears everything in order and goes on where it was after a restart", async () => {
    const heard = await openHeard();
    for (let index = 0; index < 5; index++) await say(bus.events, "a.x", index);
    await until(() => heard.seqs.length === 5);
    const events = await bus.restart();
    await say(events, "a.x", 5);
    await until(() => heard.seqs.length === 6);
    expect(heard.seqs).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("gets what was published while it was away; a new one begins at what comes", async () => {
    const heard = await openHeard();
    await say(bus.events, "a.x", 0);
    await until(() => heard.seqs.length === 1);
    await bus.events.stop();
    await say(bus.events, "a.x", 1);
    const events = await bus.restart();
    const late: number[] = [];
    await events.subscribeDurably("**", async ({ seq }) => void late.push(seq), { name: "late" });
    const all: number[] = [];
    await events.subscribeDurably("**", async ({ seq }) => void all.push(seq), {
      name: "all",
      from: "oldest",
    });
    await say(events, "a.x", 2);
    await until(() => late.length === 1 && heard.seqs.length === 3 && all.length === 3);
    expect([heard.seqs, late, all]).toEqual([[1, 2, 3], [3], [1, 2, 3]]);
    await expect(
      events.subscribeDurably("**", async () => undefined, { name: "late" }),
    ).rejects.toMatchObject({ code: "name_taken" });
  });

  test("other types can be chosen while it runs: nothing of those that stay is lost, repeated or out of order", async () => {
    const heard = await openHeard({}, "a.*");
    const released = Promise.withResolvers<void>();
    heard.before = ({ seq }) => (seq === 1 ? released.promise : undefined);
    for (const type of ["a.x", "b.x", "c.x", "a.x"]) await say(bus.events, type, null);
    bus.events.chooseDurably("hooks", ["a.*", "c.x"]);
    released.resolve();
    await until(() => heard.seqs.length === 3);
    bus.events.chooseDurably("hooks", ["c.x"]);
    for (const type of ["a.x", "c.x"]) await say(bus.events, type, null);
    await until(() => status(bus.events)?.lag === 0);
    expect(heard.seqs).toEqual([1, 3, 4, 6]);
    expect(status(bus.events)).toMatchObject({ pattern: "c.x", delivered: 4, missed: 0 });
    expect(() => bus.events.chooseDurably("nobody", ["c.x"])).toThrow("no durable subscriber");
    expect(() => bus.events.chooseDurably("hooks", [])).toThrow("hears nothing");
  });

  test("one that is forgotten begins anew under its name; one that only ended goes on", async () => {
    const heard = await openHeard();
    const hear = () =>
      bus.events.subscribeDurably("**", async ({ seq }) => void heard.seqs.push(seq), { name: "hooks" });
    await bus.events.unsubscribeDurably("hooks");
    await say(bus.events, "a.x", null);
    await hear();
    await until(() => heard.seqs.length === 1);
    await bus.events.forgetDurably("hooks");
    expect(bus.events.status().durable).toEqual([]);
    await say(bus.events, "a.x", null);
    await hear();
    await say(bus.events, "a.x", null);
    await until(() => heard.seqs.length === 2);
    expect(heard.seqs).toEqual([1, 3]);
  });

  test("what it does not hear costs no more than a write of its place a second, however much it is", async () => {
    await openHeard({}, "b.x");
    let writes = 0;
    const write = bus.database.write.bind(bus.database);
    bus.database.write = (unit) => {
      writes++;
      return write(unit);
    };
    const events = Array.from({ length: 100 }, () => ({ type: "a.x", payload: null }));
    for (let turn = 0; turn < 5; turn++) await bus.events.publishForeign(events, "test", "test");
    await until(() => status(bus.events)?.lag === 0);
    expect(writes).toBe(5);
    await bus.clock.advance(1_000);
    await until(() => writes === 6);
  });

  test("a failing source waits and keeps its order; the others go on", async () => {
    const heard = await openHeard();
    let failures = 3;
    heard.before = ({ source }) => {
      if (source === "app/bad" && failures-- > 0) throw new Error("not now");
    };
    await sayBoth(5);
    await until(() => heard.seqs.length === 5);
    expect(heard.seqs).toEqual([2, 4, 6, 8, 10]);
    expect(status(bus.events)?.backlog).toMatchObject([{ source: "app/bad", attempts: 1 }]);
    await bus.clock.advance(10_000);
    await until(() => heard.seqs.length === 10);
    expect(heard.seqs.filter((seq) => seq % 2 === 1)).toEqual([1, 3, 5, 7, 9]);
    expect(status(bus.events)).toMatchObject({ backlog: [], lag: 0, failures: 3, delivered: 10 });
    await sayBoth(1);
    await until(() => heard.seqs.length === 12);
    expect(heard.seqs.slice(10)).toEqual([11, 12]);
  });

  test("the backlog is kept over a restart", async () => {
    const heard = await openHeard();
    heard.before = ({ source }) => {
      if (source === "app/bad") throw new Error("not now");
    };
    await sayBoth(3);
    await until(() => heard.seqs.length === 3);
    await bus.restart();
    heard.before = () => undefined;
    await bus.clock.advance(60_000);
    await until(() => heard.seqs.length === 6);
    expect(heard.seqs).toEqual([2, 4, 6, 1, 3, 5]);
  });

  test("an event that fails too often is put aside and reported; its source goes on", async () => {
    const heard = await openHeard({ maxAttempts: 3 }, "a.*");
    heard.before = ({ seq }) => {
      if (seq === 1) throw new Error("poison");
    };
    await sayBoth(2);
    await until(() => heard.seqs.length === 2);
    await bus.clock.advance(60_000);
    await until(() => heard.seqs.length === 3);
    expect(heard.seqs).toEqual([2, 4, 3]);
    const { items } = await bus.events.listParked({ limit: 10 });
    expect(items).toMatchObject([{ subscriber: "hooks", attempts: 3, event: { seq: 1, payload: 0 } }]);
    const reports = await bus.events.list({ limit: 10, types: ["event.parked"] });
    expect(reports.items.map(({ payload }) => payload)).toMatchObject([
      { subscriber: "hooks", type: "a.x", attempts: 3 },
    ]);
    const id = items[0]?.id ?? "";
    await expect(bus.events.retryParked(id)).rejects.toThrow("poison");
    heard.before = () => undefined;
    await bus.events.retryParked(id);
    expect(heard.seqs).toEqual([2, 4, 3, 1]);
    await expect(bus.events.discardParked(id)).rejects.toMatchObject({ code: "parked_event_not_found" });
  });

  test("its own reports never bring forth reports", async () => {
    const heard = await openHeard({ maxAttempts: 2 });
    heard.before = () => {
      throw new Error("always");
    };
    await say(bus.events, "a.x", 0);
    for (let turn = 0; turn < 20; turn++) await bus.clock.advance(60_000);
    const { items } = await bus.events.list({ limit: 100 });
    expect(items.map(({ type }) => type)).toEqual(["event.parked", "a.x"]);
    expect((await bus.events.listParked({ limit: 10 })).items).toHaveLength(2);
  });

  test("one that hangs is tried again after its time, with its signal ended", async () => {
    const heard = await openHeard({ timeoutMs: 5_000 });
    const signals: AbortSignal[] = [];
    let hangs = true;
    heard.before = () => (hangs ? new Promise(() => undefined) : undefined);
    bus.events.subscribe("**", () => undefined, { name: "other" });
    await bus.events.subscribeDurably(
      "**",
      async (_event, signal) => {
        signals.push(signal);
        if (hangs) await new Promise(() => undefined);
      },
      { name: "signal", timeoutMs: 5_000 },
    );
    await say(bus.events, "a.x", 0);
    await until(() => signals.length === 1);
    await bus.clock.advance(5_000);
    expect(signals[0]?.aborted).toBe(true);
    hangs = false;
    await bus.clock.advance(60_000);
    await until(() => heard.seqs.length === 1 && signals.length === 2);
  });

  test("what it needs stays in the ring up to the hard limit; what is lost to it then is counted and reported", async () => {
    const released = Promise.withResolvers<void>();
    const seqs: number[] = [];
    bus = await openBus({ maxEvents: 10, maxBytes: 10_000_000 }, (events) =>
      events.subscribeDurably(
        "a.*",
        async ({ seq }) => {
          if (seq === 1) await released.promise;
          seqs.push(seq);
        },
        { name: "slow", timeoutMs: 3_600_000 },
      ),
    );
    for (let index = 0; index < 35; index++) await say(bus.events, "a.x", index);
    await bus.events.cut();
    expect(bus.events.status().ring.oldestSeq).toBe(1);
    for (let index = 0; index < 50; index++) await say(bus.events, "a.x", index);
    await bus.events.cut();
    expect(bus.events.status().ring.oldestSeq).toBe(46);
    released.resolve();
    await until(() => seqs.at(-1) === 85);
    // The page it had read already is whole; after it comes what is kept.
    expect(status(bus.events)?.missed).toBeGreaterThanOrEqual(0);
    expect(seqs.length + (status(bus.events)?.missed ?? 0)).toBe(85);
  });
});

test("an offline command opens the bus, publishes, and leaves durable subscribers and their places alone", async () => {
  const heard: string[] = [];
  const prepare = (events: Events): Promise<void> =>
    events.subscribeDurably("said.*", async ({ type }) => void heard.push(type), {
      name: "ear",
      from: "now",
    });
  const say = (events: Events, type: string) =>
    events.publishForeign([{ type, payload: null }], "test", "correlation");
  bus = await openBus(undefined, prepare);
  await say(bus.events, "said.live");
  await until(() => heard.length === 1);
  await bus.events.stop();
  const offline = newEvents(bus.database, bus.clock);
  await prepare(offline);
  await offline.open();
  await say(offline, "said.offline");
  await offline.stop();
  expect(heard).toEqual(["said.live"]);
  bus.events = newEvents(bus.database, bus.clock);
  await prepare(bus.events);
  await bus.events.start();
  await until(() => heard.length === 2);
  expect(heard).toEqual(["said.live", "said.offline"]);
});
