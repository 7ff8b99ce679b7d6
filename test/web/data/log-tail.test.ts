import { describe, expect, test } from "bun:test";
import { LogTail } from "../../../web/data/log-tail.ts";
import { FakeSockets } from "../../support/fake-feed-socket.ts";
import { HandClock } from "../../support/hand-clock.ts";

const FILTER = {
  levels: ["error"],
  sources: ["web", "db"],
  text: "a b",
  correlationId: "",
  traceId: "t1",
} as const;

function openTail() {
  const sockets = new FakeSockets();
  const clock = new HandClock();
  const tail = new LogTail({ openSocket: sockets.open, clock, random: () => 0 });
  const heard: unknown[] = [];
  const listener = {
    opened: () => heard.push("opened"),
    lines: (lines: readonly { id: number }[]) => heard.push(lines.map(({ id }) => id)),
    dropped: (count: number) => heard.push(-count),
  };
  const say = (message: object) => sockets.last.say(message);
  return { tail, sockets, clock, heard, listener, say };
}

describe("the tail of a log", () => {
  test("asks the server to filter, and hands lines on together", () => {
    const { tail, sockets, clock, heard, listener, say } = openTail();
    tail.follow(FILTER, listener);
    expect(sockets.last.path).toBe("/api/v3/ws/logs?level=error&source=web&source=db&text=a+b&traceId=t1");
    sockets.last.onopen?.();
    for (const id of [1, 2, 3]) say({ type: "line", line: { id } });
    say({ type: "dropped", count: 40 });
    say({ type: "nonsense" });
    expect(heard).toEqual(["opened"]);
    clock.pass(100);
    expect(heard).toEqual(["opened", [1, 2, 3], -40]);
  });

  test("holds no more than it can show, and counts the rest as left out", () => {
    const { tail, clock, heard, listener, say } = openTail();
    tail.follow(FILTER, listener);
    for (let id = 1; id <= 2_500; id++) say({ type: "line", line: { id } });
    clock.pass(100);
    expect(heard.map((one) => (Array.isArray(one) ? one.length : one))).toEqual([2_000, -500]);
  });

  test("comes back after a loss and says so; once let go it is silent", () => {
    const { tail, sockets, clock, heard, listener, say } = openTail();
    tail.follow(FILTER, listener);
    sockets.last.onopen?.();
    sockets.last.fail();
    expect(tail.phase.value).toBe("lost");
    clock.pass(250);
    sockets.last.onopen?.();
    expect([tail.phase.value, heard]).toEqual(["open", ["opened", "opened"]]);
    say({ type: "line", line: { id: 1 } });
    tail.stop();
    expect(sockets.last.isClosed).toBe(true);
    expect([tail.phase.value, heard.length]).toEqual(["idle", 2]);
  });
});
