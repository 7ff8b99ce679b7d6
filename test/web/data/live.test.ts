import { beforeEach, describe, expect, test } from "bun:test";
import { LiveMetrics } from "../../../web/data/live.ts";
import type { LiveMessage } from "../../../web/data/types.ts";
import { FakeSockets } from "../../support/fake-feed-socket.ts";
import { HandClock } from "../../support/hand-clock.ts";

const SNAPSHOT: LiveMessage = {
  type: "snapshot",
  seq: 7,
  at: 5_000_000,
  intervalSeconds: 5,
  series: [
    { id: 1, key: "cpu", name: "cpu", labels: {}, unit: "percent" },
    { id: 2, key: "load", name: "load", labels: {}, unit: "count" },
  ],
  values: { 1: 20, 2: 0.5 },
};

let clock: HandClock;
let sockets: FakeSockets;
let live: LiveMetrics;

beforeEach(() => {
  clock = new HandClock();
  sockets = new FakeSockets();
  live = new LiveMetrics({ clock, random: () => 0.5, openSocket: sockets.open });
  live.start();
});

const last = () => sockets.last;

describe("an open socket", () => {
  test("starts with a snapshot and keeps every value through deltas that name only what changed", () => {
    last().say(SNAPSHOT);
    last().say({ type: "delta", seq: 8, at: 5_005_000, values: { 1: 30 } });
    expect(live.state.value.phase).toBe("open");
    expect(live.sample.value?.at).toBe(5_005_000);
    expect(Object.fromEntries(live.sample.value?.values ?? [])).toEqual({ cpu: 30, load: 0.5 });
  });

  test("learns new series and forgets vanished ones", () => {
    last().say(SNAPSHOT);
    const series = [{ id: 3, key: "swap", name: "swap", labels: {}, unit: "bytes" }];
    last().say({ type: "delta", seq: 8, at: 5_005_000, values: { 2: null, 3: 1 }, series });
    expect([...live.series.value.keys()]).toEqual(["cpu", "swap"]);
    expect(Object.fromEntries(live.sample.value?.values ?? [])).toEqual({ cpu: 20, swap: 1 });
  });

  test("tells the server's time, whatever this machine's clock says", () => {
    last().say(SNAPSHOT);
    clock.pass(1000);
    expect(live.now()).toBe(5_001_000);
  });

  test.each(["", "{", "[]", '{"type":"delta"}', '{"type":"snapshot","seq":1,"at":1,"values":{}}', "null"])(
    "ignores the broken frame %p",
    (frame) => {
      last().say(SNAPSHOT);
      last().say(frame);
      expect(live.sample.value?.at).toBe(5_000_000);
      expect(sockets.all).toHaveLength(1);
    },
  );
});

describe("a lost connection", () => {
  test("shows at once and is dialled again after a growing, jittered wait", () => {
    last().say(SNAPSHOT);
    last().fail();
    expect(live.state.value).toMatchObject({ phase: "lost", attempt: 1, retryAt: clock.now() + 375 });
    clock.pass(375);
    last().fail();
    expect(live.state.value).toMatchObject({ phase: "lost", attempt: 2, retryAt: clock.now() + 750 });
    clock.pass(749);
    expect(sockets.all).toHaveLength(2);
    clock.pass(1);
    expect(sockets.all).toHaveLength(3);
  });

  test("resumes from the last sequence number, and says that it healed", () => {
    last().say(SNAPSHOT);
    last().say({ type: "delta", seq: 9, at: 5_005_000, values: {} });
    last().fail();
    clock.pass(375);
    expect(last().path).toBe("/api/v3/ws/live-metrics?interval=5&since=9");
    last().say({ type: "delta", seq: 10, at: 5_010_000, values: { 1: 44 } });
    expect(live.state.value).toMatchObject({ phase: "open", attempt: 0 });
    expect(live.healed.value).toBe(1);
    expect(live.sample.value?.values.get("load")).toBe(0.5);
  });

  test("is noticed by silence when nobody closes the socket", () => {
    last().say(SNAPSHOT);
    const silent = last();
    clock.pass(15_000);
    expect(live.state.value.phase).toBe("lost");
    expect(silent.closedWith).toBe(1000);
  });

  test("is dialled at once when the network returns", () => {
    last().fail();
    live.retryNow();
    expect(sockets.all).toHaveLength(2);
  });

  test("to a server that restarted begins anew with a snapshot", () => {
    last().say(SNAPSHOT);
    last().fail();
    clock.pass(375);
    last().say({ type: "delta", seq: 1, at: 6_000_000, values: { 99: 1 } });
    expect(last().path).toBe("/api/v3/ws/live-metrics?interval=5");
    expect(live.sample.value?.at).toBe(5_000_000);
  });
});

test("stopping closes the socket and forgets everything", () => {
  last().say(SNAPSHOT);
  const socket = last();
  live.stop();
  expect(socket.closedWith).toBe(1000);
  expect(live.state.value.phase).toBe("idle");
  expect(live.sample.value).toBeUndefined();
  expect(live.series.value.size).toBe(0);
  clock.pass(60_000);
  expect(sockets.all).toHaveLength(1);
});
