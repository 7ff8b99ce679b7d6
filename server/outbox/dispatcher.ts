import type { Database } from "../database/database.ts";
import { AppError, toAppError } from "../errors/app-error.ts";
import { withTimeLimit } from "../errors/time-limit.ts";
import type { Events } from "../events/events.ts";
import type { Clock } from "../lib/clock.ts";
import { newId } from "../lib/ids.ts";
import type { Probe } from "../lib/probe.ts";
import type { Logger } from "../logs/logger.ts";
import { ClockWatch } from "./clock-watch.ts";
import {
  DELIVERER_DEFAULTS,
  type Deliverer,
  type DelivererOptions,
  type DeliveryOutcome,
  type InnerDeliverer,
  LONGEST_WAIT_MS,
} from "./delivery.ts";
import { InnerCarrier } from "./inner-carrier.ts";
import type { Lane, Lanes } from "./lanes.ts";
import type { OutboxRow, OutboxStore, TargetRow } from "./outbox-store.ts";
import { Settlement } from "./settlement.ts";

interface DispatcherParts {
  database: Database;
  store: OutboxStore;
  lanes: Lanes;
  events: Events;
  clock: Clock;
  log: Logger;
  /** Takes secrets out of a text. */
  scrub: (text: string) => string;
  random: () => number;
  probe: Probe;
  countRetry: (hasSucceeded: boolean) => void;
  maxConcurrent: number;
}

/** Between an attempt's time and the end of its lease: the write that settles it must fit in. */
const LEASE_MARGIN_MS = 30_000;
/** When the outbox itself cannot be read or written. */
const PAUSE_MS = 5_000;

/**
 * Gives each target its turn. The order of steps is what the promise rests on: lease (written), send, settle
 * (written). A crash before the send leaves a lease that the next run takes back; a crash after it leaves the same,
 * and that one attempt is repeated under the same key.
 *
 * Leases belong to a run of the server. One process uses a data folder at a time, so a lease of another run is void at
 * once and needs no clock. Times in the database follow the wall clock when it is set.
 */
