import { beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Configuration } from "../../../server/config/configuration.ts";
import type { Measurement } from "../../../server/metrics/collect/collector.ts";
import type { LiveConnection } from "../../../server/metrics/live/connection.ts";
import { LiveMetrics, type LiveRequest } from "../../../server/metrics/live.ts";
import type { Sample, SampleSource } from "../../../server/metrics/sampler.ts";
import { defineSeries } from "../../../server/metrics/series.ts";
import { ALL_SERIES, seriesFilter } from "../../../server/metrics/series-filter.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { sized } from "../../support/sizes.ts";
import { FakeSocket } from "./live/fake-socket.ts";

const START = Date.UTC(2030, 0, 1);
const SERIES = Array.from({ length: 5 }, (_, i) =>
  defineSeries("cpu", { core: String(i) }, "percent", "CPU"),
);
const MEMORY = defineSeries("memory_bytes", {}, "bytes", "Memory");

class Source implements SampleSource {
  last: Sample | undefined;
  readonly demands: number[] = [];
  #listener: ((sample: Sample) => void) | undefined;

  demand(seconds: number): () => void {
    this.demands.push(seconds);
    return () => this.demands.splice(this.demands.indexOf(seconds), 1);
  }

  subscribe(listener: (sample: Sample) => void): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = undefined;
    };
  }

  push(at: number, measurements: readonly Measurement[]): void {
    this.last = { at, measurements };
    this.#listener?.(this.last);
  }
}

let clock: ManualClock;
let source: Source;
let hub: LiveMetrics;
let second: number;

function startHub(settings: Record<string, number> = {}): void {
  clock = new ManualClock(START);
  source = new Source();
  const values = new Map(Object.entries(settings).map(([name, value]) => [`liveMetrics.${name}`, value]));
  const configuration = new Configuration([{ origin: "test", values }]);
  hub = new LiveMetrics({ clock, configuration, samples: source });
  hub.start();
  second = 0;
}

/** One more second with these values; undefined leaves a series out. */
async function tick(...values: (number | undefined)[]): Promise<void> {
  await clock.advance(1_000);
  second += 1;
  const measurements = values.flatMap((value, i) => {
    const series = SERIES[i];
    return value === undefined || !series ? [] : [{ series, value }];
  });
  source.push(START + second * 1_000, measurements);
}

function join(socket: FakeSocket, request: Partial<LiveRequest> = {}): LiveConnection {
  const whole = { intervalSeconds: 1, filter: ALL_SERIES, since: undefined, isRemote: false, ...request };
  const connection = hub.join(socket, whole);
  if (!connection) throw new Error("the hub is full");
  return connection;
}

const values = (socket: FakeSocket): number[] => [...socket.state.values()];

beforeEach(() => startHub());

