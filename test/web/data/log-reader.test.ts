import { describe, expect, test } from "bun:test";
import { LogReader, MAX_HELD } from "../../../web/data/log-reader.ts";
import type { LogListener, LogTail, LogTailPhase } from "../../../web/data/log-tail.ts";
import type { LogLine, LogPlace, LogQuery, LogWindow } from "../../../web/data/logs.ts";
import { ApiProblem } from "../../../web/data/problem.ts";
import { Observable } from "../../../web/lib/observable.ts";
import { RETRY_MS } from "../../../web/lib/retry.ts";
import { HandClock } from "../../support/hand-clock.ts";

const EVERYTHING: LogQuery = { levels: [], sources: [], text: "", correlationId: "", traceId: "" };

const NO_ANSWER = new ApiProblem({ code: "request_timeout", status: 0, title: "Too long", detail: "" });

const line = (id: number): LogLine => ({
  id,
  at: new Date(1_893_456_000_000 + id).toISOString(),
  level: "info",
  source: "web",
  message: `line ${id}`,
  fields: {},
  correlationId: null,
  traceId: null,
  spanId: null,
});

/** A store of lines 1 to `count`, of which every `every`th fits, and a tail that the test speaks for. */
function openReader(count: number, every = 1) {
  const store = {
    ...{ count, asked: [] as LogPlace[], refusal: undefined as Error | undefined },
    /** What the answer waits for on its way. */
    way: Promise.resolve(),
  };
  const ids = () =>
    Array.from({ length: store.count }, (_, index) => index + 1).filter((id) => id % every === 0);
  let listener: LogListener | undefined;
  const tail: Pick<LogTail, "follow" | "stop" | "phase"> = {
    phase: new Observable<LogTailPhase>("idle"),
    follow: (_filter, given) => {
      listener = given;
    },
    stop: () => {
      listener = undefined;
    },
  };
  const heard: number[] = [];
  const logs = {
    async window(_query: LogQuery, place: LogPlace): Promise<LogWindow> {
      store.asked.push(place);
      if (store.refusal !== undefined) throw store.refusal;
      const start = place.start ?? Number.MAX_SAFE_INTEGER;
      const [all, older] = [ids(), ids().filter((id) => id < start)];
      const newer = all.filter((id) => id >= start);
      const before = place.before === 0 ? [] : older.slice(-place.before);
      const after = newer.slice(0, place.after);
      const lastId = store.count;
      await store.way;
      return {
        items: [...before, ...after].map(line),
        olderStart: place.before > 0 && older.length > before.length ? (before[0] ?? null) : null,
        newerStart: place.after > 0 && newer.length > after.length ? (after.at(-1) ?? 0) + 1 : null,
        firstId: 1,
        lastId,
      };
    },
  };
  const clock = new HandClock();
  const reader = new LogReader(logs, tail, clock.after, (lines) => heard.push(...lines.map(({ id }) => id)));
  const held = () => reader.segment.value?.lines.map(({ id }) => id) ?? [];
  const hasNoHole = () =>
    held().every((id, index, all) => index === 0 || id === (all[index - 1] ?? 0) + every);
  return { reader, store, clock, held, heard, hasNoHole, tail: () => listener };
}

/** Waits until the newest line held is that one and nothing is under way. */
async function untilHeld(reader: LogReader, id: number): Promise<void> {
  const isSo = () => reader.segment.value?.lines.at(-1)?.id === id && reader.busy.value === undefined;
  if (isSo()) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = reader.busy.subscribe(() => {
    if (isSo()) resolve();
  });
  await promise;
  stop();
}

/** Waits until what is under way has ended. */
async function untilIdle(reader: LogReader): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = reader.busy.subscribe((busy) => {
    if (busy === undefined) resolve();
  });
  if (reader.busy.value !== undefined) await promise;
  stop();
}