export class Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #run = newId();
  readonly #deliverers = new Map<string, Deliverer | InnerDeliverer>();
  readonly #inner: InnerCarrier;
  readonly #settlement: Settlement;
  readonly #watch: ClockWatch;
  readonly #underWay = new Map<string, AbortController>();
  readonly #work = new Set<Promise<void>>();
  #isRunning = false;
  #running = 0;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.#settlement = new Settlement(parts);
    this.#inner = new InnerCarrier(parts, this.#settlement);
    this.#watch = new ClockWatch(parts.clock);
  }

  register(deliverer: Deliverer | InnerDeliverer): void {
    this.#deliverers.set(deliverer.kind, deliverer);
    for (const lane of this.#parts.lanes.values()) if (lane.kind === deliverer.kind) this.#wake(lane);
  }

  async start(): Promise<void> {
    const { database, store, clock, lanes } = this.#parts;
    const now = clock.now();
    // Counted within the unit: a delivery that is queued meanwhile comes before the count or after it, never twice.
    await database.write(async (tx) => {
      await store.reclaim(tx, this.#run, now, []);
      await store.capWaits(tx, now + LONGEST_WAIT_MS);
      lanes.clear();
      for (const { kind, target, state, failures } of await store.listTargets(tx)) {
        Object.assign(lanes.of(kind, target), { state, failures });
      }
      for (const { kind, target, waiting } of await store.countByTarget(tx)) {
        lanes.count(lanes.of(kind, target), waiting);
      }
    });
    this.#isRunning = true;
    for (const lane of lanes.values()) this.#wake(lane);
  }

  async stop(graceMs: number): Promise<void> {
    this.#isRunning = false;
    const timer = this.#parts.clock.after(graceMs, () => {
      for (const controller of this.#underWay.values())
        controller.abort(new AppError("not_ready", "The server stops."));
    });
    await Promise.all(this.#work);
    timer.cancel();
    this.#parts.lanes.clear();
  }

  /** A delivery was committed. */
  added(kind: string, target: string): void {
    const lane = this.#parts.lanes.of(kind, target);
    this.#parts.lanes.count(lane, 1);
    this.#wake(lane);
  }

  /** A target was paused or resumed. */
  targetChanged(kind: string, target: string, state: TargetRow["state"]): void {
    const lane = this.#parts.lanes.of(kind, target);
    lane.state = state;
    if (state === "active") lane.failures = 0;
    this.#wake(lane);
    this.#parts.lanes.release(lane);
  }

  async sweep(): Promise<void> {
    if (!this.#isRunning) return;
    await this.#followClock();
    const { database, store, clock, lanes } = this.#parts;
    await database.write((tx) => store.reclaim(tx, this.#run, clock.now(), [...this.#underWay.keys()]));
    for (const lane of lanes.values()) this.#wake(lane);
  }

  #wake(lane: Lane): void {
    if (!this.#isRunning || lane.state !== "active" || lane.waiting <= lane.running) return;
    if (!this.#deliverers.has(lane.kind)) return;
    this.#parts.lanes.makeReady(lane);
    this.#pump();
  }

  #pump(): void {
    while (this.#running < this.#parts.maxConcurrent) {
      const lane = this.#parts.lanes.takeReady();
      if (!lane) return;
      const deliverer = this.#deliverers.get(lane.kind);
      if (!deliverer) continue;
      if (lane.isLooking || lane.running >= this.#optionsOf(deliverer).concurrencyPerTarget) {
        lane.wasPassedOver = true;
        continue;
      }
      this.#running++;
      lane.running++;
      const work = this.#serve(lane, deliverer).finally(() => {
        this.#work.delete(work);
        this.#running--;
        this.#pump();
      });
      this.#work.add(work);
    }
  }

  /** One delivery of a lane, some that stay within the database, or none when none is due; then the lane's next turn. */
  async #serve(lane: Lane, deliverer: Deliverer | InnerDeliverer): Promise<void> {
    const options = this.#optionsOf(deliverer);
    let hasServed = false;
    try {
      hasServed =
        "deliverIn" in deliverer
          ? await this.#serveWithin(lane, deliverer, options)
          : await this.#serveOutside(lane, deliverer, options);
    } catch (thrown) {
      const { kind, target } = lane;
      this.#parts.log.error("The outbox could not be used", { kind, target, error: toAppError(thrown) });
      hasServed = false;
      this.#wakeAfter(lane, PAUSE_MS);
    }
    lane.running--;
    if (hasServed || lane.wasPassedOver) {
      lane.wasPassedOver = false;
      this.#wake(lane);
    }
    this.#parts.lanes.release(lane);
  }

  async #serveOutside(
    lane: Lane,
    deliverer: Deliverer,
    options: Required<DelivererOptions>,
  ): Promise<boolean> {
    const entry = await this.#lookForNext(lane, options);
    if (!entry) return false;
    // A lane that may have several under way looks for the next at once.
    if (options.concurrencyPerTarget > 1) this.#wake(lane);
    await this.#deliver(lane, deliverer, options, entry);
    return true;
  }

  async #serveWithin(
    lane: Lane,
    deliverer: InnerDeliverer,
    options: Required<DelivererOptions>,
  ): Promise<boolean> {
    if (!this.#isRunning || lane.state !== "active") return false;
    await this.#followClock();
    const { served, settled, dueAt } = await this.#inner.carry(lane, deliverer, options);
    if (settled) Object.assign(lane, { failures: settled.failures, state: settled.state });
    this.#parts.lanes.count(lane, -served.done);
    if (dueAt !== undefined) this.#wakeAfter(lane, dueAt - this.#parts.clock.now());
    return served.tried > 0;
  }

  async #lookForNext(lane: Lane, options: Required<DelivererOptions>): Promise<OutboxRow | undefined> {
    lane.isLooking = true;
    try {
      if (!this.#isRunning || lane.state !== "active") return undefined;
      await this.#followClock();
      const entry = await this.#findNext(lane, options);
      return entry && (await this.#lease(entry, options));
    } finally {
      lane.isLooking = false;
    }
  }

  /** What is due now. In order, that is the first or none; a lease on it that nobody holds was left by a failed write. */
  async #findNext(
    { kind, target }: Lane,
    options: Required<DelivererOptions>,
  ): Promise<OutboxRow | undefined> {
    const { store, clock, lanes } = this.#parts;
    const now = clock.now();
    const keepsOrder = options.concurrencyPerTarget === 1;
    const entry = keepsOrder ? await store.findFirst(kind, target) : await store.findDue(kind, target, now);
    const dueAt = entry
      ? entry.state === "leased"
        ? now
        : entry.notBefore
      : await store.earliestDue(kind, target);
    if (entry && dueAt !== undefined && dueAt <= now) return entry;
    if (dueAt !== undefined) this.#wakeAfter(lanes.of(kind, target), dueAt - now);
    return undefined;
  }

  async #lease(entry: OutboxRow, { timeoutMs }: Required<DelivererOptions>): Promise<OutboxRow | undefined> {
    const { database, store, clock } = this.#parts;
    const leaseUntil = clock.now() + timeoutMs + LEASE_MARGIN_MS;
    this.#underWay.set(entry.id, new AbortController());
    try {
      const isLeased = await database.write((tx) => store.lease(tx, entry.id, this.#run, leaseUntil));
      if (isLeased) return { ...entry, attempts: entry.attempts + 1 };
    } catch (error) {
      this.#underWay.delete(entry.id);
      throw error;
    }
    this.#underWay.delete(entry.id);
    return undefined;
  }

  async #deliver(
    lane: Lane,
    deliverer: Deliverer,
    options: Required<DelivererOptions>,
    entry: OutboxRow,
  ): Promise<void> {
    try {
      const startedMs = performance.now();
      const result = await this.#attempt(deliverer, options.timeoutMs, entry);
      const durationMs = performance.now() - startedMs;
      const hasFailed = result.outcome !== "delivered";
      this.#parts.probe.observer?.record("delivery", deliverer.kind, durationMs, hasFailed);
      const settled = await this.#parts.database.write((tx) =>
        this.#settlement.settle(tx, entry, options, result),
      );
      if (entry.attempts > 1) this.#parts.countRetry(result.outcome === "delivered");
      lane.failures = settled.failures;
      lane.state = settled.state;
      if (settled.isDone) this.#parts.lanes.count(lane, -1);
    } finally {
      this.#underWay.delete(entry.id);
    }
  }

  async #attempt(deliverer: Deliverer, timeoutMs: number, entry: OutboxRow): Promise<DeliveryOutcome> {
    const controller = this.#underWay.get(entry.id) ?? new AbortController();
    const { id: idempotencyKey, target, attempts: attempt, createdAt } = entry;
    try {
      const delivery = {
        idempotencyKey,
        target,
        attempt,
        createdAt,
        payload: JSON.parse(entry.payload) as unknown,
      };
      const deliver = (signal: AbortSignal) => deliverer.deliver(delivery, signal);
      return await withTimeLimit(this.#parts.clock, timeoutMs, deliver, controller);
    } catch (thrown) {
      const error = toAppError(thrown);
      this.#parts.log.warning("A delivery failed", {
        kind: deliverer.kind,
        target,
        delivery: idempotencyKey,
        attempt,
        error,
      });
      const { retryAfterMs } = error;
      return {
        outcome: "retry",
        reason: error.message,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      };
    }
  }

  #wakeAfter(lane: Lane, waitMs: number): void {
    lane.timer?.cancel();
    lane.timer = this.#parts.clock.after(Math.max(0, waitMs), () => this.#wake(lane));
  }

  /** When the wall clock was set, the times that are still to come are moved along: waits keep their length. */
  async #followClock(): Promise<void> {
    const jumpMs = this.#watch.takeJumpMs();
    if (jumpMs === 0) return;
    this.#parts.log.info("The machine's clock was set; waiting deliveries follow it", { jumpMs });
    try {
      await this.#parts.database.write((tx) => this.#parts.store.shiftTimes(tx, jumpMs));
    } catch (error) {
      this.#watch.giveBack(jumpMs);
      throw error;
    }
  }

  #optionsOf({ options }: Pick<Deliverer, "options">): Required<DelivererOptions> {
    return { ...DELIVERER_DEFAULTS, ...options };
  }
}
