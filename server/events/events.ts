import { AsyncLocalStorage } from "node:async_hooks";
import type { EventName } from "../../schema/events/index.ts";
import type { Connection, Database } from "../database/database.ts";
import type { Page, PageQuery } from "../database/paging.ts";
import { AppError, toAppError } from "../errors/app-error.ts";
import type { FailureReport } from "../errors/failure.ts";
import type { Clock } from "../lib/clock.ts";
import { newId } from "../lib/ids.ts";
import type { Logger } from "../logs/logger.ts";
import { foreignDrafts, ownDraft, pluginDraft } from "./drafts.ts";
import { DurableStore, type ParkedEvent } from "./durable-store.ts";
import {
  type DurableHandler,
  type DurableOptions,
  type DurableStatus,
  DurableSubscriber,
} from "./durable-subscriber.ts";
import {
  BUS_SOURCE,
  type Draft,
  type Event,
  type ForeignEvent,
  type NewEvent,
  type PluginEvent,
} from "./event.ts";
import { EventLog, type RingLimits } from "./event-log.ts";
import { EventStore } from "./event-store.ts";
import { EventTypeStore } from "./event-type-store.ts";
import { EventTypes } from "./event-types.ts";
import { type FollowOptions, follow } from "./following.ts";
import { type EventPattern, parsePattern, parsePatterns } from "./pattern.ts";
import {
  type EventHandler,
  Subscriber,
  type SubscriberOptions,
  type SubscriberStatus,
} from "./subscriber.ts";

interface EventsParts {
  database: Database;
  clock: Clock;
  log: Logger;
  limits?: RingLimits;
  /** Takes secrets out of a payload's text. */
  scrub?: (text: string) => string;
  /** Hears of subscribers that fail. */
  report?: FailureReport;
}

/** Which events a list shows. */
export interface EventQuery extends PageQuery {
  /** Patterns; none: all. */
  types?: readonly string[];
  source?: string | undefined;
  /** Only later ones, oldest first. */
  since?: number | undefined;
}

/** What is done in the same unit of work: the audit line of whoever asks. */
type Also = (tx: Connection) => Promise<void>;
const nothing: Also = async () => undefined;

/** How the bus fares. */
export interface BusStatus {
  ring: EventLog["extent"];
  subscribers: SubscriberStatus[];
  durable: DurableStatus[];
}

const MAX_SUBSCRIBERS = 1_000;
/** Types whose subscribers are remembered; a stream of ever new types begins anew. */
const MAX_REMEMBERED_TYPES = 1_000;

/**
 * The event bus. Events are checked against their type's schema, written to the durable ring, and then heard: by
 * subscribers in this process, each with a bounded queue of its own; by durable subscribers, at least once whatever
 * happens; and by followers, who read the ring at their own pace.
 */
export class Events {
  readonly types: EventTypes;
  readonly #parts: EventsParts;
  readonly #store: EventStore;
  readonly #durableStore: DurableStore;
  readonly #ring: EventLog;
  readonly #subscribers = new Map<string, Subscriber>();
  readonly #durable = new Map<string, DurableSubscriber>();
  readonly #reportedDrops = new Map<string, number>();
  #byType = new Map<string, Subscriber[]>();
  /** Handlers run outside the context of whoever published: its log fields and unit of work are not theirs. */
  readonly #outside = AsyncLocalStorage.snapshot();
  #isOpen = false;
  #isRunning = false;

  constructor(parts: EventsParts) {
    const { database, clock, limits } = parts;
    this.#parts = parts;
    this.#store = new EventStore(database);
    this.#durableStore = new DurableStore(database);
    this.types = new EventTypes(database, new EventTypeStore(database), clock);
    this.#ring = new EventLog(database, this.#store, clock, (events) => this.#dispatch(events), limits);
  }

