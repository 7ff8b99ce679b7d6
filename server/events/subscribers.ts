import { AsyncLocalStorage } from "node:async_hooks";
import { AppError } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import { newId } from "../lib/ids.ts";
import type { Event } from "./event.ts";
import { parsePattern } from "./pattern.ts";
import {
  type EventHandler,
  Subscriber,
  type SubscriberOptions,
  type SubscriberStatus,
} from "./subscriber.ts";

/** What a subscriber lost since the last look. */
export interface Drop {
  subscriber: string;
  dropped: number;
  total: number;
}

const MAX_SUBSCRIBERS = 1_000;
/** Types whose subscribers are remembered; a stream of ever new types begins anew. */
const MAX_REMEMBERED_TYPES = 1_000;

/** The subscribers of this process: who hears which event. */
export class Subscribers {
  readonly #clock: Clock;
  readonly #failed: (subscriber: string, event: Event, error: unknown) => void;
  readonly #all = new Map<string, Subscriber>();
  readonly #reportedDrops = new Map<string, number>();
  #byType = new Map<string, Subscriber[]>();
  /** Handlers run outside the context of whoever published: its log fields and unit of work are not theirs. */
  readonly #outside = AsyncLocalStorage.snapshot();

  constructor(clock: Clock, failed: (subscriber: string, event: Event, error: unknown) => void) {
    this.#clock = clock;
    this.#failed = failed;
  }

  /** @returns the id to {@link remove} by. @throws AppError `validation_failed`, `overloaded` */
  add(pattern: string, handler: EventHandler, options: SubscriberOptions): string {
    if (this.#all.size >= MAX_SUBSCRIBERS) {
      throw new AppError("overloaded", `There are ${MAX_SUBSCRIBERS} subscribers already.`);
    }
    const id = newId();
    const parsed = parsePattern(pattern);
    const subscriber = new Subscriber(id, parsed, handler, options, this.#clock, (failing, event, error) =>
      this.#failed(failing.name, event, error),
    );
    this.#all.set(id, subscriber);
    this.#byType = new Map();
    return id;
  }

  /** Ends one; an unknown id is already ended. */
  remove(id: string): void {
    this.#all.get(id)?.end();
    this.#all.delete(id);
    this.#reportedDrops.delete(id);
    this.#byType = new Map();
  }

  end(): void {
    for (const subscriber of this.#all.values()) subscriber.end();
  }

  dispatch(events: readonly Event[]): void {
    this.#outside(() => {
      for (const event of events)
        for (const subscriber of this.#hearersOf(event.type)) subscriber.offer(event);
    });
  }

  status(): SubscriberStatus[] {
    return [...this.#all.values()].map(({ status }) => status);
  }

  /** What was lost since the last call. */
  takeDrops(): Drop[] {
    return [...this.#all.values()].flatMap(({ id, name: subscriber, dropped: total }) => {
      const dropped = total - (this.#reportedDrops.get(id) ?? 0);
      if (dropped === 0) return [];
      this.#reportedDrops.set(id, total);
      return [{ subscriber, dropped, total }];
    });
  }

  #hearersOf(type: string): readonly Subscriber[] {
    const known = this.#byType.get(type);
    if (known) return known;
    if (this.#byType.size >= MAX_REMEMBERED_TYPES) this.#byType = new Map();
    const hearers = [...this.#all.values()].filter(({ pattern }) => pattern.matches(type));
    this.#byType.set(type, hearers);
    return hearers;
  }
}