describe("a log of any length", () => {
  test("is read from its newest lines back to its first, never holding more than a part", async () => {
    const { reader, held, hasNoHole } = openReader(10_000);
    await reader.open(EVERYTHING, { isLive: false });
    expect(held().at(-1)).toBe(10_000);
    for (let step = 0; step < 40 && reader.segment.value?.olderStart !== undefined; step++) {
      await reader.older();
      expect(held().length).toBeLessThanOrEqual(MAX_HELD);
      expect(hasNoHole()).toBe(true);
    }
    expect(held()[0]).toBe(1);
    expect(reader.segment.value).toMatchObject({ olderStart: undefined, newerStart: MAX_HELD + 1 });
    while (reader.segment.value?.newerStart !== undefined) {
      await reader.newer();
      expect(hasNoHole()).toBe(true);
    }
    expect([held().length, held().at(-1)]).toEqual([MAX_HELD, 10_000]);
    expect(reader.segment.value?.olderStart).toBe(10_000 - MAX_HELD + 1);
  });

  test("is entered anywhere, and knows where it goes on in both directions", async () => {
    const { reader, held } = openReader(10_000, 7);
    await reader.open(EVERYTHING, { at: 5_000, isLive: false });
    expect(held().length).toBe(400);
    expect(held().filter((id) => id < 5_000).length).toBe(200);
    expect(reader.segment.value).toMatchObject({ firstId: 1, lastId: 10_000, olderStart: held()[0] });
  });

  test("of jumps asked for while one is under way only the last is made", async () => {
    const { reader, store, held } = openReader(10_000);
    await reader.open(EVERYTHING, { isLive: false });
    store.asked.length = 0;
    await Promise.all([1_000, 2_000, 3_000, 9_000].map((id) => reader.jump(id)));
    expect(store.asked.map(({ start }) => start)).toEqual([1_000, 9_000]);
    expect(held()).toContain(9_000);
  });

  test("an answer to a query that was left is dropped", async () => {
    const { reader, held } = openReader(100);
    const left = reader.open(EVERYTHING, { isLive: false });
    reader.stop();
    await left;
    expect(held()).toEqual([]);
    expect(reader.busy.value).toBeUndefined();
  });

  test("says why it cannot be read, and is read again later", async () => {
    const { reader, store, held } = openReader(100);
    store.refusal = new Error("no");
    await reader.open(EVERYTHING, { isLive: false });
    expect(reader.problem.value).toBeDefined();
    store.refusal = undefined;
    await reader.open(EVERYTHING, { isLive: false });
    expect([reader.problem.value, held().length]).toEqual([undefined, 100]);
  });
});

describe("lines that come in", () => {
  test("follow what is held, and old ones make room", async () => {
    const { reader, tail, held, heard } = openReader(4_000);
    await reader.open(EVERYTHING, { isLive: true });
    for (let id = 4_001; id <= 8_000; id += 500)
      tail()?.lines(Array.from({ length: 500 }, (_, index) => line(id + index)));
    expect([held().length, held().at(-1), heard.length]).toEqual([MAX_HELD, 8_000, 4_000]);
    expect(reader.segment.value?.olderStart).toBe(5_001);
    expect(reader.unseen.value).toBe(0);
  });

  test("are counted for who looks elsewhere, and wait in the store when they are too many to hold", async () => {
    const { reader, store, tail, held, hasNoHole } = openReader(500);
    await reader.open(EVERYTHING, { isLive: true });
    reader.setFollowing(false);
    const before = held()[0];
    tail()?.lines(Array.from({ length: 5_000 }, (_, index) => line(501 + index)));
    store.count = 5_500;
    expect([held()[0], reader.unseen.value]).toEqual([before, 5_000]);
    expect(reader.segment.value).toMatchObject({ newerStart: 501, lastId: 5_500 });
    await reader.newer();
    expect(hasNoHole()).toBe(true);
    reader.setFollowing(true);
    await reader.jump();
    expect([held().at(-1), reader.unseen.value]).toEqual([5_500, 0]);
  });

  test("what was written before the tail stood is asked for, in order, without a line twice", async () => {
    const { reader, store, tail, held } = openReader(10);
    await reader.open(EVERYTHING, { isLive: true });
    store.count = 15;
    tail()?.opened();
    tail()?.lines([line(14), line(15)]);
    await untilHeld(reader, 15);
    expect(held()).toEqual(Array.from({ length: 15 }, (_, index) => index + 1));
  });

  test.each(["opened first", "looked at newer ones"])(
    "while an answer is on its way, who %s misses none",
    async (which) => {
      const { reader, store, tail, hasNoHole } = openReader(1_000);
      const { promise, resolve } = Promise.withResolvers<void>();
      if (which !== "opened first") {
        await reader.open(EVERYTHING, { isLive: true });
        await reader.jump(300);
        await reader.newer();
      }
      store.way = promise;
      const reading = which === "opened first" ? reader.open(EVERYTHING, { isLive: true }) : reader.newer();
      // Written after the answer was made, before it arrives; the tail stands in between.
      store.count = 1_003;
      tail()?.opened();
      store.count = 1_005;
      tail()?.lines([line(1_004), line(1_005)]);
      resolve();
      await reading;
      await untilHeld(reader, 1_005);
      expect(hasNoHole()).toBe(true);
      expect(reader.segment.value).toMatchObject({ newerStart: undefined, lastId: 1_005 });
    },
  );

  test("of so many that they cannot be remembered while an answer is on its way, the store has them", async () => {
    const { reader, store, tail, hasNoHole } = openReader(500);
    const { promise, resolve } = Promise.withResolvers<void>();
    store.way = promise;
    const reading = reader.open(EVERYTHING, { isLive: true });
    store.count = 500 + MAX_HELD + 1;
    tail()?.lines(Array.from({ length: MAX_HELD + 1 }, (_, index) => line(501 + index)));
    resolve();
    await reading;
    await untilHeld(reader, store.count);
    expect(hasNoHole()).toBe(true);
  });

  test("what the tail left out is taken from the store, and said", async () => {
    const { reader, store, tail, held, hasNoHole } = openReader(10);
    await reader.open(EVERYTHING, { isLive: true });
    tail()?.lines([line(11)]);
    store.count = 5_000;
    tail()?.dropped(4_989);
    await untilHeld(reader, 5_000);
    expect(reader.dropped.value).toBe(4_989);
    expect(held().at(-1)).toBe(5_000);
    expect(hasNoHole()).toBe(true);
  });
});