  /** Reads what is stored, before the first event. Nobody is handed anything durably yet: an offline command publishes. */
  async open(): Promise<void> {
    await this.types.open();
    await this.#ring.open(() =>
      Math.min(...[...this.#durable.values()].map((subscriber) => subscriber.neededAfter)),
    );
    this.#isOpen = true;
  }

  /** Starts the durable subscribers, and opens the bus when that is still to be done. */
  async start(): Promise<void> {
    if (!this.#isOpen) await this.open();
    this.#isRunning = true;
    for (const subscriber of this.#durable.values()) await subscriber.start();
  }

  /** Ends all subscribers; durable ones write their place. */
  async stop(): Promise<void> {
    const wasRunning = this.#isRunning;
    this.#isOpen = false;
    this.#isRunning = false;
    for (const subscriber of this.#subscribers.values()) subscriber.end();
    // One that never started has no place to write, and must not write over the one that is stored.
    if (!wasRunning) return;
    await Promise.all([...this.#durable.values()].map((subscriber) => subscriber.stop()));
  }

  /** Publishes an event of Binnacle's own; settles when it is on disk. @throws AppError `internal` for a wrong payload, `overloaded` */
  async publish<Name extends EventName>(event: NewEvent<Name>): Promise<Event> {
    return this.#ring.append(this.#withoutSecrets(ownDraft(this.types, event)));
  }

  /** Publishes without anybody waiting for it; what keeps it from being written is logged. */
  publishLater<Name extends EventName>(event: NewEvent<Name>): void {
    this.publish(event).catch((error: unknown) => {
      this.#parts.log.error("An event was lost", { event: event.type, error: toAppError(error) });
    });
  }

  /** Publishes within the unit of work that causes the event: both happen, or neither. */
  async publishIn<Name extends EventName>(tx: Connection, event: NewEvent<Name>): Promise<Event> {
    return this.#ring.appendIn(tx, this.#withoutSecrets(ownDraft(this.types, event)));
  }

  /**
   * Publishes up to 100 events of an application, all or none.
   * @param caller who they are from when they do not say, without `app/`.
   * @throws AppError `validation_failed` with an issue for each thing that is wrong, `name_taken` for Binnacle's own types
   */
  async publishForeign(
    events: readonly ForeignEvent[],
    caller: string,
    correlationId: string,
  ): Promise<Event[]> {
    const drafts = foreignDrafts(this.types, events, caller, correlationId).map((draft) =>
      this.#withoutSecrets(draft),
    );
    return this.#parts.database.write(async (tx) => {
      const published: Event[] = [];
      for (const draft of drafts) published.push(await this.#ring.appendIn(tx, draft));
      return published;
    });
  }

  /** Publishes an event of a plugin, whose broker decided that it may. @throws AppError `validation_failed` */
  async publishOfPlugin(event: PluginEvent): Promise<Event> {
    return this.#ring.append(this.#withoutSecrets(pluginDraft(this.types, event)));
  }

  #withoutSecrets(draft: Draft): Draft {
    const text = this.#parts.scrub?.(draft.text) ?? draft.text;
    return text === draft.text ? draft : { ...draft, text, payload: JSON.parse(text) };
  }

  /**
   * Hears events of the types that `pattern` chooses from now on, in order. What is lost by slowness is counted and
   * reported; errors and timeouts are counted and logged.
   * @returns the id to {@link unsubscribe} by.
   */
  subscribe(pattern: string, handler: EventHandler, options: SubscriberOptions): string {
    if (this.#subscribers.size >= MAX_SUBSCRIBERS) {
      throw new AppError("overloaded", `There are ${MAX_SUBSCRIBERS} subscribers already.`);
    }
    const id = newId();
    const parsed = parsePattern(pattern);
    const subscriber = new Subscriber(
      id,
      parsed,
      handler,
      options,
      this.#parts.clock,
      (failing, event, error) => this.#logFailure(failing.name, event, error),
    );
    this.#subscribers.set(id, subscriber);
    this.#byType = new Map();
    return id;
  }

  /** Ends a subscription; an unknown id is already ended. */
  unsubscribe(id: string): void {
    this.#subscribers.get(id)?.end();
    this.#subscribers.delete(id);
    this.#reportedDrops.delete(id);
    this.#byType = new Map();
  }

  /** Adds a subscriber that gets every event at least once, over restarts; see {@link DurableSubscriber}. One of a name. */
  async subscribeDurably(pattern: string, handler: DurableHandler, options: DurableOptions): Promise<void> {
    if (this.#durable.has(options.name)) {
      throw new AppError("name_taken", `There is a durable subscriber ${options.name} already.`);
    }
    const { database, clock } = this.#parts;
    const subscriber = new DurableSubscriber(
      parsePattern(pattern),
      (event, signal) => this.#outside(() => handler(event, signal)),
      options,
      {
        database,
        clock,
        log: this.#ring,
        events: this.#store,
        store: this.#durableStore,
        failed: (name, event, error) => this.#logFailure(name, event, error),
        broken: (subscriber, error) =>
          this.#parts.log.error(
            "A durable subscriber could not read events or write its place; it tries again",
            { subscriber, error },
          ),
        parked: (parked) => this.#reportParked(parked),
        missed: (name, missed) =>
          this.#report({ type: "event.missed", payload: { subscriber: name, missed } }),
      },
    );
    this.#durable.set(options.name, subscriber);
    if (this.#isRunning) await subscriber.start();
  }

  /** Ends a durable subscriber; its place is kept under its name. An unknown name is already ended. */
  async unsubscribeDurably(name: string): Promise<void> {
    const subscriber = this.#durable.get(name);
    this.#durable.delete(name);
    if (this.#isRunning) await subscriber?.stop();
  }

  /** Reads events as they come, from `since` on; see {@link follow}. */
  follow(options: FollowOptions): AsyncIterableIterator<Event> {
    return follow(this.#ring, options);
  }

  /** @throws AppError `validation_failed`, `invalid_cursor` */
  async list(query: EventQuery): Promise<Page<Event>> {
    const patterns = parsePatterns(query.types ?? []);
    const types = patterns.length === 0 ? undefined : await this.#typesOf(patterns);
    return this.#store.list(query, { types, source: query.source, since: query.since });
  }

  /** Events that durable subscribers could not handle, oldest first. */
  async listParked(query: PageQuery, subscriber?: string): Promise<Page<ParkedEvent>> {
    return this.#durableStore.listParked(query, subscriber);
  }

  /**
   * Gives a parked event to its subscriber once more; it is forgotten when that succeeds.
   * @throws AppError `parked_event_not_found`, and what the handler throws
   */
  async retryParked(id: string, also: Also = nothing): Promise<void> {
    const parked = await this.#durableStore.findParked(id);
    const subscriber = parked && this.#durable.get(parked.subscriber);
    if (!parked || !subscriber) throw new AppError("parked_event_not_found");
    await subscriber.retry(parked.event);
    await this.#forgetParked(id, also);
  }

  /** Forgets a parked event. @throws AppError `parked_event_not_found` */
  async discardParked(id: string, also: Also = nothing): Promise<void> {
    if (!(await this.#durableStore.findParked(id))) throw new AppError("parked_event_not_found");
    await this.#forgetParked(id, also);
  }

  async #forgetParked(id: string, also: Also): Promise<void> {
    await this.#parts.database.write(async (tx) => {
      await this.#durableStore.removeParked(tx, id);
      await also(tx);
    });
  }

  status(): BusStatus {
    return {
      ring: this.#ring.extent,
      subscribers: [...this.#subscribers.values()].map(({ status }) => status),
      durable: [...this.#durable.values()].map(({ status }) => status),
    };
  }

  /** Brings the ring back to its size; see {@link EventLog.cut}. */
  async cut(): Promise<void> {
    await this.#ring.cut();
  }

  /** Publishes what subscribers lost since the last report. */
  async reportDrops(): Promise<void> {
    for (const { id, name, dropped: total } of this.#subscribers.values()) {
      const dropped = total - (this.#reportedDrops.get(id) ?? 0);
      if (dropped === 0) continue;
      this.#reportedDrops.set(id, total);
      const source = BUS_SOURCE;
      await this.publish({ type: "event.dropped", source, payload: { subscriber: name, dropped, total } });
    }
  }

  #dispatch(events: readonly Event[]): void {
    this.#outside(() => {
      for (const event of events)
        for (const subscriber of this.#hearersOf(event.type)) subscriber.offer(event);
    });
  }

  #hearersOf(type: string): readonly Subscriber[] {
    const known = this.#byType.get(type);
    if (known) return known;
    if (this.#byType.size >= MAX_REMEMBERED_TYPES) this.#byType = new Map();
    const hearers = [...this.#subscribers.values()].filter(({ pattern }) => pattern.matches(type));
    this.#byType.set(type, hearers);
    return hearers;
  }

  async #typesOf(patterns: readonly EventPattern[]): Promise<string[]> {
    if (patterns.every(({ text }) => !text.includes("*"))) return patterns.map(({ text }) => text);
    const present = await this.#store.listTypes();
    return present.filter((type) => patterns.some((pattern) => pattern.matches(type)));
  }

  #reportParked({ id: parkedId, subscriber, event, attempts, message }: ParkedEvent): void {
    this.#parts.log.error("An event was put aside", {
      subscriber,
      type: event.type,
      eventId: event.id,
      message,
    });
    // A report that cannot be handled must not bring forth another one.
    if (event.source === BUS_SOURCE) return;
    const { id: eventId, type, source: eventSource } = event;
    const payload = { subscriber, parkedId, eventId, type, eventSource, attempts, message };
    this.#report({ type: "event.parked", payload });
  }

  #report(event: NewEvent): void {
    this.publishLater({ ...event, source: BUS_SOURCE });
  }

  #logFailure(subscriber: string, event: Event, error: unknown): void {
    const { type, id: eventId, correlationId } = event;
    this.#parts.report?.(error, { where: `subscriber ${subscriber} of ${type}`, correlationId });
    this.#parts.log.warning("A subscriber failed", {
      subscriber,
      type,
      eventId,
      correlationId,
      error: toAppError(error),
    });
  }
}
