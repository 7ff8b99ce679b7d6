import type { OperationKind } from "../../schema/rules/operations.ts";
import type { Clock } from "../lib/clock.ts";
import type { Observer, OperationContext } from "../lib/probe.ts";
import {
  cleanName,
  keyOf,
  MAX_NAME_LENGTH,
  MINUTE_MS,
  newTally,
  type OperationIdentity,
  OTHER_NAME,
  OWN_SOURCE,
  type SlowOperation,
  type Tally,
} from "./operation.ts";

/** Slow operations that wait to be written; what comes beyond is counted, its statistics are not lost. */
const MAX_WAITING_SLOW = 500;
const MAX_ATTRIBUTES = 20;
const MAX_ATTRIBUTE_LENGTH = 500;
const MAX_ATTRIBUTE_NAME_LENGTH = 100;
/** Minutes that wait to be written while the disk does not take them. */
const MAX_WAITING_MINUTES = 60;
/** Kinds whose names come from outside: together they take at most this share of the names that are kept. */
const FOREIGN_KINDS: ReadonlySet<OperationKind> = new Set(["graphql", "app"]);
const FOREIGN_SHARE = 0.4;

/** What was recorded within one minute. */
export interface MinuteOfTallies {
  /** Epoch milliseconds at which the minute begins. */
  readonly startAt: number;
  readonly tallies: Tally[];
}

/** What was recorded since the last time. */
export interface Recorded {
  minutes: MinuteOfTallies[];
  slow: SlowOperation[];
}

interface RecorderParts {
  clock: Pick<Clock, "now">;
  /** Takes secrets out of a text. */
  scrub: (text: string) => string;
  /** Milliseconds from which an operation is slow, and how many different operations are kept. */
  limits: () => { slowMs: number; maxOperations: number };
  /** Hears of each slow operation, at once. */
  onSlow: (slow: SlowOperation) => void;
}

