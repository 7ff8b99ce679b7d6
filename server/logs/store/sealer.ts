import type { Database } from "../../database/database.ts";
import { type AppError, toAppError } from "../../errors/app-error.ts";
import type { Clock, TimerHandle } from "../../lib/clock.ts";
import type { Logger } from "../logger.ts";
import type { Lines } from "./block.ts";
import { SealThread } from "./seal-thread.ts";

/** Blocks that may wait, about a megabyte each; whoever brings more lines waits too. */
const MAX_WAITING_BLOCKS = 4;
/** After a failure nothing is tried for so long. */
const RETRY_MS = 5_000;
/** The thread costs some 10 MB: it ends when no block came for so long. */
const IDLE_MS = 60_000;

interface SealerParts {
  database: Database;
  clock: Clock;
  log: Logger;
}

interface ClosedBlock {
  lines: Lines;
  closedAt: number;
}

/**
 * Turns full blocks of the tail into compressed ones, in a thread of its own, one after the other. What waits here is in
 * the tail on disk all the while: a crash at any moment leaves a block in the tail or sealed, never both and never none.
 */
export class Sealer {
  readonly #parts: SealerParts;
  #waiting: ClosedBlock[] = [];
  #thread: SealThread | undefined;
  #running: Promise<void> | undefined;
  #failure: { error: AppError; at: number } | undefined;
  #idle: TimerHandle | undefined;

  constructor(parts: SealerParts) {
    this.#parts = parts;
  }

  /** Blocks that are not sealed yet, the oldest first. */
  get waiting(): readonly Lines[] {
    return this.#waiting.map(({ lines }) => lines);
  }

  /** Takes blocks whose lines are in the tail; their age counts from now. */
  add(blocks: readonly Lines[]): void {
    const closedAt = this.#parts.clock.now();
    this.#waiting.push(...blocks.map((lines) => ({ lines, closedAt })));
    this.#start();
  }

  /** Settles when a block may be added. @throws AppError what keeps blocks from being sealed, when too many wait. */
  async room(): Promise<void> {
    this.#start();
    while (this.#waiting.length >= MAX_WAITING_BLOCKS) {
      if (!this.#running) throw this.#failure?.error ?? toAppError(new Error("Nothing is sealed."));
      await this.#running;
      this.#start();
    }
  }

  /** Settles when no block waits, or sealing failed. */
  async settled(): Promise<void> {
    this.#start();
    while (this.#running) await this.#running;
  }

  /** Ends the thread after the block under way; what waits stays in the tail. {@link add} begins anew. */
  async close(): Promise<void> {
    this.#waiting = [];
    while (this.#running) await this.#running;
    this.#idle?.cancel();
    await this.#endThread();
    this.#failure = undefined;
  }

  #start(): void {
    if (this.#running || this.#waiting.length === 0) return;
    if (this.#failure && this.#parts.clock.monotonic() - this.#failure.at < RETRY_MS) return;
    this.#idle?.cancel();
    this.#run(async () => {
      await this.#sealNext();
      this.#idle = this.#parts.clock.after(IDLE_MS, () => this.#endIdle());
    });
  }

  /** Does one thing after the other; a failure is kept for whoever brings more. */
  #run(work: () => Promise<void>): void {
    const { clock, log } = this.#parts;
    this.#running = work()
      .catch(async (thrown: unknown) => {
        const error = toAppError(thrown);
        if (!this.#failure) log.error("Log lines cannot be sealed; they stay in the tail", { error });
        this.#failure = { error, at: clock.monotonic() };
        const thread = this.#thread;
        this.#thread = undefined;
        await thread?.kill();
      })
      .finally(() => {
        this.#running = undefined;
        this.#start();
      });
  }

  async #sealNext(): Promise<void> {
    const { database, clock } = this.#parts;
    const [block] = this.#waiting;
    if (!block) return;
    this.#thread ??= new SealThread(clock);
    const thread = this.#thread;
    await thread.pack(database.path, block.lines);
    await database.lend(() => thread.store(block.closedAt));
    this.#waiting = this.#waiting.slice(1);
    this.#failure = undefined;
  }

  /** As work of its own: blocks that come meanwhile wait for it. */
  #endIdle(): void {
    if (!this.#running && this.#thread) this.#run(() => this.#endThread());
  }

  async #endThread(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.end();
  }
}
