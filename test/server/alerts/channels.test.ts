import { afterAll, beforeEach, expect, test } from "bun:test";
import type { SendToPlugin } from "../../../server/alerts/notify/channel-delivery.ts";
import { until } from "../events/bus.ts";
import { openAlertHouse } from "./alert-house.ts";

type Behaviour = "ok" | "500" | "429" | "cut" | "hang";
const RETRY_AFTER_SECONDS = 120;

let behaviour: Behaviour = "ok";
let ids: string[] = [];
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    ids.push(((await request.json()) as { id: string }).id);
    switch (behaviour) {
      case "ok":
        return new Response("ok");
      case "500":
        return new Response("no", { status: 500 });
      case "429":
        return new Response("slow", { status: 429, headers: { "retry-after": String(RETRY_AFTER_SECONDS) } });
      case "cut":
        return new Response(new ReadableStream({ start: (body) => body.error(new Error("cut")) }));
      case "hang":
        return new Promise<Response>(() => undefined);
    }
  },
});
beforeEach(() => {
  ids = [];
});
afterAll(() => server.stop(true));

/** A channel as a plugin writes one: it throws for what failed, and says how long a receiver wants to be left alone. */
const post: SendToPlugin = async (_plugin, alert, signal) => {
  const answer = await fetch(server.url, { method: "POST", body: JSON.stringify(alert), signal });
  await answer.text();
  if (answer.status === 429) return { retryAfterMs: Number(answer.headers.get("retry-after")) * 1_000 };
  if (!answer.ok) throw new Error(`The receiver answered ${answer.status}.`);
  return undefined;
};

/** Waits for real sockets; the clock of the house stands still meanwhile. */
async function eventually(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}

test.each(["500", "429", "cut", "hang"] as const)(
  "a channel that answers %s gets the message again, under the same id, when it is right",
  async (first) => {
    await using house = await openAlertHouse(post);
    await house.route();
    behaviour = first;
    await house.raise("a");
    await until(() => house.outbox.listTargets().length === 0);
    await house.notifier.tick();
    await eventually(() => ids.length === 1);
    behaviour = "ok";
    if (first === "hang") await house.clock.advance(30_000);
    await eventually(
      () => ids.length === 2 || house.outbox.listTargets().some(({ failures }) => failures === 1),
    );
    if (first === "429") {
      await house.clock.advance((RETRY_AFTER_SECONDS - 1) * 1_000);
      expect(ids.length).toBe(1);
    }
    await house.clock.advance(2_000);
    await eventually(() => house.outbox.listTargets().length === 0);
    expect(ids.length).toBe(2);
    expect(new Set(ids).size).toBe(1);
  },
  20_000,
);

test("a channel that rejects for good leaves a dead letter at once", async () => {
  await using house = await openAlertHouse(async () => ({ rejected: "The address is unknown." }));
  await house.route();
  await house.raise("a");
  await house.tell();
  const { items } = await house.outbox.list({ limit: 10 }, { state: "dead" });
  expect(items).toMatchObject([{ kind: "notification", attempts: 1, lastError: "The address is unknown." }]);
});

test.each([
  [{ rejected: 404 }, "dead", 1],
  [{ rejected: "", reason: "no" }, "dead", 1],
  // Nobody waits between attempts here: the twelfth is the last.
  [{ retryAfterMs: -1, reason: 5 }, "dead", 12],
  [{ retryAfterMs: null }, "dead", 12],
  [{ retryAfterMs: "soon", rejected: false }, "dead", 12],
  [{ answer: 200 }, "delivered", 1],
] as const)("an answer that says no is not taken for a yes: %j", async (answer, state, attempts) => {
  await using house = await openAlertHouse(async () => answer);
  await house.route();
  await house.raise("a");
  await house.tell();
  const { items } = await house.outbox.list({ limit: 10 }, { kind: "notification" });
  expect(items).toMatchObject([{ attempts, state }]);
});
