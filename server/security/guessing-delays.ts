import { LRUCache } from "lru-cache";
import type { Clock } from "../lib/clock.ts";

/** Callers remembered of each kind; the one forgotten is the one longest silent. */
const MAX_KEYS = 20_000;
/** Failures are forgotten after this much quiet. */
const MEMORY_MS = 12 * 60 * 60 * 1_000;
/** The first wait; each further failure doubles it. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15 * 60 * 1_000;
/** A person mistypes; nobody mistypes more often than that without a pause. */
const FREE_FAILURES = 4;
/** Names that one network may fail with before it has to wait whatever name it tries: credential stuffing. */
const FREE_FAILURES_OF_NETWORK = 20;

/** Who tries to sign in, as far as it can be told before the password is known to be right. */
export interface Attempt {
  /** The name that was typed, normalised; whether there is such a user makes no difference. */
  name: string;
  /** What counts as one client: see `networkOf`. */
  network: string;
  /** A browser in which that very user signed in before. */
  deviceId?: string | undefined;
}

interface Failures {
  count: number;
  /** Monotonic; no attempt before. */
  waitUntil: number;
}

/**
 * Waits that grow with failures, so that passwords cannot be guessed, counted so that nobody can lock out another:
 * never by the account alone, but by account and network together, by network over all accounts (credential stuffing),
 * and for a browser that signed in before by that browser only. Kept in memory: a restart forgets.
 */
export class GuessingDelays {
  readonly #clock: Clock;
  readonly #byKey = new LRUCache<string, Failures>({ max: MAX_KEYS });
  readonly #byNetwork = new LRUCache<string, Failures>({ max: MAX_KEYS });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long this caller has to wait before the next attempt is looked at; 0 when it may come. */
  waitMs(attempt: Attempt): number {
    const now = this.#clock.monotonic();
    const own = this.#current(this.#byKey, keyOf(attempt));
    const shared =
      attempt.deviceId === undefined ? this.#current(this.#byNetwork, attempt.network) : undefined;
    return Math.max(0, (own?.waitUntil ?? 0) - now, (shared?.waitUntil ?? 0) - now);
  }

  /** Counts a wrong password. */
  failed(attempt: Attempt): void {
    this.#count(this.#byKey, keyOf(attempt), FREE_FAILURES);
    if (attempt.deviceId === undefined) {
      this.#count(this.#byNetwork, attempt.network, FREE_FAILURES_OF_NETWORK);
    }
  }

  /**
   * Takes back what {@link failed} counted for an attempt that turned out right, and forgets the failures of this
   * caller with this name. Those of the network stay: an attacker who owns one account would clear them by it.
   */
  succeeded(attempt: Attempt): void {
    this.#byKey.delete(keyOf(attempt));
    if (attempt.deviceId !== undefined) return;
    const shared = this.#byNetwork.get(attempt.network);
    if (shared) this.#byNetwork.set(attempt.network, { count: shared.count - 1, waitUntil: 0 });
  }

  #count(failures: LRUCache<string, Failures>, key: string, free: number): void {
    const count = (this.#current(failures, key)?.count ?? 0) + 1;
    const doublings = count - free - 1;
    const waitMs = doublings < 0 ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** doublings);
    failures.set(key, { count, waitUntil: this.#clock.monotonic() + waitMs });
  }

  #current(failures: LRUCache<string, Failures>, key: string): Failures | undefined {
    const known = failures.get(key);
    if (!known || this.#clock.monotonic() < known.waitUntil + MEMORY_MS) return known;
    failures.delete(key);
    return undefined;
  }
}

const keyOf = ({ name, network, deviceId }: Attempt): string =>
  deviceId === undefined ? `${network} ${name}` : `device ${deviceId}`;
