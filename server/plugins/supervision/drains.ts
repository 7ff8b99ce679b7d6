import { type AppError, toAppError } from "../../errors/app-error.ts";
import type { RunningPlugin } from "../process/plugin-process.ts";
import type { Slot } from "./slot.ts";

/** Old processes of one plugin that finish what they began. */
export class Drains {
  readonly #draining = new Map<Slot, Promise<void>>();
  readonly #ended: (reason: string, error: AppError | undefined) => void;

  /** @param ended hears of each end; with an error when it was not in order. */
  constructor(ended: (reason: string, error: AppError | undefined) => void) {
    this.#ended = ended;
  }

  get size(): number {
    return this.#draining.size;
  }

  get processes(): RunningPlugin[] {
    return [...this.#draining.keys()].map(({ process }) => process);
  }

  /** Lets `slot` finish within `graceMs`. */
  add(slot: Slot, reason: string, graceMs: number): void {
    const draining = slot.drain(graceMs).then(
      () => this.#end(slot, reason, undefined),
      (thrown: unknown) => this.#end(slot, reason, toAppError(thrown)),
    );
    this.#draining.set(slot, draining);
  }

  /** Settles once fewer than `limit` are left. */
  async below(limit: number): Promise<void> {
    while (this.#draining.size >= limit) await Promise.race(this.#draining.values());
  }

  async settled(): Promise<void> {
    await Promise.all(this.#draining.values());
  }

  #end(slot: Slot, reason: string, error: AppError | undefined): void {
    this.#draining.delete(slot);
    this.#ended(reason, error);
  }
}
