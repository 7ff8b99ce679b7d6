import { AppError } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import { within } from "../lib/deadline.ts";
import type { Event } from "./event.ts";
import type { EventPattern } from "./pattern.ts";

/** How a subscriber wants its events. */
export interface SubscriberOptions {
  /** Who it is, for reports. */
  name: string;
  /** Events that may wait for it; beyond it some are dropped and counted. */
  maxQueued?: number;
  /** Which go then: the oldest that wait (the newest news counts), or those that come. */
  overflow?: "drop-oldest" | "drop-newest";
  /** How long one event may take. */
  timeoutMs?: number;
}

/** What a subscriber does with an event. */
export type EventHandler = (event: Event) => void | Promise<void>;

/** How a subscriber fares. */
export interface SubscriberStatus {
  id: string;
  name: string;
  pattern: string;
  queued: number;
  delivered: number;
  dropped: number;
  failures: number;
  timeouts: number;
}

const DEFAULT_MAX_QUEUED = 1_000;
const DEFAULT_TIMEOUT_MS = 10_000;
/** Events handled before others get their turn. */
const SLICE = 64;
/** Handlers that timed out and never came back; with so many the subscriber gets nothing new until one does. */
const MAX_STUCK = 10;
/** The head of the queue moves through the list; the part behind it is cut off when it is this long. */
const COMPACT_AT = 1_024;

/**
 * One subscriber with a queue of its own: it hears events one by one, in order, and neither its slowness nor its
 * errors reach anybody else.
 */
export class Subscriber {
  readonly id: string;
  readonly name: string;
  readonly pattern: EventPattern;
  readonly #handler: EventHandler;
  readonly #clock: Clock;
  readonly #maxQueued: number;
  readonly #dropsOldest: boolean;
  readonly #timeoutMs: number;
  readonly #failed: (subscriber: Subscriber, event: Event, error: unknown) => void;
  #queue: Event[] = [];
  #head = 0;
  #isRunning = false;
  #hasEnded = false;
  #stuck = 0;
  #delivered = 0;
  #dropped = 0;
  #failures = 0;
  #timeouts = 0;

  constructor(
    id: string,
    pattern: EventPattern,
    handler: EventHandler,
    options: SubscriberOptions,
    clock: Clock,
    failed: (subscriber: Subscriber, event: Event, error: unknown) => void,
  ) {
    this.id = id;
    this.name = options.name;
    this.pattern = pattern;
    this.#handler = handler;
    this.#clock = clock;
    this.#maxQueued = options.maxQueued ?? DEFAULT_MAX_QUEUED;
    this.#dropsOldest = (options.overflow ?? "drop-oldest") === "drop-oldest";
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#failed = failed;
  }

  get dropped(): number {
    return this.#dropped;
  }

  get status(): SubscriberStatus {
    return {
      id: this.id,
      name: this.name,
      pattern: this.pattern.text,
      queued: this.#queued,
      delivered: this.#delivered,
      dropped: this.#dropped,
      failures: this.#failures,
      timeouts: this.#timeouts,
    };
  }

  /** Puts an event into the queue; it is heard soon, never within this call. */
  offer(event: Event): void {
    if (this.#hasEnded) return;
    if (this.#queued >= this.#maxQueued) {
      this.#dropped++;
      if (!this.#dropsOldest) return;
      this.#head++;
    }
    this.#queue.push(event);
    this.#compact();
    if (this.#isRunning) return;
    this.#isRunning = true;
    queueMicrotask(() => void this.#run());
  }

  /** Hears nothing more; a handler under way finishes. */
  end(): void {
    this.#hasEnded = true;
    this.#queue = [];
    this.#head = 0;
  }

  get #queued(): number {
    return this.#queue.length - this.#head;
  }

  async #run(): Promise<void> {
    for (let handled = 1; !this.#hasEnded && this.#stuck < MAX_STUCK; handled++) {
      const event = this.#queue[this.#head];
      if (!event) break;
      this.#head++;
      const outcome = this.#hear(event);
      // Most handlers return at once: awaiting those would cost more than they do.
      if (outcome) await outcome;
      if (handled % SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    this.#isRunning = false;
  }

  #hear(event: Event): Promise<void> | undefined {
    try {
      const outcome = this.#handler(event);
      if (outcome instanceof Promise) return this.#await(event, outcome);
      this.#delivered++;
    } catch (error) {
      this.#failures++;
      this.#failed(this, event, error);
    }
    return undefined;
  }

  async #await(event: Event, outcome: Promise<void>): Promise<void> {
    let isLate = false;
    try {
      await within(this.#clock, this.#timeoutMs, outcome, () => {
        isLate = true;
        return new AppError("timed_out", `It took longer than ${this.#timeoutMs} ms.`);
      });
      this.#delivered++;
    } catch (error) {
      if (isLate) this.#leaveBehind(outcome);
      else this.#failures++;
      this.#failed(this, event, error);
    }
  }

  #leaveBehind(outcome: Promise<void>): void {
    this.#timeouts++;
    this.#stuck++;
    const comeBack = (): void => {
      this.#stuck--;
      if (this.#isRunning || this.#queued === 0) return;
      this.#isRunning = true;
      void this.#run();
    };
    outcome.then(comeBack, comeBack);
  }

  #compact(): void {
    if (this.#head < COMPACT_AT) return;
    this.#queue = this.#queue.slice(this.#head);
    this.#head = 0;
  }
}
