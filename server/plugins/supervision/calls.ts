import { AppError, toAppError } from "../../errors/app-error.ts";
import type { Clock } from "../../lib/clock.ts";
import type { CallOptions, RunningPlugin } from "../process/plugin-process.ts";
import { CallGate } from "./call-gate.ts";
import { type CallFailure, CallStatistics } from "./call-statistics.ts";

interface CallsParts {
  clock: Clock;
  random: () => number;
  /** @throws AppError why no call is let in now */
  admit(): void;
  /** The process that takes calls now. */
  process(): RunningPlugin | undefined;
  /** Brings one up. @throws AppError why it does not come up */
  start(): Promise<void>;
  /** A call has ended. */
  used(): void;
  /** A call has failed, and not because its caller gave it up. */
  failed(failure: CallFailure): void;
}

/** A process that ends right after its start is started once more for the same call. */
const MAX_START_ATTEMPTS = 2;

/** The calls of one plugin: let in, given to whatever process takes calls when it is their turn, and counted. */
export class PluginCalls {
  readonly statistics: CallStatistics;
  readonly #parts: CallsParts;
  readonly #gate = new CallGate(1);

  constructor(parts: CallsParts) {
    this.#parts = parts;
    this.statistics = new CallStatistics(parts.random);
  }

  get underWay(): number {
    return this.#gate.underWay;
  }

  /** Most calls at once; a new build may allow another number. */
  set limit(limit: number) {
    this.#gate.limit = limit;
  }

  /** Whoever waits for a turn is told so. */
  refuseWaiting(error: AppError): void {
    this.#gate.refuseWaiting(error);
  }

  /** @throws AppError why it is not let in, `plugin_busy`, `cancelled`, why no process starts, and what `work` throws */
  async run<T>(
    { signal, correlationId }: CallOptions,
    work: (process: RunningPlugin) => Promise<T>,
  ): Promise<T> {
    const { admit, process } = this.#parts;
    admit();
    return this.#gate.run(async () => {
      admit();
      let taker = process();
      for (let attempt = 0; !taker; attempt++) {
        await this.#start(attempt);
        taker = process();
      }
      // Nothing is awaited from the choice of a process to the call: one that is being replaced takes none.
      return this.#counted(correlationId, work, taker);
    }, signal);
  }

  async #start(attempt: number): Promise<void> {
    if (attempt >= MAX_START_ATTEMPTS) {
      throw new AppError("plugin_crashed", "The plugin's process ends as soon as it is started.");
    }
    await this.#parts.start();
    this.#parts.admit();
  }

  async #counted<T>(
    correlationId: string,
    work: (process: RunningPlugin) => Promise<T>,
    process: RunningPlugin,
  ): Promise<T> {
    const { clock, used, failed } = this.#parts;
    const startedMs = clock.monotonic();
    let failure: CallFailure | undefined;
    try {
      return await work(process);
    } catch (thrown) {
      const { code, message } = toAppError(thrown);
      if (code !== "cancelled") failure = { code, message, at: clock.now(), correlationId };
      throw thrown;
    } finally {
      const endedMs = clock.monotonic();
      used();
      this.statistics.add(endedMs, endedMs - startedMs, failure);
      if (failure) failed(failure);
    }
  }
}