describe("a live reader", () => {
  test("gets a snapshot when it connects, then only what changed", async () => {
    await tick(1, 2, 3);
    const socket = new FakeSocket();
    join(socket);
    expect(socket.last).toMatchObject({ type: "snapshot", at: START + 1_000, intervalSeconds: 1 });
    expect(values(socket)).toEqual([1, 2, 3]);

    await tick(1, 5, 3);
    expect(socket.last).toMatchObject({ type: "delta", at: START + 2_000, values: { "2": 5 } });
    expect(socket.last).not.toHaveProperty("series");
    await tick(1, 5, 3);
    expect(socket.last?.values).toEqual({});
    expect(socket.frames).toHaveLength(3);
  });

  test("that connects before the first sample gets its snapshot with it", async () => {
    const socket = new FakeSocket();
    join(socket);
    expect(socket.frames).toHaveLength(0);
    await tick(1);
    expect(socket.last?.type).toBe("snapshot");
  });

  test("learns of series that appear, vanish and come back", async () => {
    await tick(1, 2);
    const socket = new FakeSocket();
    join(socket);
    await tick(1, undefined, 3);
    expect(socket.last?.values).toEqual({ "2": null, "3": 3 });
    expect(socket.last?.series?.map((series) => series.key)).toEqual(['cpu{core="2"}']);
    await tick(1, 2, 3);
    expect(socket.last?.series?.map((series) => series.id)).toEqual([2]);
    expect(values(socket)).toEqual([1, 3, 2]);
  });

  test("gets frames at its own interval, on its multiples", async () => {
    await tick(0);
    const slow = new FakeSocket();
    join(slow, { intervalSeconds: 5 });
    for (let i = 1; i <= 14; i += 1) await tick(i);
    expect(slow.frames.map((frame) => frame.at - START)).toEqual([1_000, 5_000, 10_000, 15_000]);
    expect(values(slow)).toEqual([14]);
  });

  test("that connects between two frames of its group is never told of a series it cannot know", async () => {
    await tick(1, 2);
    const early = new FakeSocket();
    join(early, { intervalSeconds: 5 });
    await tick(1, undefined);
    const late = new FakeSocket();
    join(late, { intervalSeconds: 5 });
    for (let i = 0; i < 3; i += 1) await tick(1, undefined);
    expect(early.last?.values).toEqual({ "2": null });
    expect(late.last?.values).toEqual({});
  });

  test("sees the series of its filter only", async () => {
    const key = seriesFilter(['cpu{core="1"}', "memory_bytes"]);
    await tick(1, 2, 3);
    const socket = new FakeSocket();
    join(socket, { filter: key });
    expect([...socket.state.keys()]).toEqual(['cpu{core="1"}']);
    source.push(START + 2_000, [
      ...SERIES.map((series) => ({ series, value: 9 })),
      { series: MEMORY, value: 7 },
    ]);
    expect([...socket.state]).toEqual([
      ['cpu{core="1"}', 9],
      ["memory_bytes", 7],
    ]);
  });

  test("changes its interval and gets a snapshot that confirms it", async () => {
    await tick(1);
    const socket = new FakeSocket();
    const connection = join(socket, { intervalSeconds: 60 });
    expect(source.demands).toEqual([60]);
    hub.receive(connection, JSON.stringify({ type: "interval", seconds: 2 }));
    expect(socket.last).toMatchObject({ type: "snapshot", intervalSeconds: 2 });
    expect(source.demands).toEqual([2]);
    await tick(2);
    await tick(3);
    expect(socket.last).toMatchObject({ type: "delta", at: START + 2_000 });
    hub.leave(connection);
    expect(source.demands).toEqual([]);
  });

  test("is answered a ping", () => {
    const socket = new FakeSocket();
    hub.receive(join(socket), '{"type":"ping"}');
    expect(socket.texts).toEqual([`{"type":"pong","at":${START}}`]);
  });

  test.each([
    ["{", "The message is not JSON."],
    ["null", "The message has no type."],
    ["[]", "The message has no type."],
    ['{"type":"subscribe"}', "The message type is neither interval nor ping."],
    ['{"type":"interval","seconds":0}', "The interval is not a whole number from 1 to 60 seconds."],
    ['{"type":"interval","seconds":61}', "The interval is not a whole number from 1 to 60 seconds."],
    ['{"type":"interval","seconds":1.5}', "The interval is not a whole number from 1 to 60 seconds."],
    ['{"type":"interval","seconds":"5"}', "The interval is not a whole number from 1 to 60 seconds."],
    ['{"type":"interval"}', "The interval is not a whole number from 1 to 60 seconds."],
  ])("that says %s is closed with 4400", (message, reason) => {
    const socket = new FakeSocket();
    hub.receive(join(socket), message);
    expect(socket.closed).toEqual({ code: 4400, reason });
    expect(hub.status().connections).toBe(0);
  });

  test("that talks without end is closed with 4429, one that pings now and then is not", async () => {
    const socket = new FakeSocket();
    const connection = join(socket);
    for (let i = 0; i < 100; i += 1) {
      await clock.advance(1_000);
      hub.receive(connection, '{"type":"ping"}');
    }
    expect(socket.closed).toBeUndefined();
    for (let i = 0; i < 40; i += 1) hub.receive(connection, '{"type":"ping"}');
    expect(socket.closed?.code).toBe(4429);
  });

  test("over the limit of connections is sent away with 1013", () => {
    startHub({ maxConnections: 1 });
    const first = join(new FakeSocket());
    const socket = new FakeSocket();
    const request = { intervalSeconds: 1, filter: ALL_SERIES, since: undefined, isRemote: false };
    expect(hub.join(socket, request)).toBeUndefined();
    expect(socket.closed?.code).toBe(1013);
    hub.leave(first);
    expect(hub.hasRoom()).toBe(true);
  });
});

