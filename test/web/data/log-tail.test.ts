import { describe, expect, test } from "bun:test";
import type { SpeakingSocket } from "../../../web/data/live-socket.ts";
import { LogTail } from "../../../web/data/log-tail.ts";

const FILTER = {
  levels: ["error"],
  sources: ["web", "db"],
  text: "a b",
  correlationId: "",
  traceId: "t1",
} as const;

function openTail() {
  const opened: { path: string; socket: SpeakingSocket; isClosed: boolean }[] = [];
  const waiting: (() => void)[] = [];
  const tail = new LogTail({
    openSocket(path) {
      const entry = {
        path,
        isClosed: false,
        socket: socketOf(() => {
          entry.isClosed = true;
        }),
      };
      opened.push(entry);
      return entry.socket;
    },
    clock: {
      now: () => 0,
      after(_delayMs, run) {
        waiting.push(run);
        return () => waiting.splice(waiting.indexOf(run) >>> 0, 1);
      },
    },
    random: () => 0,
  });
  const heard: unknown[] = [];
  const listener = {
    opened: () => heard.push("opened"),
    lines: (lines: readonly { id: number }[]) => heard.push(lines.map(({ id }) => id)),
    dropped: (count: number) => heard.push(-count),
  };
  const say = (message: object) => opened.at(-1)?.socket.onmessage?.({ data: JSON.stringify(message) });
  return { tail, opened, waiting, heard, listener, say };
}

const socketOf = (close: () => void): SpeakingSocket => ({
  onopen: null,
  onmessage: null,
  onclose: null,
  send: () => undefined,
  close,
});

describe("the tail of a log", () => {
  test("asks the server to filter, and hands lines on together", () => {
    const { tail, opened, waiting, heard, listener, say } = openTail();
    tail.follow(FILTER, listener);
    expect(opened[0]?.path).toBe("/api/v3/ws/logs?level=error&source=web&source=db&text=a+b&traceId=t1");
    opened[0]?.socket.onopen?.();
    for (const id of [1, 2, 3]) say({ type: "line", line: { id } });
    say({ type: "dropped", count: 40 });
    say({ type: "nonsense" });
    expect(heard).toEqual(["opened"]);
    expect(waiting).toHaveLength(1);
    waiting[0]?.();
    expect(heard).toEqual(["opened", [1, 2, 3], -40]);
  });

  test("holds no more than it can show, and counts the rest as left out", () => {
    const { tail, waiting, heard, listener, say } = openTail();
    tail.follow(FILTER, listener);
    for (let id = 1; id <= 2_500; id++) say({ type: "line", line: { id } });
    waiting[0]?.();
    expect(heard.map((one) => (Array.isArray(one) ? one.length : one))).toEqual([2_000, -500]);
  });

  test("comes back after a loss and says so; once let go it is silent", () => {
    const { tail, opened, waiting, heard, listener, say } = openTail();
    tail.follow(FILTER, listener);
    opened[0]?.socket.onopen?.();
    opened[0]?.socket.onclose?.({ code: 1006 });
    expect(tail.phase.value).toBe("lost");
    waiting.at(-1)?.();
    opened[1]?.socket.onopen?.();
    expect([tail.phase.value, heard]).toEqual(["open", ["opened", "opened"]]);
    say({ type: "line", line: { id: 1 } });
    tail.stop();
    expect(opened[1]?.isClosed).toBe(true);
    expect([tail.phase.value, heard.length]).toEqual(["idle", 2]);
  });
});
