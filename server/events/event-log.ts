import type { Connection, Database } from "../database/database.ts";
import { AppError } from "../errors/app-error.ts";
import type { Bell } from "../lib/bell.ts";
import type { Clock } from "../lib/clock.ts";
import type { Draft, Event } from "./event.ts";
import type { EventStore } from "./event-store.ts";

/** How much the ring keeps. */
export interface RingLimits {
  maxEvents: number;
  maxBytes: number;
}

const RING_LIMITS: RingLimits = { maxEvents: 100_000, maxBytes: 64 * 1_024 * 1_024 };
/** For a durable subscriber that is behind, the ring may grow to this many times its size; then events are lost to it. */
const HARD_FACTOR = 4;
/** Newest events in memory: readers that keep up never touch the file. */
const RECENT_EVENTS = 1_000;
const RECENT_BYTES = 8 * 1_024 * 1_024;
/** Events of one unit of work, and how many publishers may wait for theirs. */
const MAX_BATCH = 500;
const MAX_WAITING = 10_000;
const CUT_ROWS = 2_000;

interface Waiting {
  draft: Draft;
  settle: { resolve: (event: Event) => void; reject: (error: unknown) => void };
}

type Weighed = Event & { sizeBytes: number };

/**
 * The durable order of events: appended in units of work, numbered without holes, read from any number that the ring
 * still holds. Whoever publishes outside a unit shares one with the others who wait, so that one flush to disk serves
 * them all.
 */
export class EventLog {
  readonly #database: Database;
  readonly #store: EventStore;
  readonly #clock: Clock;
  readonly #limits: RingLimits;
  readonly #bells = new Set<Bell>();
  readonly #announced: (events: readonly Event[]) => void;
  #waiting: Waiting[] = [];
  #isFlushing = false;
  #recent: Weighed[] = [];
  #recentBytes = 0;
  #oldestSeq = 1;
  #newestSeq = 0;
  /** What was announced since the start, until the first cut has weighed the rest: that takes too long for a start. */
  #sizeBytes = 0;
  #isWeighed = false;
  #neededAfter: () => number = () => Number.MAX_SAFE_INTEGER;

  /** @param announced hears of each commit's events, in order. */
  constructor(
    database: Database,
    store: EventStore,
    clock: Clock,
    announced: (events: readonly Event[]) => void,
    limits: RingLimits = RING_LIMITS,
  ) {
    this.#database = database;
    this.#store = store;
    this.#clock = clock;
    this.#announced = announced;
    this.#limits = limits;
  }

  /**
   * Finds out what the ring holds: before anything is published, and again when another file took the place of this one.
   * @param neededAfter the number after which somebody still needs every event.
   */
  async open(neededAfter: () => number): Promise<void> {
    const { oldestSeq, newestSeq } = await this.#store.span();
    this.#oldestSeq = oldestSeq;
    this.#newestSeq = newestSeq;
    this.#sizeBytes = 0;
    this.#isWeighed = false;
    this.#neededAfter = neededAfter;
    this.#recent = [];
    this.#recentBytes = 0;
  }

  /** Number of the newest event; 0 before the first. */
  get newestSeq(): number {
    return this.#newestSeq;
  }

  /** Number of the oldest event that can be read. */
  get oldestSeq(): number {
    return this.#oldestSeq;
  }

