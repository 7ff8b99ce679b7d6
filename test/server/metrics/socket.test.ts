import { describe, expect, test } from "bun:test";
import { ManualClock } from "../../support/manual-clock.ts";
import { sized } from "../../support/sizes.ts";
import { SocketLoad } from "../../support/socket-load.ts";
import { until } from "../../support/until.ts";
import { machineOf, NumberedCollector, serveMetrics } from "./serve-metrics.ts";

const PATH = "/api/v3/ws/live-metrics";
const START = Date.UTC(2030, 0, 1);

interface Frame {
  type: string;
  seq: number;
  at: number;
  values: Record<string, number | null>;
}

/** A server of `series` series that all change each second, and `count` readers of it. */
async function liveServer(series: number, options: { count: number; query?: string; settings?: object }) {
  const clock = new ManualClock(START);
  const collector = new NumberedCollector(series, (n, call) => (call * 7 + n) % 1_000);
  const server = await serveMetrics({
    clock,
    machine: machineOf(collector),
    settings: { "metrics.intervalSeconds": 1, ...options.settings },
  });
  const frames: Frame[][] = Array.from({ length: options.count }, () => []);
  const load = await SocketLoad.open({
    port: server.port,
    path: `${PATH}${options.query ?? "?interval=1"}`,
    count: options.count,
    onText: (reader, text) => frames[reader]?.push(JSON.parse(text.toString()) as Frame),
  });
  return {
    server,
    clock,
    collector,
    load,
    frames,
    async [Symbol.asyncDispose](): Promise<void> {
      load.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe("many sockets", () => {
  test("get the same deltas from one sampling", async () => {
    const readers = sized(1_000, 9_000);
    const ticks = 3;
    await using it = await liveServer(20, { count: 0 });
    const texts = new Map<string, number>();
    const load = await SocketLoad.open({
      port: it.server.port,
      path: `${PATH}?interval=1`,
      count: readers,
      onText: (_, text) => texts.set(text.toString(), (texts.get(text.toString()) ?? 0) + 1),
    });
    expect(it.server.live.status().connections).toBe(readers);
    const samplings = it.collector.ats.length;
    for (let i = 0; i < ticks; i += 1) {
      await it.clock.advance(1_000);
      await it.clock.advance(0);
    }
    const frames = () => [...texts.values()].reduce((sum, count) => sum + count, 0);
    await until(() => frames() === readers * (1 + ticks));
    expect(it.collector.ats.length - samplings).toBe(ticks);
    expect([...texts.values()]).toEqual(Array.from({ length: 1 + ticks }, () => readers));
    load.close();
    await until(() => it.server.live.status().connections === 0);
    await until(() => it.server.openSockets() === 0);
  });
});

describe("the live socket", () => {
  test("takes its interval and series from the URL", async () => {
    const query = `?interval=2&series=${encodeURIComponent('test_value{n="3"},test_value{n="1"}')}`;
    await using it = await liveServer(5, { count: 1, query });
    await it.clock.advance(4_000);
    await until(() => it.frames[0]?.length === 3);
    const [snapshot, ...deltas] = it.frames[0] ?? [];
    expect(snapshot).toMatchObject({ type: "snapshot", intervalSeconds: 2 });
    expect(Object.keys(snapshot?.values ?? {})).toHaveLength(2);
    expect(deltas.map(({ at }) => at - START)).toEqual([2_000, 4_000]);
  });

  test("resumes after a reconnect without a gap", async () => {
    await using it = await liveServer(3, { count: 1 });
    await it.clock.advance(2_000);
    await until(() => it.frames[0]?.length === 3);
    it.load.close();
    await until(() => it.server.live.status().connections === 0);
    await it.clock.advance(5_000);
    const resumed: Frame[] = [];
    const again = await SocketLoad.open({
      port: it.server.port,
      path: `${PATH}?interval=1&since=${it.frames[0]?.at(-1)?.seq}`,
      count: 1,
      onText: (_, text) => resumed.push(JSON.parse(text.toString()) as Frame),
    });
    await until(() => resumed.length === 5);
    expect(resumed.map(({ type, at }) => [type, at - START])).toEqual(
      [3_000, 4_000, 5_000, 6_000, 7_000].map((at) => ["delta", at]),
    );
    again.close();
  });

  test("changes the interval on request", async () => {
    await using it = await liveServer(1, { count: 1, query: "?interval=60" });
    it.load.sendText(0, '{"type":"interval","seconds":1}');
    await until(() => it.frames[0]?.length === 2);
    await it.clock.advance(2_000);
    await until(() => it.frames[0]?.length === 4);
    expect(it.frames[0]?.map(({ type }) => type)).toEqual(["snapshot", "snapshot", "delta", "delta"]);
  });

  test("drops a reader that stopped reading, with bounded memory, and nobody else", async () => {
    await using it = await liveServer(5_000, { count: 2 });
    it.load.stopReading(0);
    let mostBufferedBytes = 0;
    const frameBytes = 100_000;
    for (let i = 1; it.server.live.status().droppedSlow === 0 && i <= 400; i += 1) {
      await it.clock.advance(1_000);
      await until(() => (it.frames[1]?.length ?? 0) > i);
      mostBufferedBytes = Math.max(mostBufferedBytes, it.server.bufferedBytes());
    }
    expect(it.server.live.status()).toMatchObject({ connections: 1, droppedSlow: 1, skippedFrames: 10 });
    expect(mostBufferedBytes).toBeGreaterThan(0);
    expect(mostBufferedBytes).toBeLessThan(2 * frameBytes);
    await it.clock.advance(5_000);
    await until(() => it.server.openSockets() === 1);
    expect(it.load.readers[1]?.closeCode).toBeUndefined();
  });

  test("brings a reader that pauses up to date with one frame, not with all it missed", async () => {
    await using it = await liveServer(5_000, { count: 2 });
    it.load.stopReading(0);
    let ticks = 0;
    while (it.server.live.status().skippedFrames < 3) {
      await it.clock.advance(1_000);
      ticks += 1;
      await until(() => (it.frames[1]?.length ?? 0) > ticks);
    }
    it.load.readAgain(0);
    const newest = () => it.frames[1]?.at(-1)?.seq;
    await until(() => it.frames[0]?.at(-1)?.seq === newest());
    expect(it.frames[0]?.length).toBe((it.frames[1]?.length ?? 0) - 2);
    expect(replayed(it.frames[0] ?? [])).toEqual(replayed(it.frames[1] ?? []));
  }, 30_000);

  test.each([
    ["what is not JSON", "hello", 4400],
    ["an unknown type", '{"type":"subscribe"}', 4400],
    ["an interval out of range", '{"type":"interval","seconds":3600}', 4400],
    ["a message of 2 kB", `{"type":"ping","x":"${"x".repeat(2_048)}"}`, 1009],
  ])("closes on %s", async (_, message, code) => {
    await using it = await liveServer(1, { count: 1 });
    it.load.sendText(0, message);
    await until(() => it.load.readers[0]?.closeCode);
    expect(it.load.readers[0]?.closeCode).toBe(code);
    await until(() => it.server.live.status().connections === 0);
  });

  test("closes on a binary frame", async () => {
    await using it = await liveServer(1, { count: 0 });
    const socket = new WebSocket(`ws://127.0.0.1:${it.server.port}${PATH}`);
    const closed = new Promise<number>((resolve) => {
      socket.onclose = ({ code }) => resolve(code);
    });
    socket.onopen = () => socket.send(new Uint8Array([1, 2, 3]));
    expect(await closed).toBe(4400);
  });

  test.each([
    ["?interval=0", 422],
    ["?interval=61", 422],
    ["?interval=abc", 422],
    ["?since=-1", 422],
    ["?since=1e5", 422],
    ["?series=%7B", 400],
    [`?series=${"a,".repeat(101)}`, 400],
  ])("refuses %s before the upgrade", async (query, status) => {
    await using it = await liveServer(1, { count: 0 });
    await expect(SocketLoad.open({ port: it.server.port, path: PATH + query, count: 1 })).rejects.toThrow(
      `HTTP/1.1 ${status}`,
    );
  });

  test("refuses who may not see metrics, and one reader too many", async () => {
    await using it = await liveServer(1, { count: 1, settings: { "liveMetrics.maxConnections": 1 } });
    const connect = (as: string) =>
      SocketLoad.open({ port: it.server.port, path: PATH, count: 1, headers: { "x-test-as": as } });
    await expect(connect("nobody")).rejects.toThrow("HTTP/1.1 401");
    await expect(connect("stranger")).rejects.toThrow("HTTP/1.1 403");
    await expect(connect("viewer")).rejects.toThrow("HTTP/1.1 429");
  });

  test("ends with its session or token", async () => {
    await using it = await liveServer(1, { count: 1 });
    it.server.sockets.end("owner");
    await until(() => it.load.readers[0]?.closeCode === 4401);
    await until(() => it.server.live.status().connections === 0);
  });
});

/** What a reader of these frames knows in the end. */
function replayed(frames: readonly Frame[]): Record<string, number | null> {
  return Object.assign({}, ...frames.map(({ values }) => values));
}
