import { type AppError, toAppError } from "../../errors/app-error.ts";
import type { Logger } from "../../logs/logger.ts";
import type { Measurement } from "../collect/collector.ts";

/** Samples that wait for a slow disk; a further one is dropped. */
const MAX_WAITING_SAMPLES = 12;

/** Where samples are kept. */
export interface SampleWriter {
  /** Keeps one sampling. @param at epoch milliseconds. @throws AppError `storage_full` … when it was not kept. */
  ingest(at: number, measurements: readonly Measurement[]): void | Promise<void>;
}

/** How storing fares. */
export interface StoringStatus {
  storedSamples: number;
  /** Samplings that were not stored since start, whatever the reason. */
  droppedSamples: number;
  /** Why the last sampling was not stored; null while storing works. */
  pausedReason: string | null;
}

/** Hands samples to the store without waiting for it. A failure is said once when it begins and once when it is over. */
export class Storing {
  readonly #store: SampleWriter;
  readonly #log: Logger;
  readonly #waiting = new Set<Promise<void>>();
  #storedSamples = 0;
  #droppedSamples = 0;
  #pausedReason: string | null = null;

  constructor(store: SampleWriter, log: Logger) {
    this.#store = store;
    this.#log = log;
  }

  store(at: number, measurements: readonly Measurement[]): void {
    if (this.#waiting.size >= MAX_WAITING_SAMPLES) {
      this.#pause(at, `${MAX_WAITING_SAMPLES} samples already wait for the disk.`);
      return;
    }
    const writing = this.#write(at, measurements).finally(() => this.#waiting.delete(writing));
    this.#waiting.add(writing);
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await Promise.all(this.#waiting);
  }

  status(): StoringStatus {
    return {
      storedSamples: this.#storedSamples,
      droppedSamples: this.#droppedSamples,
      pausedReason: this.#pausedReason,
    };
  }

  async #write(at: number, measurements: readonly Measurement[]): Promise<void> {
    try {
      await this.#store.ingest(at, measurements);
      this.#storedSamples += 1;
      if (this.#pausedReason !== null) this.#log.info("Samples are stored again", { at });
      this.#pausedReason = null;
    } catch (thrown) {
      const error = toAppError(thrown);
      this.#pause(at, error.message, error);
    }
  }

  #pause(at: number, reason: string, error?: AppError): void {
    this.#droppedSamples += 1;
    if (this.#pausedReason !== reason) {
      this.#log.error("Samples are not being stored", { at, reason, ...(error && { error }) });
    }
    this.#pausedReason = reason;
  }
}
