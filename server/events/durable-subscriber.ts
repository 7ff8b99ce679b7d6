import type { Database } from "../database/database.ts";
import { type AppError, toAppError } from "../errors/app-error.ts";
import { withTimeLimit } from "../errors/time-limit.ts";
import { type Backoff, fullJitterMs } from "../lib/backoff.ts";
import { Bell } from "../lib/bell.ts";
import type { Clock, TimerHandle } from "../lib/clock.ts";
import { newId } from "../lib/ids.ts";
import { DelayedSave } from "./delayed-save.ts";
import type { DurableStore, ParkedEvent, SubscriberState } from "./durable-store.ts";
import type { Event } from "./event.ts";
import type { EventLog } from "./event-log.ts";
import type { EventStore } from "./event-store.ts";
import type { EventPattern } from "./pattern.ts";

/** How a durable subscriber is delivered to. */
export interface DurableOptions {
  /** Stays the same over restarts: its place in the events is kept under it. */
  name: string;
  /** How long one event may take. */
  timeoutMs?: number;
  backoff?: Backoff;
  /** An event that failed so often is put aside, so that its source goes on. */
  maxAttempts?: number;
  /** Where a subscriber that was never here begins: at what comes (unless said), or at the oldest event kept. */
  from?: "now" | "oldest";
}

/** Called with an event, again after a failure or a crash: handle the same `event.id` twice without harm. */
export type DurableHandler = (event: Event, signal: AbortSignal) => Promise<void>;

/** How a durable subscriber fares. */
export interface DurableStatus {
  name: string;
  pattern: string;
  /** Every event up to this number is handled, parked or in the backlog. */
  cursor: number;
  /** Events behind the newest. */
  lag: number;
  delivered: number;
  failures: number;
  missed: number;
  /** Sources that wait for another attempt. */
  backlog: { source: string; attempts: number; message: string }[];
}

interface DurableParts {
  database: Database;
  log: EventLog;
  events: EventStore;
  store: DurableStore;
  clock: Clock;
  parked: (parked: ParkedEvent) => void;
  missed: (subscriber: string, count: number) => void;
  failed: (subscriber: string, event: Event, error: AppError) => void;
  /** The events could not be read, or its place not be written; it tries again. */
  broken: (subscriber: string, error: AppError) => void;
}

interface Lane {
  source: string;
  /** The first event of the source that is not done. */
  fromSeq: number;
  attempts: number;
  message: string;
  timer: TimerHandle | undefined;
}

const DEFAULTS = {
  timeoutMs: 30_000,
  backoff: { baseMs: 1_000, capMs: 10 * 60_000 },
  maxAttempts: 10,
} as const;
const PAGE = 100;
/** Sources that may be behind at once; with more, everything waits until one has caught up. */
const MAX_LANES = 1_000;
/** Beyond it nothing more is put aside: events are tried on and on until somebody has looked. */
const MAX_PARKED = 1_000;
const MAX_MESSAGE_LENGTH = 500;
/** Before the events are read again when they could not be: the database may be closed for a restore. */
const PAUSE_MS = 1_000;

/**
 * A subscriber whose place in the events is stored: it gets every event at least once, those of one source in order,
 * over restarts and crashes. An event that fails holds up its own source only: the source leaves the main lane, its
 * events wait in a lane of their own until that one is handled or, after too many attempts, put aside and reported.
 */
export class DurableSubscriber {
  readonly name: string;
  readonly #pattern: EventPattern;
  readonly #handler: DurableHandler;
  readonly #options: DurableOptions;
  readonly #parts: DurableParts;
  readonly #bell = new Bell();
  readonly #ending = new AbortController();
  readonly #lanes = new Map<string, Lane>();
  readonly #work = new Set<Promise<void>>();
  readonly #place: DelayedSave;
  #cursor = 0;
  #delivered = 0;
  #failures = 0;
  #missed = 0;

