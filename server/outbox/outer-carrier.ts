import { type AppError, toAppError } from "../errors/app-error.ts";
import { withTimeLimit } from "../errors/time-limit.ts";
import { type Deliverer, type DelivererOptions, type DeliveryOutcome, deliveryOf } from "./delivery.ts";
import type { Carried, CarrierParts } from "./inner-carrier.ts";
import type { Lane } from "./lanes.ts";
import type { OutboxRow } from "./outbox-store.ts";
import type { Settlement } from "./settlement.ts";

/** What a lane's look for its next delivery found. */
export interface Taken {
  /** Leased to this run of the server. */
  entry: OutboxRow | undefined;
  /** When the next one falls due, when none was. */
  dueAt: number | undefined;
}

/** Between an attempt's time and the end of its lease: the write that settles it must fit in. */
const LEASE_MARGIN_MS = 30_000;

/**
 * Carries what leaves this database. The order of steps is what the promise rests on: lease (written), send, settle
 * (written). A crash before the send leaves a lease that the next run takes back; a crash after it leaves the same, and
 * that one attempt is repeated under the same key.
 */
export class OuterCarrier {
  readonly #parts: CarrierParts;
  readonly #settlement: Settlement;
  readonly #run: string;
  readonly #underWay = new Map<string, AbortController>();

  /** @param run of the server, which leases belong to */
  constructor(parts: CarrierParts, settlement: Settlement, run: string) {
    this.#parts = parts;
    this.#settlement = settlement;
    this.#run = run;
  }

  /** Ids of deliveries that are leased and not settled. */
  get underWay(): readonly string[] {
    return [...this.#underWay.keys()];
  }

  /** Ends every attempt under way; it counts as one that failed. */
  abort(reason: AppError): void {
    for (const controller of this.#underWay.values()) controller.abort(reason);
  }

  /** Leases what is due in a lane. @throws whatever the database fails with */
  async take(lane: Lane, options: Required<DelivererOptions>): Promise<Taken> {
    const { entry, dueAt } = await this.#findNext(lane, options);
    return { entry: entry && (await this.#lease(entry, options)), dueAt };
  }

  /** Tries what was taken, once. @throws whatever the database fails with */
  async carry(deliverer: Deliverer, options: Required<DelivererOptions>, entry: OutboxRow): Promise<Carried> {
    const { database, probe, countRetry } = this.#parts;
    try {
      const startedMs = performance.now();
      const result = await this.#attempt(deliverer, options.timeoutMs, entry);
      const hasSucceeded = result.outcome === "delivered";
      const durationMs = performance.now() - startedMs;
      probe.observer?.record("delivery", deliverer.kind, durationMs, !hasSucceeded);
      const settled = await database.write((tx) => this.#settlement.settle(tx, entry, options, result));
      if (entry.attempts > 1) countRetry(hasSucceeded);
      return { served: { tried: 1, done: settled.isDone ? 1 : 0 }, settled, dueAt: undefined };
    } finally {
      this.#underWay.delete(entry.id);
    }
  }

  /** What is due now. In order, that is the first or none; a lease on it that nobody holds was left by a failed write. */
  async #findNext({ kind, target }: Lane, options: Required<DelivererOptions>): Promise<Taken> {
    const { store, clock } = this.#parts;
    const now = clock.now();
    const keepsOrder = options.concurrencyPerTarget === 1;
    const entry = keepsOrder ? await store.findFirst(kind, target) : await store.findDue(kind, target, now);
    if (!entry) return { entry, dueAt: await store.earliestDue(kind, target) };
    const dueAt = entry.state === "leased" ? now : entry.notBefore;
    return dueAt <= now ? { entry, dueAt: undefined } : { entry: undefined, dueAt };
  }

  async #lease(entry: OutboxRow, { timeoutMs }: Required<DelivererOptions>): Promise<OutboxRow | undefined> {
    const { database, store, targets, clock } = this.#parts;
    const { id, kind, target } = entry;
    const leaseUntil = clock.now() + timeoutMs + LEASE_MARGIN_MS;
    this.#underWay.set(id, new AbortController());
    let isLeased = false;
    try {
      // It may have been paused since the lane was looked at: nothing begins once that is answered.
      isLeased = await database.write(
        async (tx) =>
          (await targets.isActive(tx, kind, target)) && store.lease(tx, id, this.#run, leaseUntil),
      );
    } finally {
      if (!isLeased) this.#underWay.delete(id);
    }
    return isLeased ? { ...entry, attempts: entry.attempts + 1 } : undefined;
  }

  async #attempt(deliverer: Deliverer, timeoutMs: number, entry: OutboxRow): Promise<DeliveryOutcome> {
    const { clock, log } = this.#parts;
    const controller = this.#underWay.get(entry.id) ?? new AbortController();
    try {
      const delivery = deliveryOf(entry);
      const deliver = (signal: AbortSignal) => deliverer.deliver(delivery, signal);
      return await withTimeLimit(clock, timeoutMs, deliver, controller);
    } catch (thrown) {
      const error = toAppError(thrown);
      const { kind, target, id, attempts: attempt } = entry;
      log.warning("A delivery failed", { kind, target, delivery: id, attempt, error });
      const { retryAfterMs, message: reason } = error;
      return { outcome: "retry", reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    }
  }
}
