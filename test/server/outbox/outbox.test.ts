import { afterEach, describe, expect, test } from "bun:test";
import type { DelivererOptions } from "../../../server/outbox/delivery.ts";
import { DELIVERED, LATER, type OpenAttempt, openPostOffice, type PostOffice } from "./post-office.ts";

let office: PostOffice;
const open = async (options?: DelivererOptions, maxConcurrent?: number): Promise<void> => {
  office = await openPostOffice(options, maxConcurrent);
};
afterEach(() => office.close());

const states = async () =>
  (await office.outbox.list({ limit: 100 })).items.map(({ payload, state }) => `${payload} ${state}`);
const eventTypes = async () =>
  (await office.events.list({ limit: 100, types: ["outbox.*"] })).items.map(({ type }) => type);
const only = async (): Promise<OpenAttempt> => {
  const [attempt] = await office.opened(1);
  if (!attempt) throw new Error("No attempt is open.");
  return attempt;
};

describe("enqueueing", () => {
  test("happens with the change that causes it, or not at all", async () => {
    await open();
    const failing = office.database.write(async (tx) => {
      await office.outbox.enqueue(tx, { kind: "test", target: "one", payload: "lost" });
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    const id = await office.post("kept");
    const { delivery } = await only();
    expect(delivery).toMatchObject({ idempotencyKey: id, target: "one", payload: "kept", attempt: 1 });
  });

  test("the same key twice is one delivery, also after it was delivered", async () => {
    await open();
    const first = await office.post("a", { dedupeKey: "k" });
    expect(await office.post("b", { dedupeKey: "k" })).toBe(first);
    await (await only()).answer(DELIVERED);
    expect(await office.post("c", { dedupeKey: "k" })).toBe(first);
    expect(await office.post("d", { dedupeKey: "k", target: "two" })).not.toBe(first);
    await (await only()).answer(DELIVERED);
    expect(office.delivered).toEqual(["a", "d"]);
  });

  test.each([
    { kind: "No Kind" },
    { target: "" },
    { target: "x".repeat(501) },
    { dedupeKey: "x".repeat(201) },
    { payload: "x".repeat(300_000) },
    { payload: 1n },
  ])("a delivery that is none is refused", async (more) => {
    await open();
    await expect(office.post("a", more)).rejects.toMatchObject({ code: "internal" });
  });

  test("a kind that nobody carries waits until somebody does", async () => {
    await open();
    await office.post("early", { kind: "later" });
    await office.opened(0);
    office.outbox.register({
      kind: "later",
      deliver: async ({ payload }) => {
        office.delivered.push(payload);
        return DELIVERED;
      },
    });
    await office.clock.advance(0);
    expect(office.delivered).toEqual(["early"]);
  });
});

describe("order and concurrency", () => {
  test("one target gets one delivery at a time, in order; a failing first one holds up the rest", async () => {
    await open();
    for (const payload of ["a", "b", "c"]) await office.post(payload);
    await (await only()).answer(LATER);
    await office.opened(0);
    await office.clock.advance(999);
    await office.opened(0);
    await office.clock.advance(1);
    for (let index = 0; index < 3; index++) await (await only()).answer(DELIVERED);
    expect(office.delivered).toEqual(["a", "b", "c"]);
  });

  test("targets do not wait for one another; all together keep to the bound, by turns", async () => {
    await open({}, 2);
    for (const target of ["x", "y", "z"]) {
      await office.post(`${target}1`, { target });
      await office.post(`${target}2`, { target });
    }
    while (office.delivered.length < 6) {
      await office.opened(Math.min(2, 6 - office.delivered.length));
      await office.open[0]?.answer(DELIVERED);
    }
    expect(office.delivered.slice(0, 3).sort()).toEqual(["x1", "y1", "z1"]);
  });

  test("a kind may have several under way at one target", async () => {
    await open({ concurrencyPerTarget: 3 });
    for (let index = 0; index < 5; index++) await office.post(index);
    const attempts = await office.opened(3);
    expect(new Set(attempts.map(({ delivery }) => delivery.idempotencyKey)).size).toBe(3);
    await attempts[1]?.answer(LATER);
    await office.opened(3);
    while (office.open.length > 0) await office.open[0]?.answer(DELIVERED);
    await office.clock.advance(1_000);
    await (await only()).answer(DELIVERED);
    expect(office.delivered.toSorted()).toEqual([0, 1, 2, 3, 4]);
  });
});

describe("failing", () => {
  test("waits double up to the cap, then it is a dead letter, with an event", async () => {
    await open({ backoff: { baseMs: 1_000, capMs: 5_000 }, maxAttempts: 5 });
    const id = await office.post("a");
    await office.post("b");
    const waits: number[] = [];
    for (let attempt = 1; attempt < 5; attempt++) {
      expect((await only()).delivery).toMatchObject({ attempt, idempotencyKey: id });
      await (await only()).answer(LATER);
      let waitedMs = 0;
      for (; office.open.length === 0; waitedMs += 250) await office.clock.advance(250);
      waits.push(waitedMs);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 5_000]);
    await (await only()).answer(new Error("thrown counts like retry"));
    await (await only()).answer(DELIVERED);
    expect(office.delivered).toEqual(["b"]);
    expect(office.retries).toEqual([false, false, false, false]);
    expect(await states()).toEqual(['"b" delivered', '"a" dead']);
    expect(await eventTypes()).toEqual(["outbox.delivery_abandoned"]);
  });

  test("what was rejected is dead at once; it can be tried anew under its key, or forgotten", async () => {
    await open();
    const first = await office.post("a");
    await (await only()).answer({ outcome: "rejected", reason: "410" });
    const second = await office.post("b");
    await (await only()).answer({ outcome: "rejected", reason: "410" });
    await office.outbox.retry(first);
    expect((await only()).delivery).toMatchObject({ idempotencyKey: first, attempt: 1 });
    await (await only()).answer(DELIVERED);
    await office.outbox.discard(second);
    expect(await states()).toEqual(['"a" delivered']);
    for (const verb of [() => office.outbox.retry(second), () => office.outbox.discard(first)]) {
      await expect(verb()).rejects.toMatchObject({ code: "delivery_not_found" });
    }
  });

  test("the receiver's own wait is kept, up to an hour", async () => {
    await open();
    await office.post("a");
    await (await only()).answer({ ...LATER, retryAfterMs: 90_000 });
    await office.clock.advance(89_999);
    await office.opened(0);
    await office.clock.advance(1);
    await (await only()).answer({ ...LATER, retryAfterMs: 99 * 3_600_000 });
    await office.clock.advance(3_600_000);
    await office.opened(1);
  });

  test("an attempt that hangs is ended and counts as failed", async () => {
    await open({ timeoutMs: 5_000 });
    await office.post("a");
    const { signal } = await only();
    await office.clock.advance(5_000);
    expect(signal.aborted).toBe(true);
    office.open = [];
    await office.clock.advance(1_000);
    expect((await only()).delivery.attempt).toBe(2);
  });

  test("a target that fails on and on is switched off, with an event; resumed it goes on", async () => {
    await open({ switchOffAfter: 3, backoff: { baseMs: 10, capMs: 10 } });
    await office.post("a");
    for (let attempt = 0; attempt < 3; attempt++) {
      await (await only()).answer(LATER);
      await office.clock.advance(10);
    }
    await office.opened(0);
    await office.post("b");
    await office.clock.advance(3_600_000);
    await office.opened(0);
    expect(office.outbox.listTargets()).toEqual([
      { kind: "test", target: "one", targetName: null, state: "off", waiting: 2, failures: 3 },
    ]);
    await office.restart();
    await office.opened(0);
    await office.outbox.resume("test", "one");
    await (await only()).answer(DELIVERED);
    await (await only()).answer(DELIVERED);
    expect(office.delivered).toEqual(["a", "b"]);
    expect(await eventTypes()).toEqual(["outbox.target_resumed", "outbox.target_switched_off"]);
    expect(office.outbox.listTargets()).toEqual([]);
  });

  test("a success between forgets the failures", async () => {
    await open({ switchOffAfter: 2, backoff: { baseMs: 10, capMs: 10 } });
    for (let round = 0; round < 4; round++) {
      await office.post(round);
      await (await only()).answer(LATER);
      await office.clock.advance(10);
      await (await only()).answer(DELIVERED);
    }
    expect(office.delivered).toEqual([0, 1, 2, 3]);
  });
});

describe("pausing", () => {
  test("what is under way finishes, what comes waits, over a restart too", async () => {
    await open();
    await office.post("a");
    const attempt = await only();
    await office.outbox.pause("test", "one");
    await attempt.answer(DELIVERED);
    await office.post("b");
    await office.opened(0);
    await office.restart();
    await office.opened(0);
    await office.outbox.resume("test", "one");
    await (await only()).answer(DELIVERED);
    expect(office.delivered).toEqual(["a", "b"]);
  });

  test("a target that is paused just when its next delivery comes gets it only once it is resumed", async () => {
    await open();
    await office.post("a");
    await office.post("b");
    const attempt = await only();
    const { database, outbox } = office;
    const write = database.write.bind(database);
    let pausing: Promise<void> | undefined;
    // The pause waits for the writing of what became of the first, and the lease of the next for the pause.
    database.write = (work) => {
      database.write = write;
      const settled = write(work);
      pausing = outbox.pause("test", "one");
      return settled;
    };
    await attempt.answer(DELIVERED);
    await pausing;
    await office.opened(0);
    await outbox.resume("test", "one");
    await (await only()).answer(DELIVERED);
    expect(office.delivered).toEqual(["a", "b"]);
  });

  test("a target without deliveries can be paused ahead", async () => {
    await open();
    await office.outbox.pause("test", "one");
    await office.post("a");
    await office.opened(0);
    expect(office.outbox.listTargets()).toMatchObject([{ state: "paused", waiting: 1 }]);
  });
});

describe("the clock", () => {
  const DAY_MS = 86_400_000;

  test.each([
    ["ahead", DAY_MS],
    ["back", -DAY_MS],
  ])("set %s by a day while running, a wait keeps its length", async (_name, jumpMs) => {
    await open({ backoff: { baseMs: 60_000, capMs: 60_000 } });
    await office.post("a");
    await (await only()).answer(LATER);
    office.clock.setWall(office.clock.now() + jumpMs);
    await office.outbox.sweep();
    await office.clock.advance(59_999);
    await office.opened(0);
    await office.clock.advance(2);
    expect((await only()).delivery.attempt).toBe(2);
  });

  test.each([
    ["ahead", DAY_MS],
    ["back", -DAY_MS],
  ])("set %s by a day in the middle of an attempt, nothing is sent twice", async (_name, jumpMs) => {
    await open();
    await office.post("a");
    const attempt = await only();
    office.clock.setWall(office.clock.now() + jumpMs);
    await office.outbox.sweep();
    await office.opened(1);
    await attempt.answer(DELIVERED);
    await office.opened(0);
    expect(office.delivered).toEqual(["a"]);
  });

  test("set back by ten years while the server was down, nothing waits longer than an hour", async () => {
    await open({ backoff: { baseMs: 60_000, capMs: 60_000 } });
    await office.post("a");
    await (await only()).answer(LATER);
    await office.outbox.stop(0);
    office.clock.setWall(office.clock.now() - 3_650 * DAY_MS);
    await office.restart();
    await office.clock.advance(3_600_001);
    expect((await only()).delivery.attempt).toBe(2);
  });
});

describe("restarts", () => {
  test("an attempt that a crash cut off is repeated at once, under its key", async () => {
    await open();
    const id = await office.post("a");
    await only();
    await office.restart();
    expect((await only()).delivery).toMatchObject({ idempotencyKey: id, attempt: 2 });
  });

  test("a stop waits for what is under way, and ends it when its grace is over", async () => {
    await open();
    await office.post("a");
    const attempt = await only();
    const stopping = office.outbox.stop(5_000);
    await office.post("b");
    await office.clock.advance(4_999);
    expect(attempt.signal.aborted).toBe(false);
    await office.clock.advance(1);
    expect(attempt.signal.aborted).toBe(true);
    await attempt.answer(DELIVERED);
    await stopping;
    await office.opened(0);
    await office.restart();
    await (await only()).answer(DELIVERED);
    expect(office.delivered).toEqual(["a", "b"]);
  });
});

describe("what is kept", () => {
  test("delivered entries a day, dead letters a month", async () => {
    await open();
    await office.post("a");
    await (await only()).answer(DELIVERED);
    await office.post("b");
    await (await only()).answer({ outcome: "rejected", reason: "410" });
    await office.clock.advance(23 * 3_600_000);
    await office.outbox.prune();
    expect(await states()).toHaveLength(2);
    await office.clock.advance(2 * 3_600_000);
    await office.outbox.prune();
    expect(await states()).toEqual(['"b" dead']);
    await office.clock.advance(30 * 24 * 3_600_000);
    await office.outbox.prune();
    expect(await states()).toEqual([]);
  });
});
