import { type Centre, centreOf, robustZ } from "./robust-z.ts";

/** What a condition that looks back asks of the values before the one it judges. */
export interface Past {
  readonly count: number;
  /** Infinity while there is none. */
  readonly least: number;
  /** −Infinity while there is none. */
  readonly most: number;
  /** The modified z-score of a value against them; 0 while there is none. */
  zOf(value: number): number;
}

/** Values looked back at; those of a longer window are taken further apart. */
const MAX_RECENT = 360;
const MS_PER_SECOND = 1_000;

/**
 * The values of one series within a window, kept in order of time and of size: a new one costs two searches and two moves,
 * and what is asked of them is not reckoned anew while they stay. Up to 9 KiB.
 */
export class RecentValues implements Past {
  readonly #windowMs: number;
  readonly #times: number[] = [];
  readonly #values: number[] = [];
  readonly #sorted: number[] = [];
  #latest: { at: number; value: number } | undefined;
  #centre: Centre | undefined;

  constructor(windowSeconds: number) {
    this.#windowMs = windowSeconds * MS_PER_SECOND;
  }

  get count(): number {
    return this.#sorted.length;
  }

  get least(): number {
    return this.#sorted[0] ?? Number.POSITIVE_INFINITY;
  }

  get most(): number {
    return this.#sorted.at(-1) ?? Number.NEGATIVE_INFINITY;
  }

  zOf(value: number): number {
    if (this.#sorted.length === 0) return 0;
    this.#centre ??= centreOf(this.#sorted);
    return robustZ(this.#centre, value);
  }

  /** Takes in a value, finite; what is asked from then on is asked of those before it. `at` in epoch milliseconds. */
  observe(at: number, value: number): Past {
    this.#keepLatest();
    this.#latest = { at, value };
    while ((this.#times[0] ?? at) <= at - this.#windowMs) this.#forget(0);
    // What lies ahead was taken before the clock was set back.
    while ((this.#times.at(-1) ?? at) > at) this.#forget(this.#times.length - 1);
    return this;
  }

  #keepLatest(): void {
    if (!this.#latest) return;
    const { at, value } = this.#latest;
    const last = this.#times.at(-1);
    if (last !== undefined && at - last < this.#windowMs / MAX_RECENT) return;
    this.#times.push(at);
    this.#values.push(value);
    this.#sorted.splice(this.#placeOf(value), 0, value);
    this.#centre = undefined;
  }

  #forget(index: number): void {
    this.#times.splice(index, 1);
    const [value] = this.#values.splice(index, 1);
    if (value !== undefined) this.#sorted.splice(this.#placeOf(value), 1);
    this.#centre = undefined;
  }

  /** Index of the first that is not smaller. */
  #placeOf(value: number): number {
    let from = 0;
    let to = this.#sorted.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#sorted[middle] ?? value) < value) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
