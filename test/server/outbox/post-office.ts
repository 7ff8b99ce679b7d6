import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../../../server/database/database.ts";
import type { Events } from "../../../server/events/events.ts";
import { silentLogger } from "../../../server/logs/logger.ts";
import type {
  DelivererOptions,
  Delivery,
  DeliveryOutcome,
  NewDelivery,
} from "../../../server/outbox/delivery.ts";
import { Outbox } from "../../../server/outbox/outbox.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { newEvents, openState } from "../events/bus.ts";

/** An attempt that the deliverer of the test is asked for and has not answered. */
export interface OpenAttempt {
  delivery: Delivery;
  signal: AbortSignal;
  answer(outcome: DeliveryOutcome | Error): Promise<void>;
}

/** An outbox over a real database, whose one deliverer is answered by the test. */
export interface PostOffice {
  outbox: Outbox;
  events: Events;
  database: Database;
  clock: ManualClock;
  open: OpenAttempt[];
  /** Payloads in the order in which they were delivered. */
  delivered: unknown[];
  /** How attempts after the first ended. */
  retries: boolean[];
  post(payload: unknown, more?: Partial<NewDelivery>): Promise<string>;
  /** Waits until so many attempts are open. */
  opened(count: number): Promise<OpenAttempt[]>;
  /** Ends the outbox as a crash would (nothing is waited for) and starts another on the same file. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Nothing is left to chance: the wait is the upper bound of the jitter. */
const LARGEST = () => 1;
/** Turns of the event loop in which everything that is due has happened. */
const QUIET_TURNS = 10;

export async function openPostOffice(
  options: DelivererOptions = {},
  maxConcurrent = 16,
): Promise<PostOffice> {
  const folder = mkdtempSync(join(tmpdir(), "binnacle-outbox-"));
  const database = openState(join(folder, "state.db"));
  const clock = new ManualClock();
  const events = newEvents(database, clock);
  await events.start();
  const quiet = async (): Promise<void> => {
    for (let turn = 0; turn < QUIET_TURNS; turn++) await clock.advance(0);
  };
  const start = async (): Promise<Outbox> => {
    const outbox = new Outbox({
      database,
      events,
      clock,
      log: silentLogger,
      random: LARGEST,
      countRetry: (hasSucceeded) => void office.retries.push(hasSucceeded),
      maxConcurrent,
    });
    outbox.register({ kind: "test", options, deliver });
    await outbox.start();
    return outbox;
  };
  const deliver = (delivery: Delivery, signal: AbortSignal): Promise<DeliveryOutcome> => {
    const { promise, resolve, reject } = Promise.withResolvers<DeliveryOutcome>();
    const attempt: OpenAttempt = {
      delivery,
      signal,
      async answer(outcome) {
        office.open.splice(office.open.indexOf(attempt), 1);
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
        if (!(outcome instanceof Error) && outcome.outcome === "delivered")
          office.delivered.push(delivery.payload);
        await quiet();
      },
    };
    office.open.push(attempt);
    return promise;
  };
  const office: PostOffice = {
    outbox: undefined as unknown as Outbox,
    events,
    database,
    clock,
    open: [],
    delivered: [],
    retries: [],
    async post(payload, more = {}) {
      return database.write((tx) =>
        office.outbox.enqueue(tx, { kind: "test", target: "one", payload, ...more }),
      );
    },
    async opened(count) {
      await quiet();
      for (let turn = 0; turn < 500 && office.open.length < count; turn++) await clock.advance(0);
      if (office.open.length !== count)
        throw new Error(`${office.open.length} attempts are open, not ${count}.`);
      return [...office.open];
    },
    async restart() {
      office.open = [];
      office.outbox = await start();
    },
    async close() {
      const stopping = office.outbox.stop(0);
      await clock.advance(1);
      for (const attempt of [...office.open]) await attempt.answer(new Error("closing"));
      await stopping;
      await events.stop();
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  office.outbox = await start();
  return office;
}

export const DELIVERED = { outcome: "delivered" } as const;
export const LATER = { outcome: "retry", reason: "503" } as const;
