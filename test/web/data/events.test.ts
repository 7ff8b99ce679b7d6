import { describe, expect, test } from "bun:test";
import { Api } from "../../../web/data/api.ts";
import { type EventRecord, Events, EventTail, MAX_KEPT } from "../../../web/data/events.ts";
import type { LiveSocket } from "../../../web/data/reconnecting-socket.ts";

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
  const opened: { path: string; socket: LiveSocket; isClosed: boolean }[] = [];
  const waiting: { delayMs: number; run: () => void }[] = [];
  const tail = new EventTail({
    openSocket(path) {
      const socket: LiveSocket = { onmessage: null, onclose: null, close: () => undefined };
      const entry = { path, socket, isClosed: false };
      socket.close = () => {
        entry.isClosed = true;
      };
      opened.push(entry);
      return socket;
    },
    clock: {
      now: () => 0,
      after(delayMs, run) {
        waiting.push({ delayMs, run });
        return () => undefined;
      },
    },
    random: () => 0,
  });
  const heard: number[] = [];
  const last = () => opened.at(-1)?.socket;
  const say = (message: object) => last()?.onmessage?.({ data: JSON.stringify(message) });
  return { tail, opened, waiting, heard, last, say, hear: (event: EventRecord) => heard.push(event.seq) };
}

describe("the tail", () => {
  test("goes on after the newest that was listed", () => {
    const { tail, opened, heard, say, hear } = openTail();
    tail.follow(["shop.*", "a"], 7, hear);
    expect(opened[0]?.path).toBe("/api/v3/ws/events?types=shop.*%2Ca&since=7");
    expect(tail.phase.value).toBe("connecting");
    say({ type: "ready", seq: 7 });
    expect(tail.phase.value).toBe("open");
    say({ type: "event", event: record(8) });
    expect(heard).toEqual([8]);
  });

  test("comes back after a lost connection where it was, and says what the ring no longer held", () => {
    const { tail, opened, waiting, heard, last, say, hear } = openTail();
    tail.follow([], undefined, hear);
    say({ type: "ready", seq: 3 });
    say({ type: "event", event: record(4) });
    last()?.onclose?.({ code: 1006 });
    expect(tail.phase.value).toBe("lost");
    waiting.at(-1)?.run();
    expect(opened.at(-1)?.path).toBe("/api/v3/ws/events?since=4");
    say({ type: "missed", count: 12 });
    say({ type: "event", event: record(20) });
    expect(tail.missed.value).toBe(12);
    expect(heard).toEqual([4, 20]);
  });

  test("hears nothing once it is stopped, nor what it does not understand", () => {
    const { tail, opened, heard, say, last, hear } = openTail();
    tail.follow([], 1, hear);
    say({ type: "surprise" });
    const socket = last();
    tail.stop();
    expect(opened[0]?.isClosed).toBe(true);
    expect(socket?.onmessage).toBeNull();
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
