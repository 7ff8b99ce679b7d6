import { LRUCache } from "lru-cache";
import type { Clock } from "../lib/clock.ts";

interface CacheOptions<Value> {
  maxEntries: number;
  /** Sum of `sizeOf` over all entries. */
  maxSizeBytes: number;
  sizeOf: (value: Value) => number;
  clock: Pick<Clock, "monotonic">;
}

/** How a value is kept. */
export interface CachePlacement {
  key: string;
  /** Invalidating any of these drops the value. */
  tags: readonly string[];
  ttlMs: number;
}

/** What a load gives: a value, and whether it may be kept (an error's answer is shared but not kept). */
export interface Loaded<Value> {
  value: Value;
  isKept: boolean;
}

/** How a cache does. Counters run since the start. */
export interface CacheStatistics {
  entries: number;
  sizeBytes: number;
  hits: number;
  misses: number;
  /** Asked while the same value was being loaded: served by that load. */
  shared: number;
  invalidations: number;
}

interface Entry<Value> {
  value: Value;
  tags: readonly string[];
  expiresAtMs: number;
}

interface Flight<Value> {
  promise: Promise<Loaded<Value>>;
  /** Set when a tag of the value was invalidated meanwhile: what is loaded may be older than that change. */
  isStale: boolean;
  tags: readonly string[];
}

/**
 * Values in memory, the least recently used go first. A value ends by its time to live or by one of its tags.
 * Whoever asks after an invalidation has returned never gets a value whose load began before it.
 */
export class Cache<Value> {
  readonly #entries: LRUCache<string, Entry<Value>>;
  readonly #flights = new Map<string, Flight<Value>>();
  readonly #keysOfTag = new Map<string, Set<string>>();
  readonly #clock: Pick<Clock, "monotonic">;
  #hits = 0;
  #misses = 0;
  #shared = 0;
  #invalidations = 0;

  constructor({ maxEntries, maxSizeBytes, sizeOf, clock }: CacheOptions<Value>) {
    this.#clock = clock;
    this.#entries = new LRUCache({
      max: maxEntries,
      maxSize: maxSizeBytes,
      sizeCalculation: (entry, key) => Math.max(1, sizeOf(entry.value) + key.length),
      dispose: (entry, key) => this.#untag(key, entry.tags),
    });
  }

  /** The value when it is there and fresh. Counts a hit, not a miss. */
  find(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (entry.expiresAtMs <= this.#clock.monotonic()) {
      this.#entries.delete(key);
      return undefined;
    }
    this.#hits++;
    return entry.value;
  }

  /** Finds, or loads; callers that ask for the same key at the same time share one load. */
  async findOrLoad(placement: CachePlacement, load: () => Promise<Loaded<Value>>): Promise<Value> {
    const known = this.find(placement.key);
    if (known !== undefined) return known;
    const running = this.#flights.get(placement.key);
    if (running && !running.isStale) {
      this.#shared++;
      return (await running.promise).value;
    }
    this.#misses++;
    return this.#load(placement, load);
  }

  /** Drops every value with any of these tags, and keeps loads under way from being stored. */
  invalidate(tags: readonly string[]): void {
    this.#invalidations++;
    for (const tag of tags) {
      for (const key of [...(this.#keysOfTag.get(tag) ?? [])]) this.#entries.delete(key);
    }
    for (const flight of this.#flights.values()) {
      if (flight.tags.some((tag) => tags.includes(tag))) flight.isStale = true;
    }
  }

  /** Drops everything. */
  clear(): void {
    this.#invalidations++;
    this.#entries.clear();
    for (const flight of this.#flights.values()) flight.isStale = true;
  }

  get statistics(): CacheStatistics {
    return {
      entries: this.#entries.size,
      sizeBytes: this.#entries.calculatedSize,
      hits: this.#hits,
      misses: this.#misses,
      shared: this.#shared,
      invalidations: this.#invalidations,
    };
  }

  async #load({ key, tags, ttlMs }: CachePlacement, load: () => Promise<Loaded<Value>>): Promise<Value> {
    const flight: Flight<Value> = { promise: load(), isStale: false, tags };
    this.#flights.set(key, flight);
    try {
      const { value, isKept } = await flight.promise;
      if (isKept && !flight.isStale)
        this.#store(key, { value, tags, expiresAtMs: this.#clock.monotonic() + ttlMs });
      return value;
    } finally {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    }
  }

  #store(key: string, entry: Entry<Value>): void {
    this.#entries.set(key, entry);
    if (!this.#entries.has(key)) return;
    for (const tag of entry.tags) {
      const keys = this.#keysOfTag.get(tag) ?? new Set();
      this.#keysOfTag.set(tag, keys.add(key));
    }
  }

  #untag(key: string, tags: readonly string[]): void {
    for (const tag of tags) {
      const keys = this.#keysOfTag.get(tag);
      keys?.delete(key);
      if (keys?.size === 0) this.#keysOfTag.delete(tag);
    }
  }
}
