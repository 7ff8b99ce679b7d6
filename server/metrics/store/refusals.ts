import type { Logger } from "../../logs/logger.ts";
import type { Refusal } from "./ingest.ts";

/** Counts samples that were not taken, by reason; the first of each reason is logged. */
export class Refusals {
  readonly #log: Logger;
  readonly #counts: Partial<Record<Refusal, number>> = {};

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Since the start. */
  get counts(): Partial<Record<Refusal, number>> {
    return { ...this.#counts };
  }

  add(refused: Partial<Record<Refusal, number>>): void {
    for (const reason of Object.keys(refused) as Refusal[]) {
      if (!this.#counts[reason]) {
        this.#log.warning("Samples were refused; further ones are only counted", { reason });
      }
      this.#counts[reason] = (this.#counts[reason] ?? 0) + (refused[reason] ?? 0);
    }
  }
}
