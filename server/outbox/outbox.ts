import type { Connection, Database } from "../database/database.ts";
import type { Page, PageQuery } from "../database/paging.ts";
import { AppError, toAppError } from "../errors/app-error.ts";
import type { Events } from "../events/events.ts";
import type { Clock } from "../lib/clock.ts";
import { newId } from "../lib/ids.ts";
import { Probe } from "../lib/probe.ts";
import type { Logger } from "../logs/logger.ts";
import type { Deliverer, InnerDeliverer, NewDelivery } from "./delivery.ts";
import { Dispatcher } from "./dispatcher.ts";
import { Lanes } from "./lanes.ts";
import { type DeliveryFilter, type OutboxRow, OutboxStore } from "./outbox-store.ts";
import { type TargetRow, TargetStore } from "./target-store.ts";

export interface OutboxParts {
  database: Database;
  events: Events;
  clock: Clock;
  log: Logger;
  /** Takes secrets out of a text. */
  scrub?: (text: string) => string;
  /** From 0 up to 1; for the jitter. */
  random?: () => number;
  /** Hears how long each attempt took. */
  probe?: Probe;
  /** Hears how each attempt after the first ended. */
  countRetry?: (hasSucceeded: boolean) => void;
  /** Deliveries under way at once, all targets together. */
  maxConcurrent?: number;
}

/** How a target fares. */
export interface TargetStatus {
  kind: string;
  target: string;
  targetName: string | null;
  state: TargetRow["state"];
  waiting: number;
  failures: number;
}

const DEFAULT_MAX_CONCURRENT = 16;
const MAX_WAITING = 100_000;
/** What comes for a target beyond this becomes a dead letter at once, so that one that is down fills nobody else's room. */
const MAX_WAITING_A_TARGET = 10_000;
const MAX_PAYLOAD_BYTES = 262_144;
const MAX_TARGET_LENGTH = 500;
const MAX_KEY_LENGTH = 200;
const KIND = /^[a-z][a-z0-9_-]{0,49}$/;
/** How long a delivered entry is remembered for de-duplication, and a dead letter for a person. */
const REMEMBERED = {
  delivered: { ageMs: 24 * 3_600_000, rows: 20_000 },
  dead: { ageMs: 30 * 24 * 3_600_000, rows: 10_000 },
} as const;
const PRUNE_ROWS = 500;

/** What is done in the same unit of work: the audit line of whoever asks. */
type Also = (tx: Connection) => Promise<void>;
const nothing: Also = async () => undefined;

/**
 * The one queue of everything that is delivered outside or to plugins. A delivery is enqueued in the unit of work of
 * the change that causes it; from then on it is delivered at least once, in order per target, whatever crashes. A
 * duplicate is possible only when the process ends between sending and writing down that it was sent.
 */
export class Outbox {
  readonly #parts: OutboxParts;
  readonly #store: OutboxStore;
  readonly #targets: TargetStore;
  readonly #lanes = new Lanes();
  readonly #dispatcher: Dispatcher;

  constructor(parts: OutboxParts) {
    const {
      database,
      events,
      clock,
      log,
      scrub = (text) => text,
      random = Math.random,
      probe = new Probe(),
      countRetry = () => undefined,
      maxConcurrent = DEFAULT_MAX_CONCURRENT,
    } = parts;
    this.#parts = parts;
    this.#store = new OutboxStore(database);
    this.#targets = new TargetStore(database);
    const own = {
      database,
      events,
      clock,
      log,
      scrub,
      random,
      countRetry,
      probe,
      store: this.#store,
      targets: this.#targets,
      lanes: this.#lanes,
      maxConcurrent,
    };
    this.#dispatcher = new Dispatcher(own);
  }

  /** Adds what carries a kind of delivery; before the start, or while running when a feature comes later. */
  register(deliverer: Deliverer | InnerDeliverer): void {
    if (!KIND.test(deliverer.kind))
      throw new AppError("internal", `${deliverer.kind} is not a kind of delivery.`);
    this.#dispatcher.register(deliverer);
  }

  /** Takes up what earlier runs left, and begins to deliver. */
  async start(): Promise<void> {
    await this.#dispatcher.start();
  }

  /** Begins nothing more; waits up to `graceMs` for what is under way, then ends it. */
  async stop(graceMs: number): Promise<void> {
    await this.#dispatcher.stop(graceMs);
  }

