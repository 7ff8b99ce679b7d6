import { beforeEach, describe, expect, test } from "bun:test";
import { GraphFeed } from "../../../web/data/graph-feed.ts";
import type { SpeakingSocket } from "../../../web/data/live-socket.ts";

class FakeSocket implements SpeakingSocket {
  onopen: SpeakingSocket["onopen"] = null;
  onmessage: SpeakingSocket["onmessage"] = null;
  onclose: SpeakingSocket["onclose"] = null;
  isClosed = false;
  readonly sent: { type: string; payload?: unknown }[] = [];

  constructor(
    readonly path: string,
    readonly protocol: string,
  ) {}
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.isClosed = true;
  }
  say(message: unknown): void {
    this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
  }
}

const SUBSCRIPTION = { query: "subscription { x }", variables: { id: "a" } };
let sockets: FakeSocket[];
let due: (() => void)[];
let feed: GraphFeed<{ x: number }>;
const last = (): FakeSocket => {
  const socket = sockets.at(-1);
  if (socket === undefined) throw new Error("No socket was opened.");
  return socket;
};

beforeEach(() => {
  sockets = [];
  due = [];
  feed = new GraphFeed({
    openSocket: (path, protocol) => {
      const socket = new FakeSocket(path, protocol);
      sockets.push(socket);
      return socket;
    },
    clock: {
      now: () => 0,
      after: (_delayMs, run) => {
        due.push(run);
        return () => {
          due = due.filter((one) => one !== run);
        };
      },
    },
    random: () => 0.5,
  });
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
    last().onclose?.({ code: 1006 });
    expect(feed.phase.value).toBe("lost");
    for (const run of due) run();
    last().say({ type: "connection_ack" });
    expect([sockets.length, opened, feed.phase.value]).toEqual([2, 2, "open"]);
  });

  test("a document that is refused is not sent again and again", () => {
    feed.follow(SUBSCRIPTION, () => {});
    last().say({ type: "connection_ack" });
    last().say({ type: "error", id: "1", payload: [] });
    expect(feed.phase.value).toBe("refused");
    expect(due).toEqual([]);
    expect(last().isClosed).toBe(true);
  });

  test("hears nothing more once it is stopped", () => {
    feed.follow(SUBSCRIPTION, () => {});
    const socket = last();
    feed.stop();
    expect([socket.isClosed, socket.onmessage, feed.phase.value]).toEqual([true, null, "idle"]);
  });
});
