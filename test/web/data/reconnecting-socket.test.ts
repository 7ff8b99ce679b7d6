import { beforeEach, describe, expect, test } from "bun:test";
import { ReconnectingSocket } from "../../../web/data/reconnecting-socket.ts";
import { Observable } from "../../../web/lib/observable.ts";
import { FakeSockets } from "../../support/fake-feed-socket.ts";
import { HandClock } from "../../support/hand-clock.ts";

let clock: HandClock;
let sockets: FakeSockets;
let woken: Observable<number>;
let lost: number[];
let socket: ReconnectingSocket;

beforeEach(() => {
  clock = new HandClock();
  sockets = new FakeSockets();
  woken = new Observable(0);
  lost = [];
  const deps = { openSocket: sockets.open, clock, random: () => 0, woken };
  socket = new ReconnectingSocket(deps, {
    dial: () => sockets.open("/feed"),
    receive: () => socket.settle(),
    lost: (attempt) => lost.push(attempt),
  });
  socket.connect();
});

const pings = (): number => sockets.last.sent.filter(({ type }) => type === "ping").length;

describe("a line that goes silent", () => {
  test("is asked after ten seconds, and lost when five more bring no answer", () => {
    sockets.last.onopen?.();
    clock.pass(9_999);
    expect(pings()).toBe(0);
    clock.pass(1);
    expect([pings(), lost]).toEqual([1, []]);
    clock.pass(4_999);
    expect(lost).toEqual([]);
    clock.pass(1);
    expect([lost, sockets.last.closedWith]).toEqual([[1], 1000]);
    clock.pass(250);
    expect(sockets.all).toHaveLength(2);
  });

  test("is kept while it answers, and not asked while it speaks", () => {
    sockets.last.onopen?.();
    for (let asked = 1; asked <= 3; asked++) {
      clock.pass(10_000);
      expect(pings()).toBe(asked);
      sockets.last.say({ type: "pong" });
    }
    for (let spoken = 0; spoken < 10; spoken++) {
      clock.pass(9_000);
      sockets.last.say({ type: "event" });
    }
    expect([pings(), lost, sockets.all.length]).toEqual([3, [], 1]);
  });

  test("that never opens is given up, and never spoken to", () => {
    clock.pass(10_000);
    expect([lost, sockets.last.sent]).toEqual([[1], []]);
  });
});

describe("a machine that wakes", () => {
  test("asks at once whether the line is still one", () => {
    sockets.last.onopen?.();
    clock.pass(1_000);
    woken.set(1);
    expect(pings()).toBe(1);
    clock.pass(5_000);
    expect(lost).toEqual([1]);
  });

  test("dials a lost line at once, and leaves one that opens alone", () => {
    woken.set(1);
    expect([sockets.all.length, sockets.last.sent]).toEqual([1, []]);
    sockets.last.fail();
    woken.set(2);
    expect(sockets.all).toHaveLength(2);
  });

  test("is nothing to a line that was closed", () => {
    sockets.last.onopen?.();
    socket.close();
    woken.set(1);
    expect([sockets.all.length, pings(), clock.isIdle]).toEqual([1, 0, true]);
  });
});

test("what a socket says that was let go is not heard", () => {
  const former = sockets.last;
  former.fail();
  clock.pass(250);
  former.onopen?.();
  former.say({ type: "event" });
  expect(lost).toEqual([1]);
  sockets.last.fail();
  expect(lost).toEqual([1, 2]);
});
