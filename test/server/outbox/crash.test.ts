import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const DELIVERIES = 2;
/** enqueue ×2, reclaim at the start, then lease and settle of each; beyond them nothing is written. */
const WRITES = 7;
const POINTS = [
  "send:before",
  "send:after",
  ...Array.from({ length: WRITES }, (_, index) =>
    ["before", "within", "after"].map((when) => `write:${index + 1}:${when}`),
  ).flat(),
];
/** Where the receiver has the request and the sender has not written down that it was sent. */
const AFTER_A_SEND = new Set([
  "send:after",
  "write:5:before",
  "write:5:within",
  "write:7:before",
  "write:7:within",
]);

let folder: string;
let received: { key: string; body: string }[] = [];
const receiver = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    received.push({ key: request.headers.get("idempotency-key") ?? "", body: await request.text() });
    return new Response("ok");
  },
});

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "binnacle-outbox-crash-"));
});
afterAll(async () => {
  await receiver.stop(true);
  rmSync(folder, { recursive: true, force: true });
});

async function live(path: string, crashAt: string): Promise<{ signal: unknown; text: string }> {
  const script = join(import.meta.dirname, "crash-process.ts");
  const command = [process.execPath, script, path, receiver.url.href, crashAt, String(DELIVERIES)];
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "inherit", timeout: 30_000 });
  const text = await new Response(child.stdout).text();
  await child.exited;
  return { signal: child.signalCode, text };
}

test("a life without a crash writes as often as the points suppose", async () => {
  received = [];
  const { text } = await live(join(folder, "whole.db"), "");
  expect(text).toBe(`writes ${WRITES}\n`);
  expect(received.map(({ body }) => body)).toEqual(["0", "1"]);
});

test.each(POINTS)(
  "kill -9 at %s: everything arrives, in order; twice only what was sent and not written down",
  async (point) => {
    received = [];
    const path = join(folder, `${point.replaceAll(":", "-")}.db`);
    expect((await live(path, point)).signal).toBe("SIGKILL");
    expect((await live(path, "")).signal).toBeNull();
    const firstTimes = [...new Map(received.map(({ key, body }) => [key, body])).values()];
    expect(firstTimes).toEqual(["0", "1"]);
    expect(new Set(received.map(({ key }) => key)).size).toBe(DELIVERIES);
    expect(received.length).toBe(AFTER_A_SEND.has(point) ? DELIVERIES + 1 : DELIVERIES);
  },
  60_000,
);
