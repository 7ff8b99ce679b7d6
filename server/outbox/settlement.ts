import type { Connection } from "../database/database.ts";
import type { Events } from "../events/events.ts";
import { fullJitterMs } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { type DelivererOptions, type DeliveryOutcome, LONGEST_WAIT_MS } from "./delivery.ts";
import type { OutboxRow, OutboxStore } from "./outbox-store.ts";
import type { TargetRow, TargetStore } from "./target-store.ts";

interface SettlementParts {
  store: OutboxStore;
  targets: TargetStore;
  events: Events;
  clock: Clock;
  /** Takes secrets out of a text. */
  scrub: (text: string) => string;
  /** From 0 up to 1. */
  random: () => number;
}

/** What an attempt left behind. */
export interface Settled {
  /** Whether the delivery is done with: delivered, or a dead letter. */
  isDone: boolean;
  /** Attempts of the target that failed in a row. */
  failures: number;
  state: TargetRow["state"];
}

const SOURCE = "binnacle/outbox";
const MAX_REASON_LENGTH = 500;

/** Writes how attempts ended, for the delivery and for its target; what somebody should know becomes an event. */
export class Settlement {
  readonly #parts: SettlementParts;

  constructor(parts: SettlementParts) {
    this.#parts = parts;
  }

  /** All of it within `tx`: a crash leaves the attempt as if it had not been made. */
  async settle(
    tx: Connection,
    entry: OutboxRow,
    options: Required<DelivererOptions>,
    result: DeliveryOutcome,
  ): Promise<Settled> {
    const { kind, target } = entry;
    const known = await this.#parts.targets.find(kind, target, tx);
    if (result.outcome === "delivered") return this.#settleDelivered(tx, entry, known);
    const reason = this.#parts.scrub(result.reason).slice(0, MAX_REASON_LENGTH);
    const isDead = result.outcome === "rejected" || entry.attempts >= options.maxAttempts;
    if (isDead) await this.#bury(tx, entry, reason);
    else await this.#putOff(tx, entry, reason, this.#waitMs(options, entry.attempts, result));
    const blamed = await this.#blame(tx, entry, options, known, reason);
    return { isDone: isDead, ...blamed };
  }

  async #settleDelivered(tx: Connection, entry: OutboxRow, known: TargetRow | undefined): Promise<Settled> {
    const { store, targets, clock } = this.#parts;
    const { id, kind, target, notBefore, attempts } = entry;
    const end = { attempts, notBefore, settledAt: clock.now(), lastError: null };
    await store.settle(tx, id, { state: "delivered", ...end });
    const state = known?.state ?? "active";
    if (known && state === "active") await targets.remove(tx, kind, target);
    else if (known) await targets.put(tx, { ...known, failures: 0, lastError: null });
    return { isDone: true, failures: 0, state };
  }

  async #bury(tx: Connection, { id, kind, target, attempts }: OutboxRow, reason: string): Promise<void> {
    const { store, clock, events } = this.#parts;
    const now = clock.now();
    const end = { attempts, notBefore: now, settledAt: now, lastError: reason };
    await store.settle(tx, id, { state: "dead", ...end });
    const payload = { kind, target, deliveryId: id, attempts, message: reason };
    await events.publishIn(tx, { type: "outbox.delivery_abandoned", source: SOURCE, payload });
  }

  async #putOff(tx: Connection, { id, attempts }: OutboxRow, reason: string, waitMs: number): Promise<void> {
    const { store, clock } = this.#parts;
    const notBefore = clock.now() + waitMs;
    await store.settle(tx, id, { state: "waiting", attempts, notBefore, settledAt: null, lastError: reason });
  }

  /** Counts a failure against the target, and switches it off when there were too many in a row. */
  async #blame(
    tx: Connection,
    { kind, target }: OutboxRow,
    { switchOffAfter }: Required<DelivererOptions>,
    known: TargetRow | undefined,
    reason: string,
  ): Promise<Pick<Settled, "failures" | "state">> {
    const { targets, clock, events } = this.#parts;
    const before = known?.state ?? "active";
    const failures = (known?.failures ?? 0) + 1;
    const isOff = before === "active" && failures >= switchOffAfter;
    if (isOff) {
      const payload = { kind, target, failures, message: reason };
      await events.publishIn(tx, { type: "outbox.target_switched_off", source: SOURCE, payload });
    }
    const state = isOff ? "off" : before;
    await targets.put(tx, { kind, target, state, failures, lastError: reason, changedAt: clock.now() });
    return { failures, state };
  }

  #waitMs({ backoff }: Required<DelivererOptions>, attempts: number, result: DeliveryOutcome): number {
    const askedMs = result.outcome === "retry" ? (result.retryAfterMs ?? 0) : 0;
    return Math.min(LONGEST_WAIT_MS, Math.max(askedMs, fullJitterMs(attempts, backoff, this.#parts.random)));
  }
}