  /** What the ring holds now. */
  get extent(): { oldestSeq: number; newestSeq: number; events: number; sizeBytes: number } {
    const events = this.#newestSeq - this.#oldestSeq + 1;
    return { oldestSeq: this.#oldestSeq, newestSeq: this.#newestSeq, events, sizeBytes: this.#sizeBytes };
  }

  /** Appends within the unit of work that causes the event: both happen, or neither. Heard after the commit. */
  async appendIn(tx: Connection, draft: Draft): Promise<Event> {
    const event = await this.#store.append(tx, draft, this.#clock.now());
    this.#database.afterCommit(() => this.#announce([event]));
    return event;
  }

  /**
   * Appends in a unit shared with others; settles when it is on disk.
   * @throws AppError `overloaded`; `internal` within a unit of work, which it would wait for; what storage throws
   */
  async append(draft: Draft): Promise<Event> {
    if (this.#database.isInUnit) {
      throw new AppError("internal", "Within a unit of work an event is published by its transaction.");
    }
    if (this.#waiting.length >= MAX_WAITING) {
      throw new AppError("overloaded", "More events are published than can be written; try again shortly.");
    }
    const { promise, ...settle } = Promise.withResolvers<Event>();
    this.#waiting.push({ draft, settle });
    if (!this.#isFlushing) {
      this.#isFlushing = true;
      queueMicrotask(() => void this.#flush());
    }
    return promise;
  }

  /** Events after `seq`, oldest first; empty when there are none yet. */
  async after(seq: number, limit: number): Promise<readonly Event[]> {
    if (seq >= this.#newestSeq) return [];
    const [first] = this.#recent;
    if (first && seq + 1 >= first.seq) {
      const start = seq + 1 - first.seq;
      return this.#recent.slice(start, start + limit);
    }
    // What is on disk and not announced yet is left for later: nobody sees an event before those ahead of it.
    const found = await this.#store.listAfter(seq, limit);
    return found.filter((event) => event.seq <= this.#newestSeq);
  }

  /** Rings the bell at every commit, until the returned function is called. */
  listen(bell: Bell): () => void {
    this.#bells.add(bell);
    return () => this.#bells.delete(bell);
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MAX_BATCH);
      try {
        const written = await this.#database.write((tx) => this.#writeBatch(tx, batch));
        for (const [index, event] of written.entries()) batch[index]?.settle.resolve(event);
      } catch (error) {
        for (const { settle } of batch) settle.reject(error);
      }
    }
    this.#isFlushing = false;
  }

  async #writeBatch(tx: Connection, batch: readonly Waiting[]): Promise<Weighed[]> {
    const time = this.#clock.now();
    const written: Weighed[] = [];
    for (const { draft } of batch) written.push(await this.#store.append(tx, draft, time));
    this.#database.afterCommit(() => this.#announce(written));
    return written;
  }

  #announce(written: readonly Weighed[]): void {
    const last = written.at(-1);
    if (!last) return;
    this.#newestSeq = last.seq;
    for (const event of written) {
      this.#sizeBytes += event.sizeBytes;
      this.#recentBytes += event.sizeBytes;
      this.#recent.push(event);
    }
    this.#forgetRecent();
    this.#announced(written);
    for (const bell of this.#bells) bell.ring();
  }

  /** In one step at the end of a batch, since shifting one by one would copy the list each time. */
  #forgetRecent(): void {
    let drop = 0;
    while (this.#recent.length - drop > RECENT_EVENTS || this.#recentBytes > RECENT_BYTES) {
      this.#recentBytes -= this.#recent[drop]?.sizeBytes ?? 0;
      drop++;
    }
    if (drop > 0) this.#recent = this.#recent.slice(drop);
  }

  #isOver(factor: number): boolean {
    const { maxEvents, maxBytes } = this.#limits;
    return this.extent.events > maxEvents * factor || this.#sizeBytes > maxBytes * factor;
  }

  /** Cuts the oldest events until the ring has its size again; what a durable subscriber needs stays up to the hard limit. */
  async cut(): Promise<void> {
    if (!this.#isWeighed) {
      const sinceStart = this.#sizeBytes;
      const stored = await this.#store.sizeUpTo(this.#newestSeq);
      this.#sizeBytes += stored - sinceStart;
      this.#isWeighed = true;
    }
    while (this.#isOver(1)) {
      const oldest = await this.#store.listOldest(CUT_ROWS);
      const factor = this.#isOver(HARD_FACTOR) ? HARD_FACTOR : 1;
      const needed = factor === 1 ? this.#neededAfter() : Number.MAX_SAFE_INTEGER;
      const cut = this.#chooseCut(oldest, factor, needed);
      if (cut.seq === 0) return;
      await this.#database.write((tx) => this.#store.removeUpTo(tx, cut.seq));
      this.#oldestSeq = cut.seq + 1;
      this.#sizeBytes -= cut.sizeBytes;
    }
  }

  #chooseCut(
    oldest: readonly { seq: number; sizeBytes: number }[],
    factor: number,
    needed: number,
  ): { seq: number; sizeBytes: number } {
    const { maxEvents, maxBytes } = this.#limits;
    let { events, sizeBytes } = this.extent;
    const cut = { seq: 0, sizeBytes: 0 };
    for (const row of oldest) {
      const fits = events <= maxEvents * factor && sizeBytes <= maxBytes * factor;
      if (fits || row.seq > needed) break;
      events--;
      sizeBytes -= row.sizeBytes;
      cut.seq = row.seq;
      cut.sizeBytes += row.sizeBytes;
    }
    return cut;
  }
}
