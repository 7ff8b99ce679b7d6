import type { Connection } from "../database/database.ts";
import type { Backoff } from "../lib/backoff.ts";
import type { OutboxRow } from "./outbox-store.ts";

/** Something that is to be delivered. */
export interface NewDelivery {
  /** Which deliverer takes it: `webhook`, `notification`. */
  kind: string;
  /** Where it goes, within the kind: an id or a name, never an address with a secret in it. Deliveries to one target keep their order. */
  target: string;
  /** Any JSON value; a secret in it is a reference, `${secret:NAME}`: values are taken out before it is kept. */
  payload: unknown;
  /** A second delivery of the same kind, target and key is the first one, for as long as that is remembered. */
  dedupeKey?: string;
}

/** A delivery in a deliverer's hands. */
export interface Delivery {
  /** The same at every attempt: the receiver tells repetitions by it. */
  readonly idempotencyKey: string;
  readonly target: string;
  readonly payload: unknown;
  /** From 1. */
  readonly attempt: number;
  /** When it was enqueued, epoch milliseconds. */
  readonly createdAt: number;
}

/** A row as its deliverer is handed it. */
export const deliveryOf = ({ id, target, attempts, createdAt, payload }: OutboxRow): Delivery => ({
  idempotencyKey: id,
  target,
  attempt: attempts,
  createdAt,
  payload: JSON.parse(payload) as unknown,
});

/** How an attempt ended. */
export type DeliveryOutcome =
  | { outcome: "delivered" }
  /** It may succeed later; not before `retryAfterMs` when the receiver said so. */
  | { outcome: "retry"; reason: string; retryAfterMs?: number }
  /** Trying again cannot help: it becomes a dead letter at once. */
  | { outcome: "rejected"; reason: string };

/** What carries deliveries of one kind, however. */
interface Carrying {
  readonly kind: string;
  /** What people call a target; undefined when it has no name beside its own, or none any more. */
  nameOf?(target: string): string | undefined;
}

/** Carries deliveries of one kind. */
export interface Deliverer extends Carrying {
  /** Tries once, within its time: the signal ends it. What it throws counts as `retry`. */
  deliver(delivery: Delivery, signal: AbortSignal): Promise<DeliveryOutcome>;
  readonly options?: DelivererOptions;
}

/**
 * Carries deliveries that are changes of this database and nothing else. Each is made and settled in one unit of work, many
 * in one: exactly once, and no lease is written.
 */
export interface InnerDeliverer extends Carrying {
  /** What it throws counts as `retry`, and undoes what it wrote. */
  deliverIn(tx: Connection, delivery: Delivery): Promise<DeliveryOutcome>;
  readonly options?: Pick<DelivererOptions, "backoff" | "maxAttempts" | "switchOffAfter">;
}

/** How one kind is delivered; whatever is left out has a default. */
export interface DelivererOptions {
  /** How long one attempt may take. */
  timeoutMs?: number;
  backoff?: Backoff;
  /** With so many failed attempts a delivery becomes a dead letter. */
  maxAttempts?: number;
  /** Deliveries to one target at once; with more than one they keep no order. */
  concurrencyPerTarget?: number;
  /** With so many failed attempts in a row a target is switched off. */
  switchOffAfter?: number;
}

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;

/**
 * Twelve attempts spread over 17 minutes on average (34 at most, unless a receiver asks for more time). After two dead
 * letters with nothing delivered between them, one more failure switches a target off.
 */
export const DELIVERER_DEFAULTS = {
  timeoutMs: 30 * SECOND_MS,
  backoff: { baseMs: SECOND_MS, capMs: HOUR_MS },
  maxAttempts: 12,
  concurrencyPerTarget: 1,
  switchOffAfter: 25,
} as const satisfies Required<DelivererOptions>;

/** No wait is longer, whatever a receiver asks for or a clock says. */
export const LONGEST_WAIT_MS = HOUR_MS;
