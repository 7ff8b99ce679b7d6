import { AsyncLocalStorage } from "node:async_hooks";
import type { Connection, Database } from "../database/database.ts";
import type { Page, PageQuery } from "../database/paging.ts";
import { AppError } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { DurableHandler, DurableOptions, DurableStatus } from "./durable.ts";
import { DurableStore, type ParkedEvent } from "./durable-store.ts";
import { type DurableParts, DurableSubscriber } from "./durable-subscriber.ts";
import type { EventLog } from "./event-log.ts";
import type { EventStore } from "./event-store.ts";
import { type EventPattern, parsePattern } from "./pattern.ts";

/** What is done in the same unit of work: the audit line of whoever asks. */
type Also = (tx: Connection) => Promise<void>;
const nothing: Also = async () => undefined;

interface DurableSubscribersParts {
  database: Database;
  clock: Clock;
  log: EventLog;
  events: EventStore;
  /** Hear of what goes wrong with one. */
  reports: Pick<DurableParts, "failed" | "broken" | "parked" | "missed">;
}

/** The subscribers that hear at least once, by name, and the events they put aside; see {@link DurableSubscriber}. */
export class DurableSubscribers {
  readonly #parts: DurableSubscribersParts;
  readonly #store: DurableStore;
  readonly #byName = new Map<string, DurableSubscriber>();
  /** Handlers run outside the context of whoever adds them. */
  readonly #outside = AsyncLocalStorage.snapshot();
  #isRunning = false;

  constructor(parts: DurableSubscribersParts) {
    this.#parts = parts;
    this.#store = new DurableStore(parts.database);
  }

  async start(): Promise<void> {
    this.#isRunning = true;
    for (const subscriber of this.#byName.values()) await subscriber.start();
  }

  /** One that never started has no place to write, and must not write over the one that is stored. */
  async stop(): Promise<void> {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    await Promise.all([...this.#byName.values()].map((subscriber) => subscriber.stop()));
  }

  /** The number after which one of them still needs every event. */
  get neededAfter(): number {
    return Math.min(...[...this.#byName.values()].map((subscriber) => subscriber.neededAfter));
  }

  status(): DurableStatus[] {
    return [...this.#byName.values()].map(({ status }) => status);
  }

  /** @throws AppError `validation_failed` for what is no pattern or none at all, `name_taken`, what storage throws: then there is none */
  async add(patterns: readonly string[], handler: DurableHandler, options: DurableOptions): Promise<void> {
    if (this.#byName.has(options.name)) {
      throw new AppError("name_taken", `There is a durable subscriber ${options.name} already.`);
    }
    const { reports, ...parts } = this.#parts;
    const subscriber = new DurableSubscriber(
      someOf(patterns),
      (event, signal) => this.#outside(() => handler(event, signal)),
      options,
      { ...parts, ...reports, store: this.#store },
    );
    this.#byName.set(options.name, subscriber);
    if (!this.#isRunning) return;
    try {
      await subscriber.start();
    } catch (error) {
      this.#byName.delete(options.name);
      throw error;
    }
  }

  /** @throws AppError `validation_failed` as {@link add}, `internal` for an unknown name */
  choose(name: string, patterns: readonly string[]): void {
    const subscriber = this.#byName.get(name);
    if (!subscriber) throw new AppError("internal", `There is no durable subscriber ${name}.`);
    subscriber.choose(someOf(patterns));
  }

  /** Its place is kept under its name. An unknown name is already ended. */
  async remove(name: string): Promise<void> {
    const subscriber = this.#byName.get(name);
    this.#byName.delete(name);
    if (this.#isRunning) await subscriber?.stop();
  }

  /** Ends one for good: under the same name the next begins anew. */
  async forget(name: string): Promise<void> {
    await this.remove(name);
    if (!(await this.#store.find(name))) return;
    await this.#parts.database.write((tx) => this.#store.remove(tx, name));
  }

  async listParked(query: PageQuery, subscriber?: string): Promise<Page<ParkedEvent>> {
    return this.#store.listParked(query, subscriber);
  }

  /** @throws AppError `parked_event_not_found`, and what the handler throws */
  async retryParked(id: string, also: Also = nothing): Promise<void> {
    const parked = await this.#store.findParked(id);
    const subscriber = parked && this.#byName.get(parked.subscriber);
    if (!parked || !subscriber) throw new AppError("parked_event_not_found");
    await subscriber.retry(parked.event);
    await this.#forgetParked(id, also);
  }

  /** @throws AppError `parked_event_not_found` */
  async discardParked(id: string, also: Also = nothing): Promise<void> {
    if (!(await this.#store.findParked(id))) throw new AppError("parked_event_not_found");
    await this.#forgetParked(id, also);
  }

  async #forgetParked(id: string, also: Also): Promise<void> {
    await this.#parts.database.write(async (tx) => {
      await this.#store.removeParked(tx, id);
      await also(tx);
    });
  }
}

function someOf(patterns: readonly string[]): EventPattern[] {
  if (patterns.length === 0)
    throw new AppError("internal", "A durable subscriber without a pattern hears nothing.");
  return patterns.map(parsePattern);
}
