import { expect, test } from "bun:test";
import { DELIVERER_DEFAULTS } from "../../server/outbox/delivery.ts";
import { CALLER, openAlertHouse } from "../server/alerts/alert-house.ts";
import { BrokerHouse } from "../server/plugins/broker/broker-house.ts";
import { FakeService, LIMIT_MS } from "./channel-trial.ts";
import { jailedBundled } from "./jailed-bundled.ts";

/** Of the longest wait that may be; small, since each second of the test's clock costs as much as it has timers. */
const JITTER = 0.1;
const { maxAttempts, timeoutMs, backoff } = DELIVERER_DEFAULTS;

test(
  "a webhook that never answers is tried with the same id and longer waits, then given up; another channel is told meanwhile",
  async () => {
    await using hanging = new FakeService();
    await using well = new FakeService();
    hanging.answer = () => new Promise<Response>(() => undefined);
    await using brokers = await BrokerHouse.open();
    await using webhook = await jailedBundled(brokers, "webhook", { url: `${hanging.url}/` });
    await using ntfy = await jailedBundled(brokers, "ntfy", { server: well.url, topic: "ops" });
    const plugins = new Map([
      ["webhook", webhook],
      ["ntfy", ntfy],
    ]);
    await using house = await openAlertHouse(
      async (id, alert, signal) => plugins.get(id)?.ask("send", { alert }, signal),
      () => JITTER,
    );
    // Waits for real processes and sockets: what is due now runs, and no time passes.
    const eventually = async (isTrue: () => boolean | Promise<boolean>): Promise<void> => {
      while (!(await isTrue())) await house.clock.advance(0);
    };
    const [stuck, push] = await Promise.all(
      ["webhook", "ntfy"].map((plugin) =>
        house.definitions.create("channel", { name: plugin, plugin }, CALLER),
      ),
    );
    const channels = [stuck?.id ?? "", push?.id ?? ""] as const;
    const of = async (state: "waiting" | "dead" | "delivered", target: string = channels[0]) =>
      (await house.outbox.list({ limit: 20 }, { state, target })).items;
    const hasPushed = async (count: number) => (await of("delivered", channels[1])).length === count;
    await house.route({ channels, groupIntervalSeconds: 1 });
    await house.raise("sda is full");
    await eventually(() => house.outbox.listTargets().every(({ kind }) => kind === "notification"));
    await house.notifier.tick();

    const waits: number[] = [];
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      await eventually(() => hanging.received.length === attempt);
      // The other channel does not wait for it.
      if (attempt === 1) await eventually(() => hasPushed(1));
      await house.clock.advance(timeoutMs);
      const isLast = attempt === maxAttempts;
      await eventually(async () => (await of(isLast ? "dead" : "waiting"))[0]?.attempts === attempt);
      if (isLast) break;
      const [entry] = await of("waiting");
      const waitMs = (entry?.notBefore ?? 0) - house.clock.now();
      waits.push(waitMs);
      await house.clock.advance(waitMs - 1);
      expect(hanging.received.length).toBe(attempt);
      await house.clock.advance(1);
    }

    expect(waits).toEqual(
      Array.from({ length: maxAttempts - 1 }, (_, index) => JITTER * backoff.baseMs * 2 ** index),
    );
    const ids = hanging.received.map(({ headers }) => headers.get("webhook-id"));
    expect(ids).toEqual(Array.from(ids, () => ids[0] ?? "none"));
    expect(await of("dead")).toMatchObject([
      { id: ids[0], attempts: maxAttempts, lastError: expect.stringMatching(/./) },
    ]);

    await house.raise("sdb is full");
    await eventually(() => house.outbox.listTargets().every(({ kind }) => kind === "notification"));
    await house.notifier.tick();
    await eventually(() => hasPushed(2));
    expect(well.received.length).toBe(2);
    // The attempt under way ends by its time limit, on the clock of the test.
    await house.clock.advance(timeoutMs);
  },
  2 * LIMIT_MS,
);
