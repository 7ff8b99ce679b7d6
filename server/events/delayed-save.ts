import { type AppError, toAppError } from "../errors/app-error.ts";
import type { Clock, TimerHandle } from "../lib/clock.ts";

/** After so many changes, or so long after the first of them, they are written; a crash repeats no more than that. */
const MAX_UNSAVED = 100;
const SAVE_AFTER_MS = 1_000;

interface DelayedSaveOptions {
  clock: Clock;
  save: () => Promise<void>;
  /** Takes writing that nobody waits for, so that an end can wait for it. */
  keep: (writing: Promise<void>) => void;
  /** It could not be written; it is tried again. */
  failed: (error: AppError) => void;
}

/** Writes something that changes often not at every change. */
export class DelayedSave {
  readonly #options: DelayedSaveOptions;
  #unsaved = 0;
  #timer: TimerHandle | undefined;
  #hasEnded = false;

  constructor(options: DelayedSaveOptions) {
    this.#options = options;
  }

  /** There was a change. @param repeated how many changes a crash would repeat for it. */
  soon(repeated = 1): void {
    const { clock, keep } = this.#options;
    this.#unsaved += repeated;
    if (this.#unsaved >= MAX_UNSAVED) keep(this.nowOrSoon());
    else if (!this.#timer && !this.#hasEnded) {
      this.#timer = clock.after(SAVE_AFTER_MS, () => {
        this.#timer = undefined;
        keep(this.nowOrSoon());
      });
    }
  }

  /** Writes now; what cannot be written now is written later, and until then a crash repeats more. */
  async nowOrSoon(): Promise<void> {
    try {
      await this.now();
    } catch (thrown) {
      this.#options.failed(toAppError(thrown));
      this.soon();
    }
  }

  /** @throws what `save` throws */
  async now(): Promise<void> {
    this.#unsaved = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
    await this.#options.save();
  }

  /** Sets no timer any more. */
  end(): void {
    this.#hasEnded = true;
    this.#timer?.cancel();
  }
}
