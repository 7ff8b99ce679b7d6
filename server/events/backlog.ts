import { type Backoff, fullJitterMs } from "../lib/backoff.ts";
import type { Clock, TimerHandle } from "../lib/clock.ts";
import type { SubscriberState } from "./durable-store.ts";
import type { Event } from "./event.ts";

/** A source that is behind. */
export interface Lane {
  source: string;
  /** The first event of the source that is not done. */
  fromSeq: number;
  attempts: number;
  message: string;
  timer: TimerHandle | undefined;
}

interface BacklogParts {
  clock: Clock;
  backoff: Backoff;
  /** How far the main lane has come. */
  reached: () => number;
  /** Up to `limit` events of the source within the numbers, oldest first. */
  read: (source: string, fromSeq: number, upToSeq: number, limit: number) => Promise<readonly Event[]>;
  /** Whether the lane can go on to its next event: this one is handled, or put aside. */
  advance: (lane: Lane, event: Event) => Promise<boolean>;
  /** A source has caught up: the main lane takes it over. */
  caughtUp: () => void;
  /** Takes work that nobody waits for, so that an end can wait for it. */
  keep: (work: Promise<void>) => void;
  /** The events could not be read; it tries again. */
  broken: (thrown: unknown) => void;
}

/** Sources that may be behind at once; with more, everything waits until one has caught up. */
const MAX_LANES = 1_000;
const PAGE = 100;
/** Before the events are read again when they could not be: the database may be closed for a restore. */
export const PAUSE_MS = 1_000;

/**
 * The sources of a durable subscriber that are behind, each in a lane of its own: its events wait there, in order, for
 * the one that failed, and are handled at the lane's own pace until it has caught up with the main lane.
 */
export class Backlog {
  readonly #parts: BacklogParts;
  readonly #lanes = new Map<string, Lane>();
  #hasEnded = false;

  constructor(parts: BacklogParts) {
    this.#parts = parts;
  }

  /** Takes up what was stored, and tries each at once. */
  begin(stored: SubscriberState["backlog"]): void {
    for (const behind of stored) this.#lanes.set(behind.source, { ...behind, timer: undefined });
    for (const lane of this.#lanes.values()) this.retryLater(lane, 0);
  }

  /** Sets no timer and begins no event any more. */
  end(): void {
    this.#hasEnded = true;
    for (const { timer } of this.#lanes.values()) timer?.cancel();
  }

  /** The source of an event that failed leaves the main lane; {@link retryLater} sets its next attempt. */
  add({ source, seq: fromSeq }: Event, message: string): Lane {
    const lane = { source, fromSeq, attempts: 1, message, timer: undefined };
    this.#lanes.set(source, lane);
    return lane;
  }

  has(source: string): boolean {
    return this.#lanes.has(source);
  }

  get isFull(): boolean {
    return this.#lanes.size >= MAX_LANES;
  }

  /** The number after which some lane still needs its events; `reached` when none is behind it. */
  neededAfter(reached: number): number {
    return [...this.#lanes.values()].reduce((least, lane) => Math.min(least, lane.fromSeq - 1), reached);
  }

  /** What is written of it. */
  state(): SubscriberState["backlog"] {
    return [...this.#lanes.values()].map(({ source, fromSeq, attempts, message }) => {
      return { source, fromSeq, attempts, message };
    });
  }

  retryLater(lane: Lane, waitMs = fullJitterMs(lane.attempts, this.#parts.backoff)): void {
    if (this.#hasEnded) return;
    const { clock, keep } = this.#parts;
    lane.timer = clock.after(waitMs, () => keep(this.#run(lane)));
  }

  async #run(lane: Lane): Promise<void> {
    try {
      await this.#catchUp(lane);
    } catch (thrown) {
      this.#parts.broken(thrown);
      this.retryLater(lane, PAUSE_MS);
    }
  }

  /** Handles what waits of a source until it has caught up with the main lane, or fails again. */
  async #catchUp(lane: Lane): Promise<void> {
    const { reached, read, advance, caughtUp } = this.#parts;
    while (!this.#hasEnded) {
      const upTo = reached();
      const waiting = await read(lane.source, lane.fromSeq, upTo, PAGE);
      // Nothing was awaited since the reading when the main lane has not moved: it takes over without a gap.
      if (waiting.length === 0 && upTo === reached()) {
        this.#lanes.delete(lane.source);
        caughtUp();
        return;
      }
      for (const event of waiting) {
        const isDone = this.#hasEnded ? false : await advance(lane, event);
        if (!isDone) return;
      }
      if (waiting.length === 0) lane.fromSeq = upTo + 1;
    }
  }
}
