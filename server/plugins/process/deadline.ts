import { AppError } from "../../errors/app-error.ts";
import type { Clock, TimerHandle } from "../../lib/clock.ts";
import { LazyAbort } from "../../lib/lazy-abort.ts";
import type { CallOptions } from "./plugin-process.ts";

/** How long a plugin may go on after it was told to stop, before its process is ended. */
export const YIELD_GRACE_MS = 2_000;

/**
 * The time of one call. It aborts the call when time is up or the caller gives up; a plugin that still has not answered a
 * while after its time was up does not yield, and is told on.
 */
export class CallDeadline {
  readonly #abort = new LazyAbort<AppError>();
  #giveUp: ((reason: AppError) => void) | undefined;
  readonly #clock: Clock;
  readonly #stuck: () => void;
  readonly #callerSignal: AbortSignal | undefined;
  #timer: TimerHandle;

  /** @param stuck called when the plugin does not yield */
  constructor(clock: Clock, timeoutMs: number, callerSignal: CallOptions["signal"], stuck: () => void) {
    this.#clock = clock;
    this.#stuck = stuck;
    this.#callerSignal = callerSignal;
    this.#timer = clock.after(timeoutMs, () => this.#late(timeoutMs));
    callerSignal?.addEventListener("abort", this.#cancel, { once: true });
    if (callerSignal?.aborted) this.#cancel();
  }

  /** Why the call is given up, once it is: `plugin_timeout`, `plugin_busy` when it never began, or `cancelled`. */
  get reason(): AppError | undefined {
    return this.#abort.reason;
  }

  /** Aborted for {@link reason}. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The plugin has been asked. @param giveUp called when the call is given up before its end */
  begin(giveUp: (reason: AppError) => void): void {
    this.#giveUp = giveUp;
  }

  /** The plugin has answered, or will never. */
  end(): void {
    this.#timer.cancel();
    this.#callerSignal?.removeEventListener("abort", this.#cancel);
  }

  #late(timeoutMs: number): void {
    const timeout = this.#giveUp
      ? new AppError("plugin_timeout", `The plugin took longer than ${timeoutMs} ms.`)
      : new AppError("plugin_busy", `It was not the call's turn within ${timeoutMs} ms.`);
    if (this.#giveUp) this.#timer = this.#clock.after(YIELD_GRACE_MS, this.#stuck);
    this.#end(timeout);
  }

  #cancel = (): void => this.#end(new AppError("cancelled"));

  #end(reason: AppError): void {
    if (this.#abort.reason) return;
    this.#abort.abort(reason);
    this.#giveUp?.(reason);
  }
}