  constructor(pattern: EventPattern, handler: DurableHandler, options: DurableOptions, parts: DurableParts) {
    this.name = options.name;
    this.#pattern = pattern;
    this.#handler = handler;
    this.#options = options;
    this.#parts = parts;
    this.#place = new DelayedSave({
      clock: parts.clock,
      save: () => this.#save(),
      keep: (writing) => this.#keep(writing),
      failed: (error) => parts.broken(this.name, error),
    });
  }

  /** Finds its place and goes on from there. */
  async start(): Promise<void> {
    const { log, store } = this.#parts;
    const stored = await store.find(this.name);
    const beginning = this.#options.from === "oldest" ? log.oldestSeq - 1 : log.newestSeq;
    this.#cursor = stored?.cursor ?? beginning;
    for (const behind of stored?.backlog ?? []) {
      this.#lanes.set(behind.source, { ...behind, timer: undefined });
    }
    await this.#place.now();
    for (const lane of this.#lanes.values()) this.#retryLater(lane, 0);
    const leave = log.listen(this.#bell);
    this.#keep(this.#runMain().finally(leave));
  }

  /** Hears nothing more; waits for handlers under way, as long as they may take, and writes its place. */
  async stop(): Promise<void> {
    this.#ending.abort();
    this.#bell.ring();
    this.#place.end();
    for (const lane of this.#lanes.values()) lane.timer?.cancel();
    await Promise.all(this.#work);
    await this.#place.now();
  }

  /** The number after which the ring must keep every event for it. */
  get neededAfter(): number {
    return [...this.#lanes.values()].reduce((least, lane) => Math.min(least, lane.fromSeq - 1), this.#cursor);
  }

  get status(): DurableStatus {
    return {
      name: this.name,
      pattern: this.#pattern.text,
      cursor: this.#cursor,
      lag: this.#parts.log.newestSeq - this.#cursor,
      delivered: this.#delivered,
      failures: this.#failures,
      missed: this.#missed,
      backlog: [...this.#lanes.values()].map(({ source, attempts, message }) => ({
        source,
        attempts,
        message,
      })),
    };
  }

  /** Tries a parked event once more, now. @throws what the handler throws */
  async retry(event: Event): Promise<void> {
    await this.#deliver(event);
  }

  get #hasEnded(): boolean {
    return this.#ending.signal.aborted;
  }

  async #runMain(): Promise<void> {
    while (!this.#hasEnded) {
      try {
        await this.#passAll();
      } catch (thrown) {
        this.#parts.broken(this.name, toAppError(thrown));
        const timer = this.#parts.clock.after(PAUSE_MS, () => this.#bell.ring());
        await this.#bell.wait();
        timer.cancel();
      }
    }
  }

  async #passAll(): Promise<void> {
    while (!this.#hasEnded) {
      const page = await this.#parts.log.after(this.#cursor, PAGE);
      const [first] = page;
      if (!first || this.#lanes.size >= MAX_LANES) {
        await this.#bell.wait();
        continue;
      }
      this.#countMissed(first.seq - this.#cursor - 1);
      for (const event of page) {
        if (this.#hasEnded || this.#lanes.size >= MAX_LANES) break;
        await this.#pass(event);
      }
    }
  }

  /** Handles an event in the main lane, or leaves it to its source's own. The cursor moves in the same step as the choice. */
  async #pass(event: Event): Promise<void> {
    if (!this.#pattern.matches(event.type) || this.#lanes.has(event.source)) {
      this.#cursor = event.seq;
      this.#place.soon();
      return;
    }
    const error = await this.#attempt(event);
    if (error && this.#hasEnded) return;
    this.#cursor = event.seq;
    this.#place.soon();
    if (!error) return;
    const lane = {
      source: event.source,
      fromSeq: event.seq,
      attempts: 1,
      message: messageOf(error),
      timer: undefined,
    };
    this.#lanes.set(event.source, lane);
    await this.#place.nowOrSoon();
    this.#retryLater(lane);
  }

  #retryLater(
    lane: Lane,
    waitMs = fullJitterMs(lane.attempts, this.#options.backoff ?? DEFAULTS.backoff),
  ): void {
    if (this.#hasEnded) return;
    lane.timer = this.#parts.clock.after(waitMs, () => this.#keep(this.#runLane(lane)));
  }

  async #runLane(lane: Lane): Promise<void> {
    try {
      await this.#catchUp(lane);
    } catch (thrown) {
      this.#parts.broken(this.name, toAppError(thrown));
      this.#retryLater(lane, PAUSE_MS);
    }
  }

  /** Handles what waits of a source until it has caught up with the main lane, or fails again. */
  async #catchUp(lane: Lane): Promise<void> {
    while (!this.#hasEnded) {
      const upTo = this.#cursor;
      const waiting = await this.#parts.events.listOfSource(lane.source, lane.fromSeq, upTo, PAGE);
      // Nothing was awaited since the reading when the cursor has not moved: the main lane takes over without a gap.
      if (waiting.length === 0 && upTo === this.#cursor) {
        this.#lanes.delete(lane.source);
        this.#place.soon();
        this.#bell.ring();
        return;
      }
      for (const event of waiting) {
        const isDone = this.#hasEnded ? false : await this.#advance(lane, event);
        if (!isDone) return;
      }
      if (waiting.length === 0) lane.fromSeq = upTo + 1;
    }
  }

  /** Whether the lane can go on to its next event. */
  async #advance(lane: Lane, event: Event): Promise<boolean> {
    const error = this.#pattern.matches(event.type) ? await this.#attempt(event) : undefined;
    if (error && this.#hasEnded) return false;
    if (error) {
      lane.attempts++;
      lane.message = messageOf(error);
      const isParked = lane.attempts >= this.#maxAttempts && (await this.#park(lane, event));
      if (!isParked) {
        await this.#place.nowOrSoon();
        this.#retryLater(lane);
        return false;
      }
    }
    lane.fromSeq = event.seq + 1;
    lane.attempts = 0;
    this.#place.soon();
    return true;
  }

  get #maxAttempts(): number {
    return this.#options.maxAttempts ?? DEFAULTS.maxAttempts;
  }

  /** Puts the event aside, in one unit with the place after it; false when there is no room, or it could not be written. */
  async #park({ attempts, message, source }: Lane, event: Event): Promise<boolean> {
    const { database, store, clock } = this.#parts;
    if ((await store.countParked(this.name)) >= MAX_PARKED) return false;
    const parked = { id: newId(), subscriber: this.name, event, attempts, message, parkedAt: clock.now() };
    const state = this.#state();
    const backlog = state.backlog.map((behind) =>
      behind.source === source ? { ...behind, fromSeq: event.seq + 1, attempts: 0 } : behind,
    );
    try {
      await database.write(async (tx) => {
        await store.park(tx, parked);
        await store.put(tx, this.name, { ...state, backlog });
      });
    } catch (error) {
      this.#parts.failed(this.name, event, toAppError(error));
      return false;
    }
    this.#parts.parked(parked);
    return true;
  }

  /** What went wrong, or undefined. */
  async #attempt(event: Event): Promise<AppError | undefined> {
    try {
      await this.#deliver(event);
      this.#delivered++;
      return undefined;
    } catch (thrown) {
      this.#failures++;
      const error = toAppError(thrown);
      this.#parts.failed(this.name, event, error);
      return error;
    }
  }

  async #deliver(event: Event): Promise<void> {
    const { timeoutMs = DEFAULTS.timeoutMs } = this.#options;
    await withTimeLimit(this.#parts.clock, timeoutMs, (signal) => this.#handler(event, signal));
  }

  #countMissed(count: number): void {
    if (count <= 0) return;
    this.#missed += count;
    this.#parts.missed(this.name, count);
  }

  async #save(): Promise<void> {
    const { database, store } = this.#parts;
    await database.write((tx) => store.put(tx, this.name, this.#state()));
  }

  #state(): SubscriberState {
    const backlog = [...this.#lanes.values()].map(({ source, fromSeq, attempts, message }) => {
      return { source, fromSeq, attempts, message };
    });
    return { cursor: this.#cursor, backlog };
  }

  #keep(work: Promise<void>): void {
    const kept = work.finally(() => this.#work.delete(kept));
    this.#work.add(kept);
  }
}

const messageOf = (error: AppError): string => error.message.slice(0, MAX_MESSAGE_LENGTH);
