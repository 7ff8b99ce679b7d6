import type { Connection, Database } from "../database/database.ts";
import { toAppError } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Probe } from "../lib/probe.ts";
import type { Logger } from "../logs/logger.ts";
import { type DelivererOptions, type DeliveryOutcome, deliveryOf, type InnerDeliverer } from "./delivery.ts";
import type { Lane } from "./lanes.ts";
import type { OutboxRow, OutboxStore } from "./outbox-store.ts";
import type { Settled, Settlement } from "./settlement.ts";
import type { TargetStore } from "./target-store.ts";

/** What either carrier works with. */
export interface CarrierParts {
  database: Database;
  store: OutboxStore;
  targets: TargetStore;
  clock: Clock;
  log: Logger;
  probe: Probe;
  countRetry: (hasSucceeded: boolean) => void;
}

/** What became of a lane's turn. */
export interface Carried {
  /** Deliveries that were tried, and those of them that are done with. */
  served: { tried: number; done: number };
  /** How the target fares since. */
  settled: Settled | undefined;
  /** When the first one falls due, when none was. */
  dueAt: number | undefined;
}

/** Deliveries in one unit of work: a commit waits for the disk, and while it is made nothing else runs. */
const MAX_AT_ONCE = 100;
const OF_THE_DATABASE: ReadonlySet<string> = new Set([
  ...["storage_full", "storage_unavailable", "database_corrupt"],
]);

/** Carries what stays within the database: made and settled in one unit of work, so that a crash leaves both or neither. */
export class InnerCarrier {
  readonly #parts: CarrierParts;
  readonly #settlement: Settlement;

  constructor(parts: CarrierParts, settlement: Settlement) {
    this.#parts = parts;
    this.#settlement = settlement;
  }

  /** The first deliveries of a lane that are due. @throws whatever the database fails with */
  async carry(lane: Lane, deliverer: InnerDeliverer, options: Required<DelivererOptions>): Promise<Carried> {
    try {
      return await this.#carry(lane, deliverer, options, MAX_AT_ONCE);
    } catch (thrown) {
      if (!(thrown instanceof CarryFailure)) throw thrown;
    }
    // One of them fails and took the others with it: the first by itself, which is then known to fail or is done.
    try {
      return await this.#carry(lane, deliverer, options, 1);
    } catch (thrown) {
      if (!(thrown instanceof CarryFailure)) throw thrown;
      return this.#putOff(thrown, options);
    }
  }

  async #carry(
    { kind, target }: Lane,
    deliverer: InnerDeliverer,
    options: Required<DelivererOptions>,
    limit: number,
  ): Promise<Carried> {
    const { database, store, targets, clock, countRetry } = this.#parts;
    return database.write(async (tx) => {
      // It may have been paused since the lane was looked at.
      const isActive = await targets.isActive(tx, kind, target);
      const entries = isActive ? await store.listFirst(tx, kind, target, limit) : [];
      const served = { tried: 0, done: 0 };
      let settled: Settled | undefined;
      for (const entry of entries) {
        if (entry.notBefore > clock.now()) break;
        const tried = { ...entry, attempts: entry.attempts + 1 };
        settled = await this.#settlement.settle(
          tx,
          tried,
          options,
          await this.#attempt(tx, deliverer, tried),
        );
        served.tried++;
        if (tried.attempts > 1) countRetry(settled.isDone);
        if (settled.isDone) served.done++;
        else break;
      }
      const dueAt = served.tried === 0 ? entries[0]?.notBefore : undefined;
      return { served, settled, dueAt };
    });
  }

  /** @throws CarryFailure */
  async #attempt(tx: Connection, deliverer: InnerDeliverer, entry: OutboxRow): Promise<DeliveryOutcome> {
    const startedMs = performance.now();
    let hasFailed = true;
    try {
      const outcome = await deliverer.deliverIn(tx, deliveryOf(entry));
      hasFailed = outcome.outcome !== "delivered";
      return outcome;
    } catch (cause) {
      // No delivery is to blame for a disk.
      if (OF_THE_DATABASE.has(toAppError(cause).code)) throw cause;
      throw new CarryFailure(entry, cause);
    } finally {
      const { observer } = this.#parts.probe;
      observer?.record("delivery", deliverer.kind, performance.now() - startedMs, hasFailed);
    }
  }

  async #putOff({ entry, cause }: CarryFailure, options: Required<DelivererOptions>): Promise<Carried> {
    const error = toAppError(cause);
    const { kind, target, id: delivery, attempts: attempt } = entry;
    this.#parts.log.warning("A delivery failed", { kind, target, delivery, attempt, error });
    const outcome = { outcome: "retry", reason: error.message } as const;
    const settled = await this.#parts.database.write((tx) =>
      this.#settlement.settle(tx, entry, options, outcome),
    );
    return { served: { tried: 1, done: settled.isDone ? 1 : 0 }, settled, dueAt: undefined };
  }
}

/** A deliverer threw: its unit of work is undone. */
class CarryFailure extends Error {
  override readonly name = "CarryFailure";
  readonly entry: OutboxRow;

  constructor(entry: OutboxRow, cause: unknown) {
    super("A delivery within the database failed.", { cause });
    this.entry = entry;
  }
}
