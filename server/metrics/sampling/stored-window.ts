import type { Measurement } from "../collect/collector.ts";
import type { SeriesUnit } from "../series.ts";
import { quantise, scaleOf } from "../store/precision.ts";

/** Units whose value speaks of the time since the sampling before, not of a moment. */
const RATE_UNITS: ReadonlySet<SeriesUnit> = new Set(["percent", "bytes_per_second", "per_second", "ratio"]);

interface Sum {
  sum: number;
  count: number;
}

/**
 * Gathers what was sampled since the last stored sample. When somebody watches at 1 s and 5 s are stored, a stored rate
 * is the mean of the five, as if nobody had watched; a stored level is the last one.
 */
export class StoredWindow {
  readonly #sums = new Map<string, Sum>();
  #samples = 0;
  #last: readonly Measurement[] = [];

  add(measurements: readonly Measurement[]): void {
    this.#samples += 1;
    this.#last = measurements;
    for (const { series, value } of measurements) {
      if (!RATE_UNITS.has(series.unit)) continue;
      const sum = this.#sums.get(series.key);
      if (sum) {
        sum.sum += value;
        sum.count += 1;
      } else this.#sums.set(series.key, { sum: value, count: 1 });
    }
  }

  /** What is to be stored of the window, which is empty then. Series that were gone at its end are left out. */
  take(): readonly Measurement[] {
    const measurements = this.#samples === 1 ? this.#last : this.#last.map((last) => this.#meanOf(last));
    this.#sums.clear();
    this.#samples = 0;
    this.#last = [];
    return measurements;
  }

  #meanOf(last: Measurement): Measurement {
    const sum = this.#sums.get(last.series.key);
    if (!sum) return last;
    return { series: last.series, value: quantise(sum.sum / sum.count, scaleOf(last.series.unit)) };
  }
}
