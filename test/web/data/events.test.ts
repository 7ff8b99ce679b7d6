import { describe, expect, test } from "bun:test";
import { Api } from "../../../web/data/api.ts";
import { type EventRecord, Events, EventTail, MAX_KEPT } from "../../../web/data/events.ts";
import { FakeSockets } from "../../support/fake-feed-socket.ts";
import { HandClock } from "../../support/hand-clock.ts";

const record = (seq: number, time = 1_893_456_000_000 + seq): EventRecord => ({
  seq,
  id: `e${seq}`,
  type: "shop.sold",
  time: new Date(time).toISOString(),
  source: "app/shop",
  correlationId: "c",
  payload: null,
});

/** A tail over sockets and time that the test holds. */
function openTail() {
  const sockets = new FakeSockets();
  const clock = new HandClock();
  const tail = new EventTail({ openSocket: sockets.open, clock, random: () => 0 });
  const heard: number[] = [];
  const say = (message: object) => sockets.last.say(message);
  return { tail, sockets, clock, heard, say, hear: (event: EventRecord) => heard.push(event.seq) };
}

describe("the tail", () => {
  test("goes on after the newest that was listed", () => {
    const { tail, sockets, heard, say, hear } = openTail();
    tail.follow(["shop.*", "a"], 7, hear);
    expect(sockets.last.path).toBe("/api/v3/ws/events?types=shop.*%2Ca&since=7");
    expect(tail.phase.value).toBe("connecting");
    say({ type: "ready", seq: 7 });
    expect(tail.phase.value).toBe("open");
    say({ type: "event", event: record(8) });
    expect(heard).toEqual([8]);
  });

  test("comes back after a lost connection where it was, and says what the ring no longer held", () => {
    const { tail, sockets, clock, heard, say, hear } = openTail();
    tail.follow([], undefined, hear);
    say({ type: "ready", seq: 3 });
    say({ type: "event", event: record(4) });
    sockets.last.fail();
    expect(tail.phase.value).toBe("lost");
    clock.pass(250);
    expect(sockets.last.path).toBe("/api/v3/ws/events?since=4");
    say({ type: "missed", count: 12 });
    say({ type: "event", event: record(20) });
    expect(tail.missed.value).toBe(12);
    expect(heard).toEqual([4, 20]);
  });

  test("hears nothing once it is stopped, nor what it does not understand", () => {
    const { tail, sockets, heard, say, hear } = openTail();
    tail.follow([], 1, hear);
    say({ type: "surprise" });
    const socket = sockets.last;
    tail.stop();
    expect(socket.isClosed).toBe(true);
    expect(socket.onmessage).toBeNull();
    expect(heard).toEqual([]);
    expect(tail.phase.value).toBe("idle");
  });
});

describe("the list", () => {
  const pagesOf = (pages: EventRecord[][]) => {
    const asked: string[] = [];
    const api = new Api(async (url) => {
      asked.push(url);
      const page = asked.length - 1;
      return Response.json({
        items: pages[page] ?? [],
        nextCursor: page + 1 < pages.length ? `c${page}` : null,
      });
    });
    return { events: new Events(api), asked };
  };

  test("asks page by page, and no further than the time it shows", async () => {
    const { events, asked } = pagesOf([[record(9), record(8)], [record(3)], [record(2)]]);
    const items = await events.list({ types: ["a.*"], source: "app/shop" }, 1_893_456_000_005);
    expect(items.map(({ seq }) => seq)).toEqual([9, 8]);
    expect(asked).toHaveLength(2);
    expect(asked[0]).toBe("/api/v3/events?types=a.*&source=app%2Fshop&limit=500");
  });

  test("asks the server for one request's events, and for the number that a tail goes on after", async () => {
    const { events, asked } = pagesOf([[record(9)]]);
    expect(await events.list({ types: [], correlationId: "order-7" })).toHaveLength(1);
    expect(asked).toEqual(["/api/v3/events?correlationId=order-7&limit=500"]);
    const bus = new Events(new Api(async () => Response.json({ ring: { newestSeq: 41 } })));
    expect(await bus.newestSeq()).toBe(41);
  });

  test("keeps no more than a page can bear", async () => {
    const many = Array.from({ length: 1_500 }, (_, index) => record(index));
    const { events } = pagesOf([many, many, many]);
    expect(await events.list({ types: [] })).toHaveLength(MAX_KEPT);
  });
});
