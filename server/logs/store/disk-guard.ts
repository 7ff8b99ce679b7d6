import type { Clock } from "../../lib/clock.ts";
import type { DiskSpace, LogRetention } from "../retention.ts";

/** How long an answer of the file system holds. */
const RECHECK_MS = 5_000;
/** Writing begins again this far above the limit, so that it does not flap. */
const RESUME_MARGIN_PERCENT = 1;

/** Told when lines are no longer taken, and when they are again. */
export interface PauseListener {
  paused(disk: DiskSpace): void;
  resumed(pausedMs: number): void;
}

/** Watches the free space of the disk: lines are refused well before other people's writes fail. */
export class DiskGuard {
  readonly #clock: Clock;
  readonly #readDisk: () => DiskSpace;
  readonly #listener: PauseListener;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #pausedAt: number | undefined;

  constructor(clock: Clock, readDisk: () => DiskSpace, listener: PauseListener) {
    this.#clock = clock;
    this.#readDisk = readDisk;
    this.#listener = listener;
  }

  get isPaused(): boolean {
    return this.#pausedAt !== undefined;
  }

  /** Whether lines must not be written now. */
  mustPause({ minFreePercent }: LogRetention): boolean {
    const now = this.#clock.monotonic();
    if (now - this.#checkedAt < RECHECK_MS) return this.isPaused;
    this.#checkedAt = now;
    const disk = this.#readDisk();
    const freePercent = (disk.freeBytes / disk.totalBytes) * 100;
    const isLow = freePercent < minFreePercent + (this.isPaused ? RESUME_MARGIN_PERCENT : 0);
    if (isLow && this.#pausedAt === undefined) {
      this.#pausedAt = now;
      this.#listener.paused(disk);
    } else if (!isLow && this.#pausedAt !== undefined) {
      this.#listener.resumed(now - this.#pausedAt);
      this.#pausedAt = undefined;
    }
    return isLow;
  }
}
