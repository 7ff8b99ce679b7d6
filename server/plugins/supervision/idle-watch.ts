import type { Clock, TimerHandle } from "../../lib/clock.ts";

/** A process that nothing uses is ended after so long, when it need not run from the start. */
const IDLE_STOP_MS = 5 * 60_000;
const MIN_WAIT_MS = 1_000;

/** Notices that a process is not used any more. */
export class IdleWatch {
  readonly #clock: Clock;
  readonly #isInUse: () => boolean;
  readonly #isIdle: () => void;
  #lastUsedMs = 0;
  #timer: TimerHandle | undefined;

  /** @param isIdle called once, when nothing has used it for long enough. */
  constructor(clock: Clock, isInUse: () => boolean, isIdle: () => void) {
    this.#clock = clock;
    this.#isInUse = isInUse;
    this.#isIdle = isIdle;
  }

  /** Takes note of a use: cheap, for every call. */
  touch(): void {
    this.#lastUsedMs = this.#clock.monotonic();
  }

  start(): void {
    this.touch();
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    this.stop();
    const leftMs = this.#lastUsedMs + IDLE_STOP_MS - this.#clock.monotonic();
    this.#timer = this.#clock.after(Math.max(MIN_WAIT_MS, leftMs), () => {
      const isIdle = !this.#isInUse() && this.#clock.monotonic() - this.#lastUsedMs >= IDLE_STOP_MS;
      if (isIdle) this.#isIdle();
      else this.#arm();
    });
  }
}
