import type { Database } from "../database/database.ts";
import { type AppError, toAppError } from "../errors/app-error.ts";
import { withTimeLimit } from "../errors/time-limit.ts";
import { Bell } from "../lib/bell.ts";
import type { Clock } from "../lib/clock.ts";
import { newId } from "../lib/ids.ts";
import { Backlog, type Lane, PAUSE_MS } from "./backlog.ts";
import { DelayedSave } from "./delayed-save.ts";
import type { DurableHandler, DurableOptions, DurableStatus } from "./durable.ts";
import type { DurableStore, ParkedEvent, SubscriberState } from "./durable-store.ts";
import type { Event } from "./event.ts";
import type { EventLog } from "./event-log.ts";
import type { EventStore } from "./event-store.ts";
import type { EventPattern } from "./pattern.ts";

/** What one works with, and who hears of it. */
export interface DurableParts {
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

const DEFAULTS = {
  timeoutMs: 30_000,
  backoff: { baseMs: 1_000, capMs: 10 * 60_000 },
  maxAttempts: 10,
} as const;
const PAGE = 100;
/** Beyond it nothing more is put aside: events are tried on and on until somebody has looked. */
const MAX_PARKED = 1_000;
const MAX_MESSAGE_LENGTH = 500;
/** What passes by unheard costs a crash nothing: its place need not be written for it at once. */
const NOTHING_REPEATED = 0;

/**
 * A subscriber whose place in the events is stored: it gets every event at least once, those of one source in order,
 * over restarts and crashes. An event that fails holds up its own source only: the source leaves the main lane, its
 * events wait in a lane of their own until that one is handled or, after too many attempts, put aside and reported.
 */
export class DurableSubscriber {
  readonly name: string;
  readonly #handler: DurableHandler;
  readonly #options: DurableOptions;
  readonly #parts: DurableParts;
  readonly #bell = new Bell();
  readonly #ending = new AbortController();
  readonly #backlog: Backlog;
  readonly #work = new Set<Promise<void>>();
  readonly #place: DelayedSave;
  #patterns: readonly EventPattern[];
  #cursor = 0;
  #delivered = 0;
  #failures = 0;
  #missed = 0;

  constructor(
    patterns: readonly EventPattern[],
    handler: DurableHandler,
    options: DurableOptions,
    parts: DurableParts,
  ) {
    this.name = options.name;
    this.#patterns = patterns;
    this.#handler = handler;
    this.#options = options;
    this.#parts = parts;
    const { clock, events } = parts;
    const keep = (work: Promise<void>): void => this.#keep(work);
    this.#place = new DelayedSave({
      ...{ clock, keep },
      save: () => this.#save(),
      failed: (error) => parts.broken(this.name, error),
    });
    this.#backlog = new Backlog({
      ...{ clock, keep, backoff: options.backoff ?? DEFAULTS.backoff },
      reached: () => this.#cursor,
      read: (source, fromSeq, upToSeq, limit) => events.listOfSource(source, fromSeq, upToSeq, limit),
      advance: (lane, event) => this.#advance(lane, event),
      caughtUp: () => {
        this.#place.soon();
        this.#bell.ring();
      },
      broken: (thrown) => parts.broken(this.name, toAppError(thrown)),
    });
  }

  /** Finds its place and goes on from there. */
  async start(): Promise<void> {
    const { log, store } = this.#parts;
    const stored = await store.find(this.name);
    const beginning = this.#options.from === "oldest" ? log.oldestSeq - 1 : log.newestSeq;
    this.#cursor = stored?.cursor ?? beginning;
    this.#backlog.begin(stored?.backlog ?? []);
    await this.#place.now();
    const leave = log.listen(this.#bell);
    this.#keep(this.#runMain().finally(leave));
  }

  /** Hears nothing more; waits for handlers under way, as long as they may take, and writes its place. */
  async stop(): Promise<void> {
    this.#ending.abort();
    this.#bell.ring();
    this.#place.end();
    this.#backlog.end();
    await Promise.all(this.#work);
    await this.#place.now();
  }

  /** Hears events of other types from the next one on, its place unchanged. */
  choose(patterns: readonly EventPattern[]): void {
    this.#patterns = patterns;
  }

  /** The number after which the ring must keep every event for it. */
  get neededAfter(): number {
    return this.#backlog.neededAfter(this.#cursor);
  }

  get status(): DurableStatus {
    return {
      name: this.name,
      pattern: this.#patterns.map(({ text }) => text).join(", "),
      cursor: this.#cursor,
      lag: this.#parts.log.newestSeq - this.#cursor,
      delivered: this.#delivered,
      failures: this.#failures,
      missed: this.#missed,
      backlog: this.#backlog.state().map(({ source, attempts, message }) => ({ source, attempts, message })),
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
      if (!first || this.#backlog.isFull) {
        await this.#bell.wait();
        continue;
      }
      this.#countMissed(first.seq - this.#cursor - 1);
      for (const event of page) {
        if (this.#hasEnded || this.#backlog.isFull) break;
        await this.#pass(event);
      }
    }
  }

  /** Handles an event in the main lane, or leaves it to its source's own. The cursor moves in the same step as the choice. */
  async #pass(event: Event): Promise<void> {
    if (!this.#isChosen(event) || this.#backlog.has(event.source)) {
      this.#cursor = event.seq;
      this.#place.soon(NOTHING_REPEATED);
      return;
    }
    const error = await this.#attempt(event);
    if (error && this.#hasEnded) return;
    this.#cursor = event.seq;
    this.#place.soon();
    if (!error) return;
    const lane = this.#backlog.add(event, messageOf(error));
    await this.#place.nowOrSoon();
    this.#backlog.retryLater(lane);
  }

  #isChosen({ type }: Event): boolean {
    return this.#patterns.some((pattern) => pattern.matches(type));
  }

  /** Whether the lane can go on to its next event. */
  async #advance(lane: Lane, event: Event): Promise<boolean> {
    const error = this.#isChosen(event) ? await this.#attempt(event) : undefined;
    if (error && this.#hasEnded) return false;
    if (error) {
      lane.attempts++;
      lane.message = messageOf(error);
      const isParked = lane.attempts >= this.#maxAttempts && (await this.#park(lane, event));
      if (!isParked) {
        await this.#place.nowOrSoon();
        this.#backlog.retryLater(lane);
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
    return { cursor: this.#cursor, backlog: this.#backlog.state() };
  }

  #keep(work: Promise<void>): void {
    const kept = work.finally(() => this.#work.delete(kept));
    this.#work.add(kept);
  }
}

const messageOf = (error: AppError): string => error.message.slice(0, MAX_MESSAGE_LENGTH);
