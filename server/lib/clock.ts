/** A pending timeout. */
export interface TimerHandle {
  cancel(): void;
}

/** Everything that tells time or waits asks a clock, so that tests own the time. */
export interface Clock {
  /** Wall time, epoch milliseconds. May step backwards when the machine's clock is set. */
  now(): number;
  /** Milliseconds since an arbitrary point; never steps. For durations and deadlines. */
  monotonic(): number;
  /** Calls `run` once after `delayMs`, at once when that is past. The process is kept alive only by its servers, never by a timer. */
  after(delayMs: number, run: () => void): TimerHandle;
}

/** What `setTimeout` can wait at most (2^31 − 1 ms, 24.8 days); beyond it would fire at once. */
const MAX_TIMEOUT_MS = 2_147_483_647;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  after(delayMs, run) {
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, MAX_TIMEOUT_MS);
      timer = setTimeout(() => (leftMs > stepMs ? wait(leftMs - stepMs) : run()), stepMs);
      timer.unref();
    };
    wait(Math.max(0, delayMs));
    return { cancel: () => clearTimeout(timer) };
  },
};
