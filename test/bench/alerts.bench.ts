import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { STATE_MIGRATIONS } from "../../schema/migrations/state/index.ts";
import { Database } from "../../server/database/database.ts";
import { systemClock } from "../../server/lib/clock.ts";
import { CALLER, joinAlerts } from "../server/alerts/alert-house.ts";
import { type Benchmark, type Figure, median } from "./model.ts";

const STORM = 10_000;
const SINGLE = 200;
const MS_PER_SECOND = 1_000;
const MINUTE_MS = 60_000;

/** What the channel got; `hear` is called with each message. */
interface Told {
  alerts: number;
  messages: number;
  hear: () => void;
}

/** Alerts over a database as the server opens it (each commit waits for the disk), with a channel that takes everything. */
async function openAlerts() {
  const folder = mkdtempSync(join(tmpdir(), "binnacle-bench-alerts-"));
  const database = Database.open({
    ...{ path: join(folder, "state.db"), migrations: STATE_MIGRATIONS, synchronous: "FULL" },
  });
  const told: Told = { alerts: 0, messages: 0, hear: () => undefined };
  const parts = await joinAlerts(database, systemClock, async (_plugin, { count }) => {
    told.alerts += count;
    told.messages++;
    told.hear();
  });
  await parts.outbox.start();
  const { id } = await parts.definitions.create("channel", { name: "ops", plugin: "ops" }, CALLER);
  const times = { groupWaitSeconds: 0, groupIntervalSeconds: 1 };
  await parts.definitions.create("route", { name: "all", channels: [id], ...times }, CALLER);
  return {
    ...parts,
    told,
    raise: (message: string) =>
      parts.alerts.raise({ type: "storm", severity: "HIGH", source: "caller", message }, "bench"),
    async [Symbol.asyncDispose](): Promise<void> {
      await parts.outbox.stop(0);
      await parts.events.stop();
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type House = Awaited<ReturnType<typeof openAlerts>>;

/** Ticks, as the server does each second, until all of them are told. */
async function tellAll({ notifier, told }: House, wanted: number): Promise<void> {
  while (told.alerts < wanted) {
    await notifier.tick();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function storm(): Promise<Figure[]> {
  await using house = await openAlerts();
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: STORM }, (_, number) => house.raise(`alert ${number}`)));
  const raisedMs = performance.now() - startedMs;
  await tellAll(house, STORM);
  const toldMs = performance.now() - startedMs;
  return [
    {
      name: "a storm of 10,000 alerts, until all are told",
      value: toldMs / MS_PER_SECOND,
      unit: "s",
      goal: { atMost: MINUTE_MS / MS_PER_SECOND },
      note: `in ${house.told.messages} messages`,
    },
    { name: "raises a second, stored", value: (STORM / raisedMs) * MS_PER_SECOND, unit: "/s" },
  ];
}

/** One after the other, each by itself: what one caller waits for, and when the channel has it. */
async function single(): Promise<Figure[]> {
  await using house = await openAlerts();
  const raises: number[] = [];
  const notifications: number[] = [];
  for (let number = 0; number < SINGLE; number++) {
    const startedMs = performance.now();
    const heard = new Promise<void>((resolve) => {
      house.told.hear = resolve;
    });
    await house.raise(`alert ${number}`);
    raises.push(performance.now() - startedMs);
    // Each message lets its group rest for a second: the time until the channel is told is that of the first one.
    if (number === 0) {
      await tellAll(house, 1);
      await heard;
      notifications.push(performance.now() - startedMs);
    }
  }
  return [
    { name: "one raise, on disk (median)", value: median(raises), unit: "ms" },
    {
      name: "from the raise to the channel",
      value: median(notifications),
      unit: "ms",
      note: "beside the wait for others and the tick, at most a second",
    },
  ];
}

const benchmark: Benchmark = {
  name: "alerts",
  run: async () => [...(await storm()), ...(await single())],
};

export default benchmark;
