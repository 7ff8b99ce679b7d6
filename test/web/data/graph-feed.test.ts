import { beforeEach, describe, expect, test } from "bun:test";
import { GraphFeed } from "../../../web/data/graph-feed.ts";
import { FakeSockets } from "../../support/fake-feed-socket.ts";
import { HandClock } from "../../support/hand-clock.ts";

const SUBSCRIPTION = { query: "subscription { x }", variables: { id: "a" } };
let sockets: FakeSockets;
let clock: HandClock;
let feed: GraphFeed<{ x: number }>;
const last = () => sockets.last;

beforeEach(() => {
  sockets = new FakeSockets();
  clock = new HandClock();
  feed = new GraphFeed({ openSocket: sockets.open, clock, random: () => 0.5 });
});

describe("a GraphQL subscription over a socket", () => {
  test("greets, subscribes once it is let in, and hands on what comes", () => {
    const heard: number[] = [];
    let opened = 0;
    feed.follow(
      SUBSCRIPTION,
      ({ x }) => heard.push(x),
      () => {
        opened++;
      },
    );
    expect([last().path, last().protocol]).toEqual(["/graphql", "graphql-transport-ws"]);
    last().onopen?.();
    last().say({ type: "connection_ack" });
    expect(last().sent.map(({ type }) => type)).toEqual(["connection_init", "subscribe"]);
    expect(last().sent[1]?.payload).toEqual(SUBSCRIPTION);
    last().say({ type: "next", id: "1", payload: { data: { x: 1 } } });
    last().say({ type: "next", id: "1", payload: { errors: [{}] } });
    last().say("no json");
    last().say({ type: "ping" });
    expect(heard).toEqual([1]);
    expect(opened).toBe(1);
    expect(last().sent.at(-1)?.type).toBe("pong");
    expect(feed.phase.value).toBe("open");
  });

  test("comes back after a loss, and says so to its follower again", () => {
    let opened = 0;
    feed.follow(
      SUBSCRIPTION,
      () => {},
      () => {
        opened++;
      },
    );
    last().say({ type: "connection_ack" });
    last().fail();
    expect(feed.phase.value).toBe("lost");
    clock.pass(1_000);
    expect(feed.phase.value).toBe("lost");
    last().say({ type: "connection_ack" });
    expect([sockets.all.length, opened, feed.phase.value]).toEqual([2, 2, "open"]);
  });

  test("a document that is refused is not sent again and again", () => {
    feed.follow(SUBSCRIPTION, () => {});
    last().say({ type: "connection_ack" });
    last().say({ type: "error", id: "1", payload: [] });
    expect(feed.phase.value).toBe("refused");
    expect(clock.isIdle).toBe(true);
    expect(last().isClosed).toBe(true);
  });

  test("hears nothing more once it is stopped", () => {
    feed.follow(SUBSCRIPTION, () => {});
    const socket = last();
    feed.stop();
    expect([socket.isClosed, socket.onmessage, feed.phase.value]).toEqual([true, null, "idle"]);
  });
});
