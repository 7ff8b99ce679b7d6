import { LRUCache } from "lru-cache";
import type { Configuration } from "../config/configuration.ts";
import type { Settings } from "../config/schema.ts";
import type { Clock } from "../lib/clock.ts";

/** The classes of caller that have a bucket each: see `limits` of the settings. */
export type RateClass = keyof Settings["limits"];

/** What {@link RateLimits.take} says. */
export interface RateVerdict {
  allowed: boolean;
  /** 0 when allowed; else the time after which one request fits again. */
  retryAfterMs: number;
  /** Whole requests left at once. */
  remaining: number;
}

interface Bucket {
  level: number;
  /** Monotonic. */
  filledAt: number;
}

/** Callers remembered in each class. The one forgotten is the one longest silent, whose bucket is likely full again. */
const MAX_KEYS = 20_000;
const MINUTE_MS = 60_000;

/**
 * Token buckets: each caller may spend `burst` requests at once and `perMinute` in the long run. The settings are read
 * at each request, so that a change counts at once; a smaller burst cuts what was saved up.
 */
export class RateLimits {
  readonly #configuration: Configuration;
  readonly #clock: Clock;
  readonly #buckets = new Map<RateClass, LRUCache<string, Bucket>>();

  constructor(configuration: Configuration, clock: Clock) {
    this.#configuration = configuration;
    this.#clock = clock;
  }

  /** Spends one request of `key` (a token id, session id or {@link networkOf} an address) in `rateClass`. */
  take(rateClass: RateClass, key: string): RateVerdict {
    const { perMinute, burst } = this.#configuration.settings.limits[rateClass];
    const now = this.#clock.monotonic();
    const buckets = this.#bucketsOf(rateClass);
    const bucket = buckets.get(key) ?? { level: burst, filledAt: now };
    const perMs = perMinute / MINUTE_MS;
    const level = Math.min(burst, bucket.level + (now - bucket.filledAt) * perMs);
    const allowed = level >= 1;
    bucket.level = allowed ? level - 1 : level;
    bucket.filledAt = now;
    buckets.set(key, bucket);
    return {
      allowed,
      retryAfterMs: allowed ? 0 : Math.ceil((1 - level) / perMs),
      remaining: Math.floor(bucket.level),
    };
  }

  #bucketsOf(rateClass: RateClass): LRUCache<string, Bucket> {
    const known = this.#buckets.get(rateClass);
    if (known) return known;
    const made = new LRUCache<string, Bucket>({ max: MAX_KEYS });
    this.#buckets.set(rateClass, made);
    return made;
  }
}
