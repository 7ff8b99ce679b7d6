import type { EventName } from "../../schema/events/index.ts";
import type { Connection, Database } from "../database/database.ts";
import type { Page, PageQuery } from "../database/paging.ts";
import { type AppError, toAppError } from "../errors/app-error.ts";
import type { FailureReport } from "../errors/failure.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../logs/logger.ts";
import { foreignDrafts, ownDraft, pluginDraft } from "./drafts.ts";
import type { DurableHandler, DurableOptions, DurableStatus } from "./durable.ts";
import type { ParkedEvent } from "./durable-store.ts";
import { DurableSubscribers } from "./durable-subscribers.ts";
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
import { type EventPattern, parsePatterns } from "./pattern.ts";
import type { EventHandler, SubscriberOptions, SubscriberStatus } from "./subscriber.ts";
import { Subscribers } from "./subscribers.ts";

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
  correlationId?: string | undefined;
  /** Only later ones, oldest first. */
  since?: number | undefined;
}

/** What is done in the same unit of work: the audit line of whoever asks. */
type Also = (tx: Connection) => Promise<void>;

/** How the bus fares. */
export interface BusStatus {
  ring: EventLog["extent"];
  subscribers: SubscriberStatus[];
  durable: DurableStatus[];
}

/**
 * The event bus. Events are checked against their type's schema, written to the durable ring, and then heard: by
 * subscribers in this process, each with a bounded queue of its own; by durable subscribers, at least once whatever
 * happens; and by followers, who read the ring at their own pace.
 */
export class Events {
  readonly types: EventTypes;
  readonly #parts: EventsParts;
  readonly #store: EventStore;
  readonly #ring: EventLog;
  readonly #subscribers: Subscribers;
  readonly #durable: DurableSubscribers;
  #isOpen = false;

  constructor(parts: EventsParts) {
    const { database, clock, limits } = parts;
    this.#parts = parts;
    this.#store = new EventStore(database);
    this.types = new EventTypes(database, new EventTypeStore(database), clock);
    const failed = (name: string, event: Event, error: unknown) => this.#logFailure(name, event, error);
    this.#subscribers = new Subscribers(clock, failed);
    const announced = (events: readonly Event[]) => this.#subscribers.dispatch(events);
    this.#ring = new EventLog(database, this.#store, clock, announced, limits);
    this.#durable = new DurableSubscribers({
      ...{ database, clock, log: this.#ring, events: this.#store },
      reports: {
        failed,
        broken: (subscriber, error) => this.#logBroken(subscriber, error),
        parked: (parked) => this.#reportParked(parked),
        missed: (subscriber, missed) =>
          this.#report({ type: "event.missed", payload: { subscriber, missed } }),
      },
    });
  }

  /** Reads what is stored, before the first event. Nobody is handed anything durably yet: an offline command publishes. */
  async open(): Promise<void> {
    await this.types.open();
    await this.#ring.open(() => this.#durable.neededAfter);
    this.#isOpen = true;
  }

  /** Starts the durable subscribers, and opens the bus when that is still to be done. */
  async start(): Promise<void> {
    if (!this.#isOpen) await this.open();
    await this.#durable.start();
  }

  /** Ends all subscribers; durable ones write their place. */
  async stop(): Promise<void> {
    this.#isOpen = false;
    this.#subscribers.end();
    await this.#durable.stop();
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

  /**
   * Publishes an event of a plugin, whose broker decided that it may, within a unit of work.
   * @throws AppError `validation_failed` before anything is written
   */
  async publishOfPluginIn(tx: Connection, event: PluginEvent): Promise<Event> {
    return this.#ring.appendIn(tx, this.#withoutSecrets(pluginDraft(this.types, event)));
  }

  #withoutSecrets(draft: Draft): Draft {
    const text = this.#parts.scrub?.(draft.text) ?? draft.text;
    return text === draft.text ? draft : { ...draft, text, payload: JSON.parse(text) };
  }

  /**
   * Hears events of the types that `pattern` chooses from now on, in order. What is lost by slowness is counted and
   * reported; errors and timeouts are counted and logged.
   * @returns the id to {@link unsubscribe} by.
   * @throws AppError `validation_failed`, `overloaded`
   */
  subscribe(pattern: string, handler: EventHandler, options: SubscriberOptions): string {
    return this.#subscribers.add(pattern, handler, options);
  }

  /** Ends a subscription; an unknown id is already ended. */
  unsubscribe(id: string): void {
    this.#subscribers.remove(id);
  }

  /**
   * Adds a subscriber that gets every event of these patterns at least once, over restarts; see {@link DurableOptions}.
   * @throws AppError `validation_failed`, `name_taken`: one of a name
   */
  async subscribeDurably(
    patterns: string | readonly string[],
    handler: DurableHandler,
    options: DurableOptions,
  ): Promise<void> {
    await this.#durable.add(typeof patterns === "string" ? [patterns] : patterns, handler, options);
  }

  /** Lets a durable subscriber hear other types from its next event on. @throws AppError `internal` when there is none */
  chooseDurably(name: string, patterns: readonly string[]): void {
    this.#durable.choose(name, patterns);
  }

  /** Ends a durable subscriber; its place is kept under its name. An unknown name is already ended. */
  async unsubscribeDurably(name: string): Promise<void> {
    await this.#durable.remove(name);
  }

  /** Ends a durable subscriber for good: its place is forgotten, one of the same name begins anew. */
  async forgetDurably(name: string): Promise<void> {
    await this.#durable.forget(name);
  }

  /** Reads events as they come, from `since` on; see {@link follow}. */
  follow(options: FollowOptions): AsyncIterableIterator<Event> {
    return follow(this.#ring, options);
  }

  /** @throws AppError `validation_failed`, `invalid_cursor` */
  async list(query: EventQuery): Promise<Page<Event>> {
    const patterns = parsePatterns(query.types ?? []);
    const types = patterns.length === 0 ? undefined : await this.#typesOf(patterns);
    const { source, correlationId, since } = query;
    return this.#store.list(query, { types, source, correlationId, since });
  }

  /** Events that durable subscribers could not handle, oldest first. */
  async listParked(query: PageQuery, subscriber?: string): Promise<Page<ParkedEvent>> {
    return this.#durable.listParked(query, subscriber);
  }

  /**
   * Gives a parked event to its subscriber once more; it is forgotten when that succeeds.
   * @throws AppError `parked_event_not_found`, and what the handler throws
   */
  async retryParked(id: string, also?: Also): Promise<void> {
    await this.#durable.retryParked(id, also);
  }

  /** Forgets a parked event. @throws AppError `parked_event_not_found` */
  async discardParked(id: string, also?: Also): Promise<void> {
    await this.#durable.discardParked(id, also);
  }

  status(): BusStatus {
    return {
      ring: this.#ring.extent,
      subscribers: this.#subscribers.status(),
      durable: this.#durable.status(),
    };
  }

  /** Brings the ring back to its size; see {@link EventLog.cut}. */
  async cut(): Promise<void> {
    await this.#ring.cut();
  }

  /** Publishes what subscribers lost since the last report. */
  async reportDrops(): Promise<void> {
    for (const payload of this.#subscribers.takeDrops()) {
      await this.publish({ type: "event.dropped", source: BUS_SOURCE, payload });
    }
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

  #logBroken(subscriber: string, error: AppError): void {
    const message = "A durable subscriber could not read events or write its place; it tries again";
    this.#parts.log.error(message, { subscriber, error });
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
