/** A handle on a pending timeout; `unref` lets the process end while it waits. */
export interface TimerHandle {
  cancel(): void;
}

/** Everything that tells time or waits asks a clock, so that tests own the time. */
export interface Clock {
  /** Wall time, epoch milliseconds. May step backwards when the machine's clock is set. */
  now(): number;
  /** Milliseconds since an arbitrary point; never steps. For durations and deadlines. */
  monotonic(): number;
  /** Calls `run` once after `delayMs`. The process is kept alive only by its servers, never by a timer. */
  after(delayMs: number, run: () => void): TimerHandle;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
