import type { Clock, TimerHandle } from "../../lib/clock.ts";

interface WatchedProcess {
  /** Undefined once it has ended. */
  pssBytes(): number | undefined;
  isBusy(): boolean;
  /** Called once. */
  exceeded(usedBytes: number): void;
}

/** Reading takes one or two milliseconds: one that is near its limit is looked at often, an idle one rarely. */
const NEAR_INTERVAL_MS = 1_000;
const BUSY_INTERVAL_MS = 3_000;
const IDLE_INTERVAL_MS = 10_000;
/** Of the limit. */
const NEAR_SHARE = 0.5;

/**
 * Looks at the memory of a plugin's process from outside, above what its host took before the plugin was there. The
 * kernel's own limits come first; this one holds where there are none, and counts what they do not.
 */
export class MemoryWatch {
  readonly #clock: Clock;
  readonly #process: WatchedProcess;
  readonly #limitBytes: number;
  readonly #baselineBytes: number;
  #timer: TimerHandle | undefined;
  #isIdle = false;

  constructor(clock: Clock, limitBytes: number, process: WatchedProcess) {
    this.#clock = clock;
    this.#limitBytes = limitBytes;
    this.#process = process;
    this.#baselineBytes = process.pssBytes() ?? 0;
    this.#wait(BUSY_INTERVAL_MS);
  }

  /** A call begins: from now on it is looked at often. */
  wake(): void {
    if (this.#isIdle && this.#timer !== undefined) this.#wait(BUSY_INTERVAL_MS);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #wait(delayMs: number): void {
    this.#timer?.cancel();
    this.#isIdle = delayMs === IDLE_INTERVAL_MS;
    this.#timer = this.#clock.after(delayMs, () => this.#look());
  }

  #look(): void {
    const pssBytes = this.#process.pssBytes();
    this.#timer = undefined;
    if (pssBytes === undefined) return;
    const usedBytes = pssBytes - this.#baselineBytes;
    if (usedBytes > this.#limitBytes) this.#process.exceeded(usedBytes);
    else if (!this.#process.isBusy()) this.#wait(IDLE_INTERVAL_MS);
    else this.#wait(usedBytes > this.#limitBytes * NEAR_SHARE ? NEAR_INTERVAL_MS : BUSY_INTERVAL_MS);
  }
}
