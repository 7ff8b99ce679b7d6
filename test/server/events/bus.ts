import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { STATE_MIGRATIONS } from "../../../schema/migrations/state/index.ts";
import { Database } from "../../../server/database/database.ts";
import type { RingLimits } from "../../../server/events/event-log.ts";
import { Events } from "../../../server/events/events.ts";
import type { Clock } from "../../../server/lib/clock.ts";
import { silentLogger } from "../../../server/logs/logger.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** A bus over a real database in a folder of its own. */
export interface Bus {
  events: Events;
  database: Database;
  clock: ManualClock;
  /** Ends the bus as a stop of the server does and starts another on the same file. */
  restart(): Promise<Events>;
  close(): Promise<void>;
}

export const openState = (path: string): Database =>
  Database.open({ path, migrations: STATE_MIGRATIONS, synchronous: "NORMAL" });

export const newEvents = (database: Database, clock: Clock, limits?: RingLimits): Events =>
  new Events({ database, clock, log: silentLogger, ...(limits ? { limits } : {}) });

/** @param prepare runs before the start, as `compose` would: durable subscribers are known then. */
export async function openBus(
  limits?: RingLimits,
  prepare: (events: Events) => Promise<void> = async () => undefined,
): Promise<Bus> {
  const folder = mkdtempSync(join(tmpdir(), "binnacle-events-"));
  const database = openState(join(folder, "state.db"));
  const clock = new ManualClock();
  const open = async (): Promise<Events> => {
    const events = newEvents(database, clock, limits);
    await prepare(events);
    await events.start();
    return events;
  };
  const bus: Bus = {
    events: await open(),
    database,
    clock,
    async restart() {
      await bus.events.stop();
      bus.events = await open();
      return bus.events;
    },
    async close() {
      await bus.events.stop();
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return bus;
}

/** Waits for what happens by promises alone, without time passing. */
export async function until(isTrue: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2_000; turn++) {
    if (isTrue()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error("It did not happen.");
}

/** Publishes as an application does; gives the numbers. */
export async function say(
  events: Events,
  type: string,
  payload: unknown,
  source = "test",
): Promise<number[]> {
  const published = await events.publishForeign([{ type, payload, source }], "nobody", "test");
  return published.map(({ seq }) => seq);
}