describe("resuming with since", () => {
  test("brings every tick that was missed, each in its frame", async () => {
    await tick(1, 1);
    const before = new FakeSocket();
    const lost = join(before);
    await tick(2, 1);
    const since = before.last?.seq;
    hub.leave(lost);
    await tick(3, 1);
    await tick(4, 2);
    await tick(5, 2);
    const after = new FakeSocket();
    for (const [id, key] of before.keys) after.keys.set(id, key);
    join(after, { since });
    expect(after.frames.map((frame) => [frame.type, frame.at - START])).toEqual([
      ["delta", 3_000],
      ["delta", 4_000],
      ["delta", 5_000],
    ]);
    expect(after.frames.map((frame) => frame.values)).toEqual([{ "1": 3 }, { "1": 4, "2": 2 }, { "1": 5 }]);
  });

  test("at 5 s brings the missed frames of that interval and the present", async () => {
    for (let i = 1; i <= 4; i += 1) await tick(i);
    const before = new FakeSocket();
    hub.leave(join(before, { intervalSeconds: 5 }));
    for (let i = 5; i <= 17; i += 1) await tick(i);
    const after = new FakeSocket();
    for (const [id, key] of before.keys) after.keys.set(id, key);
    join(after, { intervalSeconds: 5, since: before.last?.seq });
    expect(after.frames.map((frame) => frame.at - START)).toEqual([5_000, 10_000, 15_000, 17_000]);
    for (let i = 18; i <= 20; i += 1) await tick(i);
    expect(after.last).toMatchObject({ at: START + 20_000, values: { "1": 20 } });
  });

  test("when nothing was missed answers at once with an empty delta", async () => {
    await tick(1);
    const before = new FakeSocket();
    hub.leave(join(before));
    const after = new FakeSocket();
    join(after, { since: before.last?.seq });
    expect(after.last).toMatchObject({ type: "delta", seq: before.last?.seq, values: {} });
  });

  test.each([
    ["a tick that is forgotten", -1_000],
    ["a tick of the future", 1_000],
    ["half a tick", 0.5],
  ])("from %s begins with a snapshot", async (_, offset) => {
    for (let i = 1; i <= 3; i += 1) await tick(i);
    const probe = new FakeSocket();
    join(probe);
    const socket = new FakeSocket();
    join(socket, { since: (probe.last?.seq ?? 0) + offset });
    expect(socket.last?.type).toBe("snapshot");
  });

  test("reaches back resumeSeconds and no further", async () => {
    startHub({ resumeSeconds: 10 });
    await tick(1);
    const before = new FakeSocket();
    hub.leave(join(before));
    const seq = before.last?.seq ?? 0;
    for (let i = 2; i <= 20; i += 1) await tick(i);
    const tooLate = new FakeSocket();
    join(tooLate, { since: seq + 7 });
    expect(tooLate.last?.type).toBe("snapshot");
    const inTime = new FakeSocket();
    inTime.keys.set("1", "cpu");
    join(inTime, { since: seq + 8 });
    expect(inTime.frames).toHaveLength(11);
  });

  test("does not mistake the numbers of an earlier run of the server for its own", async () => {
    for (let i = 1; i <= 3; i += 1) await tick(i);
    const before = new FakeSocket();
    join(before);
    const since = before.last?.seq;
    clock.setWall(START + 60_000);
    const later = new LiveMetrics({ clock, configuration: new Configuration([]), samples: source });
    later.start();
    source.push(START + 60_000, [{ series: MEMORY, value: 1 }]);
    const socket = new FakeSocket();
    later.join(socket, { intervalSeconds: 1, filter: ALL_SERIES, since, isRemote: false });
    expect(socket.last?.type).toBe("snapshot");
  });
});

describe("a reader that does not keep up", () => {
  test("is passed over and then gets one frame that covers what it missed", async () => {
    await tick(1, 1, 1);
    const socket = new FakeSocket();
    const connection = join(socket);
    socket.isStuck = true;
    for (let i = 2; i <= 6; i += 1) await tick(i, i % 2, i < 4 ? 1 : undefined);
    expect(socket.frames).toHaveLength(1);
    expect(hub.status().skippedFrames).toBe(4);
    socket.unstick();
    hub.drained(connection);
    expect(socket.frames.map((frame) => frame.at - START)).toEqual([1_000, 2_000, 6_000]);
    expect([...socket.state]).toEqual([
      ['cpu{core="0"}', 6],
      ['cpu{core="1"}', 0],
    ]);
  });

  test("never has more than one frame waiting, and is dropped with 4408 and cut off", async () => {
    await tick(1);
    const socket = new FakeSocket();
    join(socket);
    socket.isStuck = true;
    await tick(2);
    const waitingBytes = socket.getBufferedAmount();
    for (let i = 3; i <= 11; i += 1) await tick(i);
    expect(socket.getBufferedAmount()).toBe(waitingBytes);
    expect(socket.closed).toBeUndefined();
    await tick(12);
    expect(socket.closed?.code).toBe(4408);
    expect(hub.status()).toMatchObject({ connections: 0, droppedSlow: 1 });
    await clock.advance(5_000);
    expect(socket.isTerminated).toBe(true);
  });

  test("is told nothing of a series that came and went meanwhile", async () => {
    await tick(1);
    const socket = new FakeSocket();
    const connection = join(socket);
    socket.isStuck = true;
    await tick(2);
    await tick(3, 3);
    await tick(4);
    socket.unstick();
    hub.drained(connection);
    expect(socket.last).toMatchObject({ type: "delta", values: { "1": 4 } });
    expect(socket.last?.values).not.toHaveProperty("2");
    expect(socket.last).not.toHaveProperty("series");
  });

  test("now and then, and catches up each time, is not dropped", async () => {
    await tick(0);
    const socket = new FakeSocket();
    const connection = join(socket);
    for (let i = 1; i <= 60; i += 1) {
      socket.isStuck = i % 4 !== 0;
      await tick(i);
      if (i % 4 !== 3) continue;
      socket.unstick();
      hub.drained(connection);
    }
    expect(hub.status().skippedFrames).toBe(30);
    expect(socket.closed).toBeUndefined();
    expect(values(socket)).toEqual([60]);
  });

  test("at a long interval is dropped at its first frame after 30 s", async () => {
    await tick(1);
    const socket = new FakeSocket();
    socket.isStuck = true;
    join(socket, { intervalSeconds: 60 });
    for (let i = 2; i <= 60; i += 1) await tick(i);
    expect(socket.closed?.code).toBe(4408);
  });

  test("holds up nobody else", async () => {
    await tick(1);
    const [stuck, fine] = [new FakeSocket(), new FakeSocket()];
    join(stuck);
    join(fine);
    stuck.isStuck = true;
    for (let i = 2; i <= 5; i += 1) await tick(i);
    expect(values(fine)).toEqual([5]);
  });

  test("while it resumes goes on where it stopped", async () => {
    await tick(1);
    const before = new FakeSocket();
    hub.leave(join(before));
    for (let i = 2; i <= 6; i += 1) await tick(i);
    const after = new FakeSocket();
    after.keys.set("1", "cpu");
    after.isStuck = true;
    const connection = join(after, { since: before.last?.seq });
    await tick(7);
    after.unstick();
    hub.drained(connection);
    expect(after.frames.map((frame) => frame.values["1"])).toEqual([2, 3, 4, 5, 6, 7]);
  });
});