/** Counts operations in memory until they are taken to be written. Every method is quick and none throws. */
export class Recorder implements Observer {
  readonly #parts: RecorderParts;
  /** Own operations are looked up without making a key: kind, then name. */
  readonly #own = new Map<OperationKind, Map<string, Tally>>();
  readonly #reported = new Map<string, Tally>();
  /** Keys of operations that have a place; see {@link know}. */
  readonly #known = new Set<string>();
  #foreign = 0;
  #minuteAt = 0;
  #finished: MinuteOfTallies[] = [];
  #slow: SlowOperation[] = [];
  /** Slow operations that were not kept, since the start. */
  droppedSlow = 0;
  /** Operations counted under {@link OTHER_NAME}, since the start. */
  overflowed = 0;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
  }

  /** Replaces the operations that have a place by those that are stored. */
  know(stored: Iterable<OperationIdentity>): void {
    this.#known.clear();
    this.#foreign = 0;
    for (const identity of stored) this.#place(identity);
  }

  record(
    kind: OperationKind,
    name: string,
    durationMs: number,
    hasFailed: boolean,
    describe?: () => OperationContext,
  ): void {
    const at = this.#turnMinute();
    const tally = this.#own.get(kind)?.get(name) ?? this.#beginOwn(kind, name);
    tally.sketch.add(durationMs);
    if (hasFailed) tally.errors++;
    const { slowMs } = this.#parts.limits();
    if (durationMs >= slowMs) this.#keepSlow(tally, at, durationMs, slowMs, hasFailed, describe?.());
  }

  /** Records what an application reports of itself; `identity` is clean. */
  report(
    identity: OperationIdentity,
    { durationMs, hasFailed, at }: { durationMs: number; hasFailed: boolean; at: number },
    context: OperationContext,
  ): void {
    this.#turnMinute();
    const key = keyOf(identity);
    let tally = this.#reported.get(key);
    if (!tally) {
      tally = newTally(this.#admit(identity));
      const kept = keyOf(tally);
      tally = this.#reported.get(kept) ?? tally;
      this.#reported.set(kept, tally);
    }
    tally.sketch.add(durationMs);
    if (hasFailed) tally.errors++;
    const { slowMs } = this.#parts.limits();
    if (durationMs >= slowMs) this.#keepSlow(tally, at, durationMs, slowMs, hasFailed, context);
  }

  /** Hands over what was recorded and begins anew. */
  take(): Recorded {
    this.#finishMinute();
    const taken = { minutes: this.#finished, slow: this.#slow };
    this.#finished = [];
    this.#slow = [];
    return taken;
  }

  /** Takes back what could not be written; beyond what one may wait for, the oldest minutes are given up. */
  putBack({ minutes, slow }: Recorded): void {
    this.#finished = [...minutes, ...this.#finished].slice(-MAX_WAITING_MINUTES);
    this.#slow = [...slow, ...this.#slow].slice(-MAX_WAITING_SLOW);
  }

  #turnMinute(): number {
    const now = this.#parts.clock.now();
    if (now - this.#minuteAt >= MINUTE_MS || now < this.#minuteAt) {
      this.#finishMinute();
      this.#minuteAt = now - (now % MINUTE_MS);
    }
    return now;
  }

  #finishMinute(): void {
    const own = [...this.#own.values()].flatMap((byName) => [...byName.values()]);
    const tallies = [...own, ...this.#reported.values()];
    this.#own.clear();
    this.#reported.clear();
    if (tallies.length > 0) this.#finished.push({ startAt: this.#minuteAt, tallies });
  }

  #beginOwn(kind: OperationKind, name: string): Tally {
    const byName = this.#own.get(kind) ?? new Map<string, Tally>();
    this.#own.set(kind, byName);
    const wanted = name.length > MAX_NAME_LENGTH ? cleanName(name) : name;
    const identity = this.#admit({ kind, source: OWN_SOURCE, name: wanted });
    const tally = byName.get(identity.name) ?? newTally(identity);
    byName.set(identity.name, tally);
    return tally;
  }

  /** The operation itself, or the one that stands for all that find no place. */
  #admit(identity: OperationIdentity): OperationIdentity {
    if (this.#known.has(keyOf(identity))) return identity;
    const { maxOperations } = this.#parts.limits();
    const isForeign = FOREIGN_KINDS.has(identity.kind);
    const isFull = isForeign
      ? this.#foreign >= maxOperations * FOREIGN_SHARE
      : this.#known.size >= maxOperations;
    if (!isFull) {
      this.#place(identity);
      return identity;
    }
    this.overflowed++;
    return { kind: identity.kind, source: OWN_SOURCE, name: OTHER_NAME };
  }

  #place(identity: OperationIdentity): void {
    if (FOREIGN_KINDS.has(identity.kind)) this.#foreign++;
    this.#known.add(keyOf(identity));
  }

  #keepSlow(
    { kind, source, name }: OperationIdentity,
    at: number,
    durationMs: number,
    thresholdMs: number,
    hasFailed: boolean,
    { correlationId, traceId, principal, attributes = {} }: OperationContext = {},
  ): void {
    const slow: SlowOperation = {
      kind,
      source,
      name,
      at,
      durationMs,
      thresholdMs,
      hasFailed,
      correlationId: correlationId ?? null,
      traceId: traceId ?? null,
      principal: principal ?? null,
      attributes: this.#keptAttributes(attributes),
    };
    if (this.#slow.length < MAX_WAITING_SLOW) this.#slow.push(slow);
    else this.droppedSlow++;
    this.#parts.onSlow(slow);
  }

  #keptAttributes(attributes: NonNullable<OperationContext["attributes"]>): Record<string, string> {
    const kept = Object.entries(attributes).slice(0, MAX_ATTRIBUTES);
    return Object.fromEntries(
      kept.map(([name, value]) => [
        cleanName(name, MAX_ATTRIBUTE_NAME_LENGTH),
        this.#parts.scrub(String(value)).slice(0, MAX_ATTRIBUTE_LENGTH).toWellFormed(),
      ]),
    );
  }
}
