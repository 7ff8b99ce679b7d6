import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../logs/logger.ts";
import { type DiskSpace, mustPause, type Retention } from "../retention.ts";

/** How long an answer of the file system holds. */
const RECHECK_MS = 5_000;

/** Watches the free space of the disk: samples stop well before other people's writes fail. */
export class DiskGuard {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #readDisk: (() => DiskSpace) | undefined;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #isPaused = false;

  constructor(clock: Clock, log: Logger, readDisk: (() => DiskSpace) | undefined) {
    this.#clock = clock;
    this.#log = log;
    this.#readDisk = readDisk;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Whether samples must not be written now; says so in the log when that changes. */
  mustPause(retention: Retention): boolean {
    const now = this.#clock.monotonic();
    if (!this.#readDisk || now - this.#checkedAt < RECHECK_MS) return this.#isPaused;
    this.#checkedAt = now;
    const disk = this.#readDisk();
    const isPaused = mustPause(disk, this.#isPaused, retention);
    if (isPaused !== this.#isPaused) this.#announce(isPaused, disk, retention);
    this.#isPaused = isPaused;
    return isPaused;
  }

  #announce(isPaused: boolean, { freeBytes, totalBytes }: DiskSpace, { minFreePercent }: Retention): void {
    const fields = { freeBytes, totalBytes, minFreePercent };
    if (isPaused) this.#log.error("Samples are not stored any more: the disk is nearly full", fields);
    else this.#log.info("Samples are stored again: the disk has space", fields);
  }
}