describe("many readers", () => {
  const READERS = sized(1_000, 10_000);

  test("share one text, are served in slices, and all end up with the same", async () => {
    await tick(1, 2);
    const sockets = Array.from({ length: READERS }, () => new FakeSocket());
    for (const socket of sockets) join(socket);
    await tick(3, 2, 4);
    expect(sockets.filter((socket) => socket.frames.length === 2).length).toBe(250);
    await clock.advance(0);
    const [first] = sockets;
    expect(sockets.every((socket) => socket.texts[1] === first?.texts[1])).toBe(true);
    expect(sockets.every((socket) => socket.state.size === 3)).toBe(true);
  });

  test("on other machines get compressed frames while they are few; those on this machine never do", async () => {
    await tick(1);
    const [near, far] = [new FakeSocket(), new FakeSocket()];
    join(near);
    join(far, { isRemote: true });
    expect([near.wasCompressed, far.wasCompressed]).toEqual([false, true]);
    for (let i = 0; i < 1_000; i += 1) join(new FakeSocket());
    await tick(2);
    await clock.advance(0);
    expect(far.frames).toHaveLength(2);
    expect(far.wasCompressed).toBe(false);
  });

  test("that come and go between ticks leave nothing behind", async () => {
    await tick(1);
    for (let i = 0; i < READERS; i += 1) {
      hub.leave(
        join(new FakeSocket(), { filter: seriesFilter([`cpu_${i}`]), intervalSeconds: (i % 60) + 1 }),
      );
    }
    expect(hub.status().connections).toBe(0);
    expect(source.demands).toEqual([]);
  });

  test("whatever happens to it, a reader knows exactly the present values after its frame", async () => {
    const step = fc.record({
      values: fc.array(fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }), {
        minLength: 5,
        maxLength: 5,
      }),
      act: fc.constantFrom("nothing", "stick", "unstick", "reconnect", "interval"),
      reader: fc.integer({ min: 0, max: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        startHub({ resumeSeconds: 8 });
        const readers = [1, 2, 3].map((intervalSeconds) => {
          const socket = new FakeSocket();
          return { socket, connection: join(socket, { intervalSeconds }) };
        });
        for (const { values, act, reader } of steps) {
          await tick(...values);
          const one = readers[reader];
          if (!one) continue;
          if (act === "stick") one.socket.isStuck = true;
          if (act === "unstick") {
            one.socket.unstick();
            hub.drained(one.connection);
          }
          if (act === "interval") hub.receive(one.connection, '{"type":"interval","seconds":2}');
          if (act === "reconnect") {
            hub.leave(one.connection);
            const { socket } = one;
            socket.unstick();
            socket.closed = undefined;
            one.connection = join(socket, { since: socket.last?.seq });
          }
        }
        for (const { socket, connection } of readers) {
          socket.unstick();
          hub.drained(connection);
        }
        for (let i = 0; i < 6; i += 1) await tick(7, undefined, 8);
        const expected = new Map([
          ['cpu{core="0"}', 7],
          ['cpu{core="2"}', 8],
        ]);
        for (const { socket } of readers) if (!socket.closed) expect(socket.state).toEqual(expected);
      }),
      { numRuns: sized(60, 1_000) },
    );
  });
});
