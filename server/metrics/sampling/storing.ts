import { type AppError, toAppError } from "../../errors/app-error.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../logs/logger.ts";
import type { Refusal } from "../store/ingest.ts";
import type { Appended, TickMeasurements } from "../store.ts";

/** Samplings kept in memory while the disk is slow or full; the oldest goes first. A minute at 5 s. */
const MAX_WAITING_TICKS = 12;

/** The refusals that concern a whole sampling, in words for people; of the others the store keeps count. */
const PAUSING: Partial<Record<Refusal, string>> = {
  paused: "The disk is nearly full.",
  head_full: "Too many samples wait in memory to be written.",
  too_late: "The machine's clock is far behind the newest samples.",
  ahead: "The machine's clock jumps.",
  tick_too_large: "There are more series than one sampling can hold.",
};

/** Where samples are kept. */
export interface SampleWriter {
  /** Keeps all of the samplings or none. @throws AppError `storage_full` and what else a disk brings. */
  append(ticks: readonly TickMeasurements[]): Promise<Appended>;
}

/** Hears when samples are no longer stored, and when they are again; returns at once. */
export interface PauseListener {
  paused(reason: string): void;
  resumed(pausedMs: number): void;
}

interface StoringParts {
  store: SampleWriter;
  clock: Clock;
  log: Logger;
  pauses?: PauseListener | undefined;
}

/** How storing fares. */
export interface StoringStatus {
  storedTicks: number;
  /** Samplings that were not stored since start, whatever the reason. */
  droppedTicks: number;
  /** Why samples are not being stored; null while they are. */
  pausedReason: string | null;
}

/**
 * Hands samplings to the store without holding up the next one. What a failing disk did not take is offered again with
 * the next sampling. A pause is said once when it begins and once when it is over.
 */
export class Storing {
  readonly #parts: StoringParts;
  #waiting: TickMeasurements[] = [];
  #writing: Promise<void> | undefined;
  #storedTicks = 0;
  #droppedTicks = 0;
  #pausedReason: string | null = null;
  /** Monotonic; of the pause that is on. */
  #pausedSince = 0;

  constructor(parts: StoringParts) {
    this.#parts = parts;
  }

  store(tick: TickMeasurements): void {
    this.#waiting.push(tick);
    if (this.#waiting.length > MAX_WAITING_TICKS) {
      this.#waiting.shift();
      this.#droppedTicks += 1;
      this.#pause(this.#pausedReason ?? "The disk does not keep up.");
    }
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  status(): StoringStatus {
    return {
      storedTicks: this.#storedTicks,
      droppedTicks: this.#droppedTicks,
      pausedReason: this.#pausedReason,
    };
  }

  /** Writes until nothing waits, or until the store fails: then what waits is offered again with the next sampling. */
  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const ticks = this.#waiting;
      this.#waiting = [];
      try {
        this.#note(ticks.length, await this.#parts.store.append(ticks));
      } catch (thrown) {
        this.#takeBack(ticks);
        const error = toAppError(thrown);
        this.#pause(error.message, error);
        return;
      }
    }
  }

  #takeBack(ticks: readonly TickMeasurements[]): void {
    const all = [...ticks, ...this.#waiting];
    this.#waiting = all.slice(-MAX_WAITING_TICKS);
    this.#droppedTicks += all.length - this.#waiting.length;
  }

  #note(tickCount: number, { stored, refused }: Appended): void {
    const refusal = (Object.keys(refused) as Refusal[]).find((reason) => PAUSING[reason] !== undefined);
    if (refusal !== undefined && stored === 0) {
      this.#droppedTicks += tickCount;
      this.#pause(PAUSING[refusal] ?? refusal);
      return;
    }
    this.#storedTicks += tickCount;
    if (this.#pausedReason !== null) this.#resume();
  }

  #resume(): void {
    const { clock, log, pauses } = this.#parts;
    const pausedMs = Math.round(clock.monotonic() - this.#pausedSince);
    this.#pausedReason = null;
    log.info("Samples are stored again", { pausedMs });
    pauses?.resumed(pausedMs);
  }

  #pause(reason: string, error?: AppError): void {
    const before = this.#pausedReason;
    if (before === reason) return;
    const { clock, log, pauses } = this.#parts;
    this.#pausedReason = reason;
    log.error("Samples are not being stored", { reason, ...(error && { error }) });
    // Another reason does not begin another pause.
    if (before !== null) return;
    this.#pausedSince = clock.monotonic();
    pauses?.paused(reason);
  }
}
