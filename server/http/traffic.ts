/** Buckets grow by a fourth root of two from one microsecond; the last one holds everything above a minute and a half. */
const BUCKETS = 106;
const BUCKETS_PER_DOUBLING = 4;
const MICROSECONDS_PER_MS = 1_000;
const MICROSECONDS_PER_SECOND = 1_000_000;

/** How many requests, and how long they took. */
export interface TrafficReading {
  /** Since the process started. */
  readonly httpRequests: number;
  readonly socketsOpen: number;
  /** Over the requests since the reading before; left out when there were none. Exact to 19 %. */
  readonly httpDurationSeconds?: { readonly median: number; readonly p99: number };
}

/** Counts requests in a fixed 424 bytes: a histogram with logarithmic buckets, emptied at each reading. */
export class Traffic {
  #requests = 0;
  #inWindow = 0;
  /** WebSockets open now; kept by who holds them. */
  socketsOpen = 0;
  readonly #buckets = new Uint32Array(BUCKETS);

  /** Answered since the process started. */
  get requests(): number {
    return this.#requests;
  }

  record(durationMs: number): void {
    this.#requests++;
    this.#inWindow++;
    const doublings = Math.log2(Math.max(1, durationMs * MICROSECONDS_PER_MS));
    const bucket = Math.min(BUCKETS - 1, Math.floor(doublings * BUCKETS_PER_DOUBLING));
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
  }

  /** What happened since the last reading; starts the next window. */
  read(): TrafficReading {
    const counts = { httpRequests: this.#requests, socketsOpen: this.socketsOpen };
    if (this.#inWindow === 0) return counts;
    const httpDurationSeconds = { median: this.#quantile(0.5), p99: this.#quantile(0.99) };
    this.#buckets.fill(0);
    this.#inWindow = 0;
    return { ...counts, httpDurationSeconds };
  }

  #quantile(share: number): number {
    const rank = Math.ceil(this.#inWindow * share);
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#buckets[bucket] ?? 0;
      if (seen >= rank) return upperBoundSeconds(bucket);
    }
    return upperBoundSeconds(BUCKETS - 1);
  }
}

function upperBoundSeconds(bucket: number): number {
  return 2 ** ((bucket + 1) / BUCKETS_PER_DOUBLING) / MICROSECONDS_PER_SECOND;
}
