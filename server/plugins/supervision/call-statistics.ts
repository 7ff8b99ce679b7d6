import type { ErrorCode } from "../../errors/catalogue.ts";

const BUCKET_MS = 10_000;
const WINDOW_MS = 5 * 60_000;
/** Durations kept between two readings; beyond it a later one takes the place of an earlier one at random. */
const MAX_DURATIONS = 1_024;

export interface CallFailure {
  code: ErrorCode;
  message: string;
  /** Epoch milliseconds. */
  at: number;
  correlationId: string;
}

interface Bucket {
  startMs: number;
  calls: number;
  errors: number;
}

/** Quantiles of what was measured since the last reading, in milliseconds. */
export type DurationQuantiles = ReadonlyMap<number, number>;

/** How the calls of one plugin went since the server started. Times are monotonic milliseconds. */
export class CallStatistics {
  calls = 0;
  errors = 0;
  lastError: CallFailure | undefined;
  #buckets: Bucket[] = [];
  #durations: number[] = [];
  #measured = 0;
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Counts a call that has ended. */
  add(nowMs: number, durationMs: number, failure: CallFailure | undefined): void {
    this.calls++;
    const bucket = this.#bucket(nowMs);
    bucket.calls++;
    if (failure) {
      this.errors++;
      bucket.errors++;
      this.lastError = failure;
    }
    this.#measured++;
    if (this.#durations.length < MAX_DURATIONS) this.#durations.push(durationMs);
    else {
      // Algorithm R (Vitter 1985): every duration is kept with the same probability.
      const place = Math.floor(this.#random() * this.#measured);
      if (place < MAX_DURATIONS) this.#durations[place] = durationMs;
    }
  }

  /** Share of the calls of the last five minutes that failed, 0–1. */
  errorRate(nowMs: number): number {
    const recent = this.#buckets.filter(({ startMs }) => nowMs - startMs < WINDOW_MS);
    const calls = recent.reduce((sum, bucket) => sum + bucket.calls, 0);
    return calls === 0 ? 0 : recent.reduce((sum, bucket) => sum + bucket.errors, 0) / calls;
  }

  /** The nearest-rank quantiles of the durations since the last reading; empty when there was no call. */
  takeQuantiles(quantiles: readonly number[]): DurationQuantiles {
    const sorted = this.#durations.sort((a, b) => a - b);
    this.#durations = [];
    this.#measured = 0;
    if (sorted.length === 0) return new Map();
    return new Map(
      quantiles.map((quantile) => [quantile, sorted[Math.ceil(quantile * sorted.length) - 1] ?? 0] as const),
    );
  }

  #bucket(nowMs: number): Bucket {
    const startMs = Math.floor(nowMs / BUCKET_MS) * BUCKET_MS;
    const last = this.#buckets.at(-1);
    if (last?.startMs === startMs) return last;
    const bucket = { startMs, calls: 0, errors: 0 };
    this.#buckets = [...this.#buckets.filter((one) => nowMs - one.startMs < WINDOW_MS), bucket];
    return bucket;
  }
}