  /**
   * Enqueues within the unit of work that causes the delivery. It is tried at once when the unit is committed.
   * The payload is kept without secrets: one that must carry a secret holds the reference `${secret:NAME}`, which its
   * deliverer resolves at each attempt.
   * @returns the idempotency key; of the first one for a delivery that is there already.
   * @throws AppError `overloaded` when the outbox is full, `internal` for a delivery that is none
   */
  async enqueue(tx: Connection, { kind, target, payload, dedupeKey }: NewDelivery): Promise<string> {
    const text = this.#withoutSecrets({
      kind,
      target,
      payload,
      ...(dedupeKey === undefined ? {} : { dedupeKey }),
    });
    if (this.#lanes.waiting >= MAX_WAITING) {
      throw new AppError(
        "overloaded",
        `${MAX_WAITING} deliveries wait already; look after the targets that fail.`,
      );
    }
    const id = newId();
    const now = this.#parts.clock.now();
    const isFull = (this.#lanes.find(kind, target)?.waiting ?? 0) >= MAX_WAITING_A_TARGET;
    const end = isFull
      ? {
          state: "dead" as const,
          settledAt: now,
          lastError: `${MAX_WAITING_A_TARGET} deliveries waited already.`,
        }
      : { state: "waiting" as const, settledAt: null, lastError: null };
    const row = {
      id,
      kind,
      target,
      payload: text,
      dedupeKey: dedupeKey ?? null,
      notBefore: now,
    };
    const isNew = await this.#store.insert(tx, { ...row, ...end, createdAt: now });
    if (!isNew) return (await this.#store.findIdByKey(tx, kind, target, dedupeKey ?? "")) ?? id;
    if (!isFull) this.#parts.database.afterCommit(() => this.#dispatcher.added(kind, target));
    return id;
  }

  /** What people call a target; null when it has no name beside its own, or none any more. */
  nameOf(kind: string, target: string): string | null {
    return this.#dispatcher.nameOf(kind, target) ?? null;
  }

  /** Newest first. @throws AppError `invalid_cursor` */
  async list(query: PageQuery, filter: Partial<DeliveryFilter> = {}): Promise<Page<OutboxRow>> {
    return this.#store.list(query, { state: filter.state, kind: filter.kind, target: filter.target });
  }

  /** Those of these ids that are still remembered. */
  async findMany(ids: readonly string[]): Promise<OutboxRow[]> {
    return this.#store.findMany(ids);
  }

  /** Targets that have something waiting, fail, are paused or off. */
  listTargets(): TargetStatus[] {
    return [...this.#lanes.values()].map(({ kind, target, state, waiting, failures }) => {
      return { kind, target, targetName: this.nameOf(kind, target), state, waiting, failures };
    });
  }

  /** Tries a dead letter (of `ofKind`, when given) anew, under its old idempotency key. @throws AppError `delivery_not_found` */
  async retry(id: string, also: Also = nothing, ofKind?: string): Promise<void> {
    await this.#parts.database.write(async (tx) => {
      const { kind, target } = await this.#deadLetter(tx, id, ofKind);
      await this.#store.revive(tx, id, this.#parts.clock.now());
      await also(tx);
      this.#parts.database.afterCommit(() => this.#dispatcher.added(kind, target));
    });
  }

  /** Forgets a dead letter (of `ofKind`, when given). @throws AppError `delivery_not_found` */
  async discard(id: string, also: Also = nothing, ofKind?: string): Promise<void> {
    await this.#parts.database.write(async (tx) => {
      await this.#deadLetter(tx, id, ofKind);
      await this.#store.remove(tx, id);
      await also(tx);
    });
  }

  /** Delivers nothing more to a target until {@link resume}; what is under way finishes, what comes waits. */
  async pause(kind: string, target: string, also: Also = nothing): Promise<void> {
    await this.#parts.database.write(async (tx) => {
      const known = await this.#targets.find(kind, target, tx);
      const { failures = 0, lastError = null } = known ?? {};
      const changedAt = this.#parts.clock.now();
      await this.#targets.put(tx, { kind, target, state: "paused", failures, lastError, changedAt });
      await also(tx);
      this.#parts.database.afterCommit(() => this.#dispatcher.targetChanged(kind, target, "paused"));
    });
  }

  /** Lets deliveries to a paused or switched-off target go on; its failures are forgotten. */
  async resume(kind: string, target: string, also: Also = nothing): Promise<void> {
    await this.#parts.database.write(async (tx) => {
      await this.#targets.remove(tx, kind, target);
      await this.#parts.events.publishIn(tx, { type: "outbox.target_resumed", payload: { kind, target } });
      await also(tx);
      this.#parts.database.afterCommit(() => this.#dispatcher.targetChanged(kind, target, "active"));
    });
  }

  /** Takes back leases that nobody holds, follows a clock that was set, wakes what is due: a net below the timers. */
  async sweep(): Promise<void> {
    await this.#dispatcher.sweep();
  }

  /** Forgets what was delivered long enough ago, and the oldest dead letters; some at a time. */
  async prune(): Promise<void> {
    const now = this.#parts.clock.now();
    for (const state of ["delivered", "dead"] as const) {
      const { ageMs, rows } = REMEMBERED[state];
      let removed = PRUNE_ROWS;
      while (removed === PRUNE_ROWS) {
        removed = await this.#parts.database.write((tx) =>
          this.#store.prune(tx, state, now - ageMs, rows, PRUNE_ROWS),
        );
      }
    }
  }

  #withoutSecrets(delivery: NewDelivery): string {
    const text = checked(delivery);
    return this.#parts.scrub?.(text) ?? text;
  }

  async #deadLetter(tx: Connection, id: string, ofKind?: string): Promise<OutboxRow> {
    const row = await this.#store.find(id, tx);
    if (row?.state !== "dead" || (ofKind !== undefined && row.kind !== ofKind))
      throw new AppError("delivery_not_found", "There is no dead letter of that id.");
    return row;
  }
}

/** The payload as JSON. @throws AppError `internal` */
function checked({ kind, target, payload, dedupeKey }: NewDelivery): string {
  if (!KIND.test(kind)) throw new AppError("internal", `${kind} is not a kind of delivery.`);
  if (target === "" || target.length > MAX_TARGET_LENGTH || (dedupeKey?.length ?? 0) > MAX_KEY_LENGTH) {
    throw new AppError("internal", "A delivery's target or key is empty or too long.");
  }
  const text = written(payload);
  if (Buffer.byteLength(text) > MAX_PAYLOAD_BYTES) {
    throw new AppError("internal", `A delivery has at most ${MAX_PAYLOAD_BYTES} bytes.`);
  }
  return text;
}

function written(payload: unknown): string {
  try {
    return JSON.stringify(payload) ?? "null";
  } catch (cause) {
    throw toAppError(cause);
  }
}
