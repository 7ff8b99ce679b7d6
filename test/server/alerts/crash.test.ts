import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChannelAlert } from "../../../server/alerts/notify/channel-delivery.ts";
import { systemClock } from "../../../server/lib/clock.ts";
import { openState } from "../events/bus.ts";
import { CALLER, joinAlerts } from "./alert-house.ts";

/** Two raises, the outbox's start, one for each transition, the message, and two for its delivery. */
const WRITES = 8;
const POINTS = [
  "send:before",
  "send:after",
  ...Array.from({ length: WRITES }, (_, index) =>
    ["within", "after"].map((when) => `write:${index + 1}:${when}`),
  ).flat(),
];
/** Where the receiver has the message and the sender has not written down that it was sent. */
const AFTER_A_SEND = new Set(["send:after", `write:${WRITES}:within`]);

let folder: string;
let received: ChannelAlert[] = [];
const receiver = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    received.push((await request.json()) as ChannelAlert);
    return new Response("ok");
  },
});

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "binnacle-alerts-crash-"));
});
afterAll(async () => {
  await receiver.stop(true);
  rmSync(folder, { recursive: true, force: true });
});

/** A database with a channel and a route that takes everything at once. */
async function prepare(name: string): Promise<string> {
  const path = join(folder, `${name}.db`);
  const database = openState(path);
  const { definitions, events } = await joinAlerts(database, systemClock, async () => undefined);
  const { id } = await definitions.create("channel", { name: "ops", plugin: "ops" }, CALLER);
  const times = { groupWaitSeconds: 0, groupIntervalSeconds: 1 };
  await definitions.create("route", { name: "all", channels: [id], ...times }, CALLER);
  await events.stop();
  await database.close();
  return path;
}

async function live(path: string, crashAt: string): Promise<{ signal: unknown; text: string }> {
  const script = join(import.meta.dirname, "crash-process.ts");
  const command = [process.execPath, script, path, receiver.url.href, crashAt];
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "inherit", timeout: 30_000 });
  const text = await new Response(child.stdout).text();
  await child.exited;
  return { signal: child.signalCode, text };
}

test("a life without a crash writes as often as the points suppose, and tells of both in one message", async () => {
  received = [];
  expect((await live(await prepare("whole"), "")).text).toBe(`writes ${WRITES}\n`);
  expect(received.map(({ count }) => count)).toEqual([2]);
}, 60_000);

test.each(POINTS)(
  "kill -9 at %s: both alerts are told, once each; a message twice only where it was sent and not written down",
  async (point) => {
    received = [];
    const path = await prepare(point.replaceAll(":", "-"));
    expect((await live(path, point)).signal).toBe("SIGKILL");
    expect((await live(path, "")).signal).toBeNull();
    const messages = [...new Map(received.map((message) => [message.id, message])).values()];
    const told = messages.flatMap(({ alerts }) => alerts.map(({ message }) => message));
    expect(told.toSorted()).toEqual(["first", "second"]);
    expect(received.length - messages.length).toBe(AFTER_A_SEND.has(point) ? 1 : 0);
  },
  60_000,
);
