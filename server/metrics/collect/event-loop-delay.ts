import { monitorEventLoopDelay } from "node:perf_hooks";

/** Each wake-up costs processor time: measured on an idle process, 20 ms cost twice what 100 ms do. A stall that people notice is still seen. */
const RESOLUTION_MS = 100;
const NANOSECONDS_PER_SECOND = 1e9;
const MEDIAN = 50;
const HIGH = 99;

export interface EventLoopLag {
  readonly medianSeconds: number;
  readonly p99Seconds: number;
}

/** How late the event loop runs. `take` gives the lag since the last `take`, or undefined when nothing was seen. */
export interface EventLoopDelay {
  start(): void;
  take(): EventLoopLag | undefined;
  stop(): void;
}

/** The runtime's own histogram of late timers. */
export class MeasuredEventLoopDelay implements EventLoopDelay {
  #histogram: ReturnType<typeof monitorEventLoopDelay> | undefined;

  start(): void {
    this.#histogram ??= monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#histogram.enable();
  }

  take(): EventLoopLag | undefined {
    const histogram = this.#histogram;
    if (histogram === undefined || histogram.count === 0) return undefined;
    const lag = {
      medianSeconds: histogram.percentile(MEDIAN) / NANOSECONDS_PER_SECOND,
      p99Seconds: histogram.percentile(HIGH) / NANOSECONDS_PER_SECOND,
    };
    histogram.reset();
    return lag;
  }

  stop(): void {
    this.#histogram?.disable();
    this.#histogram = undefined;
  }
}