describe("a question that nobody answers", () => {
  /** A reader whose tail came back while the server still gave no answer. */
  async function openCutOff(count: number) {
    const opened = openReader(count);
    const { reader, store, tail } = opened;
    await reader.open(EVERYTHING, { isLive: true });
    store.refusal = NO_ANSWER;
    store.count = count + 5;
    tail()?.opened();
    await untilIdle(reader);
    return opened;
  }

  test("is asked again by itself, and what is held stays meanwhile", async () => {
    const { reader, store, clock, held, hasNoHole } = await openCutOff(10);
    expect([held().at(-1), reader.problem.value?.code]).toEqual([10, "request_timeout"]);
    store.asked.length = 0;
    await Promise.all([reader.newer(), reader.older()]);
    expect(store.asked).toEqual([]);
    store.refusal = undefined;
    clock.pass(RETRY_MS);
    await untilHeld(reader, 15);
    expect([hasNoHole(), reader.problem.value, clock.isIdle]).toEqual([true, undefined, true]);
  });

  test("is asked again as often as it must, and at once when the tail stands again", async () => {
    const { reader, store, clock, tail, held, hasNoHole } = await openCutOff(2_000);
    clock.pass(RETRY_MS);
    await untilIdle(reader);
    expect(reader.problem.value).toBeDefined();
    store.refusal = undefined;
    tail()?.opened();
    await untilHeld(reader, 2_005);
    expect([hasNoHole(), held().length, clock.isIdle]).toEqual([true, 405, true]);
  });

  test("is forgotten with the query that it was of, and by who goes elsewhere", async () => {
    const left = await openCutOff(10);
    left.reader.stop();
    expect(left.clock.isIdle).toBe(true);
    const moved = await openCutOff(2_000);
    moved.store.refusal = undefined;
    await moved.reader.jump(500);
    expect([moved.held().includes(500), moved.clock.isIdle]).toEqual([true, true]);
  });

  test("is not asked again when the answer was a refusal", async () => {
    const { reader, store, clock } = openReader(10);
    store.refusal = new ApiProblem({ code: "forbidden", status: 403, title: "No", detail: "" });
    await reader.open(EVERYTHING, { isLive: false });
    expect([reader.problem.value?.code, clock.isIdle]).toEqual(["forbidden", true]);
  });
});
