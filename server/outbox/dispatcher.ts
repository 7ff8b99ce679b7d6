import type { Database } from "../database/database.ts";
import { AppError, toAppError } from "../errors/app-error.ts";
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
  type InnerDeliverer,
  LONGEST_WAIT_MS,
} from "./delivery.ts";
import { type Carried, InnerCarrier } from "./inner-carrier.ts";
import type { Lane, Lanes } from "./lanes.ts";
import type { OutboxStore } from "./outbox-store.ts";
import { OuterCarrier, type Taken } from "./outer-carrier.ts";
import { Settlement } from "./settlement.ts";
import type { TargetRow, TargetStore } from "./target-store.ts";

interface DispatcherParts {
  database: Database;
  store: OutboxStore;
  targets: TargetStore;
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

/** When the outbox itself cannot be read or written. */
const PAUSE_MS = 5_000;
const NOTHING_CARRIED = { served: { tried: 0, done: 0 }, settled: undefined } as const;

/**
 * Gives each target its turn, by the carrier of its kind. Leases belong to a run of the server: one process uses a data
 * folder at a time, so a lease of another run is void at once and needs no clock. Times in the database follow the wall
 * clock when it is set.
 */
export class Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #run = newId();
  readonly #deliverers = new Map<string, Deliverer | InnerDeliverer>();
  readonly #inner: InnerCarrier;
  readonly #outer: OuterCarrier;
  readonly #watch: ClockWatch;
  readonly #work = new Set<Promise<void>>();
  #isRunning = false;
  #running = 0;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    const settlement = new Settlement(parts);
    this.#inner = new InnerCarrier(parts, settlement);
    this.#outer = new OuterCarrier(parts, settlement, this.#run);
    this.#watch = new ClockWatch(parts.clock);
  }

  register(deliverer: Deliverer | InnerDeliverer): void {
    this.#deliverers.set(deliverer.kind, deliverer);
    for (const lane of this.#parts.lanes.values()) if (lane.kind === deliverer.kind) this.#wake(lane);
  }

  /** What people call a target, when its deliverer knows. */
  nameOf(kind: string, target: string): string | undefined {
    return this.#deliverers.get(kind)?.nameOf?.(target);
  }

  async start(): Promise<void> {
    const { database, store, targets, clock, lanes } = this.#parts;
    const now = clock.now();
    // Counted within the unit: a delivery that is queued meanwhile comes before the count or after it, never twice.
    await database.write(async (tx) => {
      await store.reclaim(tx, this.#run, now, []);
      await store.capWaits(tx, now + LONGEST_WAIT_MS);
      lanes.clear();
      for (const { kind, target, state, failures } of await targets.list(tx)) {
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
    const stopped = new AppError("not_ready", "The server stops.");
    const timer = this.#parts.clock.after(graceMs, () => this.#outer.abort(stopped));
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
    await database.write((tx) => store.reclaim(tx, this.#run, clock.now(), this.#outer.underWay));
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
    let hasServed = false;
    try {
      hasServed = await this.#carry(lane, deliverer);
    } catch (thrown) {
      const { kind, target } = lane;
      this.#parts.log.error("The outbox could not be used", { kind, target, error: toAppError(thrown) });
      this.#wakeAfter(lane, PAUSE_MS);
    }
    lane.running--;
    if (hasServed || lane.wasPassedOver) {
      lane.wasPassedOver = false;
      this.#wake(lane);
    }
    this.#parts.lanes.release(lane);
  }

  /** @returns whether anything was tried. @throws whatever the database fails with */
  async #carry(lane: Lane, deliverer: Deliverer | InnerDeliverer): Promise<boolean> {
    if (!this.#isRunning || lane.state !== "active") return false;
    const options = this.#optionsOf(deliverer);
    const { served, settled, dueAt } =
      "deliverIn" in deliverer
        ? await this.#carryWithin(lane, deliverer, options)
        : await this.#carryOut(lane, deliverer, options);
    if (settled) Object.assign(lane, { failures: settled.failures, state: settled.state });
    this.#parts.lanes.count(lane, -served.done);
    if (dueAt !== undefined) this.#wakeAfter(lane, dueAt - this.#parts.clock.now());
    return served.tried > 0;
  }

  async #carryWithin(
    lane: Lane,
    deliverer: InnerDeliverer,
    options: Required<DelivererOptions>,
  ): Promise<Carried> {
    await this.#followClock();
    return this.#inner.carry(lane, deliverer, options);
  }

  async #carryOut(lane: Lane, deliverer: Deliverer, options: Required<DelivererOptions>): Promise<Carried> {
    const { entry, dueAt } = await this.#take(lane, options);
    if (!entry) return { ...NOTHING_CARRIED, dueAt };
    // A lane that may have several under way looks for the next at once.
    if (options.concurrencyPerTarget > 1) this.#wake(lane);
    return this.#outer.carry(deliverer, options, entry);
  }

  async #take(lane: Lane, options: Required<DelivererOptions>): Promise<Taken> {
    lane.isLooking = true;
    try {
      await this.#followClock();
      return await this.#outer.take(lane, options);
    } finally {
      lane.isLooking = false;
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
