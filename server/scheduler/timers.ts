import { toAppError } from "../errors/app-error.ts";
import type { Clock, TimerHandle } from "../lib/clock.ts";
import type { Logger } from "../logs/logger.ts";

/** One recurring task as shown by `list`. */
export interface TimerStatus {
  name: string;
  intervalMs: number;
  runs: number;
  failures: number;
  lastDurationMs: number | undefined;
}

interface Timer extends TimerStatus {
  run: () => void | Promise<void>;
  nextAt: number;
  pending: TimerHandle | undefined;
}

/** Runs a recurring task; what it throws was told to the error centre. */
export type TimerGuard = (name: string, run: () => Promise<void>) => Promise<void>;

/**
 * The one registry of recurring work: a feature that is off has no timer because it never asked for one.
 * Runs keep their phase (they do not drift by their own duration), never overlap, and skip what was missed while
 * the machine slept. A run that throws is logged and counted; the timer goes on.
 */
export class Timers {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #guard: TimerGuard;
  readonly #timers = new Map<string, Timer>();
  /** The run under way of each name; a timer that was cancelled or replaced may still have one. */
  readonly #underWay = new Map<string, Promise<void>>();
  #stopped = false;

  constructor(clock: Clock, log: Logger, guard: TimerGuard = (_name, run) => run()) {
    this.#clock = clock;
    this.#log = log;
    this.#guard = guard;
  }

  /**
   * Runs `run` every `intervalMs`, first after `firstAfterMs` (one interval unless said). The name is unique: a second
   * `every` with it replaces the first (that is how an interval changes while running) and waits for its run under way.
   * Returns what ends it.
   * @throws RangeError when the interval is not positive.
   */
  every(
    name: string,
    intervalMs: number,
    run: () => void | Promise<void>,
    firstAfterMs: number = intervalMs,
  ): () => void {
    if (!(intervalMs > 0)) throw new RangeError(`The timer ${name} needs a positive interval.`);
    this.cancel(name);
    const timer: Timer = {
      name,
      intervalMs,
      run,
      runs: 0,
      failures: 0,
      lastDurationMs: undefined,
      nextAt: this.#clock.monotonic() + firstAfterMs,
      pending: undefined,
    };
    this.#timers.set(name, timer);
    this.#arm(timer);
    return () => {
      if (this.#timers.get(name) === timer) this.cancel(name);
    };
  }

  /** Ends the timer of that name; a run under way finishes. */
  cancel(name: string): void {
    this.#timers.get(name)?.pending?.cancel();
    this.#timers.delete(name);
  }

  list(): TimerStatus[] {
    return [...this.#timers.values()].map(({ name, intervalMs, runs, failures, lastDurationMs }) => ({
      name,
      intervalMs,
      runs,
      failures,
      lastDurationMs,
    }));
  }

  /** Ends all timers and waits for the runs under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const name of [...this.#timers.keys()]) this.cancel(name);
    await Promise.all(this.#underWay.values());
  }

  #arm(timer: Timer): void {
    if (this.#stopped) return;
    const waitMs = Math.max(0, timer.nextAt - this.#clock.monotonic());
    timer.pending = this.#clock.after(waitMs, () => {
      const { name } = timer;
      const run = this.#runAfter(this.#underWay.get(name), timer).finally(() => {
        if (this.#underWay.get(name) === run) this.#underWay.delete(name);
        if (this.#timers.get(name) === timer) this.#arm(timer);
      });
      this.#underWay.set(name, run);
    });
  }

  async #runAfter(earlier: Promise<void> | undefined, timer: Timer): Promise<void> {
    if (earlier) await earlier;
    if (this.#timers.get(timer.name) !== timer) return;
    const startedAt = this.#clock.monotonic();
    try {
      await this.#guard(timer.name, async () => timer.run());
    } catch (thrown) {
      timer.failures++;
      this.#log.error("A recurring task failed", { timer: timer.name, error: toAppError(thrown) });
    }
    timer.runs++;
    const endedAt = this.#clock.monotonic();
    timer.lastDurationMs = endedAt - startedAt;
    const missed = Math.floor(Math.max(0, endedAt - timer.nextAt) / timer.intervalMs);
    timer.nextAt += timer.intervalMs * (missed + 1);
  }
}
