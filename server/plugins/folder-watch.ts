import { type FSWatcher, statSync, watch } from "node:fs";
import type { Clock, TimerHandle } from "../lib/clock.ts";

/** So long nothing may happen in the folders before they are looked at: an editor's several steps count as one. */
const QUIET_MS = 80;
/** A plugin that something writes into all the time does not keep the others from being looked at. */
const LONGEST_WAIT_MS = 1_000;
const MAX_FOLDERS = 1_000;
/** By so much the time that a file system writes down is behind the clock: a tick of the kernel. */
const TICK_MS = 10;

/** When an entry of a folder last came or went, epoch milliseconds; undefined when it is not there. */
export const changedAt = (folder: string): number | undefined =>
  statSync(folder, { throwIfNoEntry: false })?.mtimeMs;

/** Hears the kernel's notices on the folders that plugins lie in. Where none come, somebody looks now and then anyway. */
export class FolderWatch {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #pending: TimerHandle | undefined;
  #firstNoticeMs = 0;

  /** @param onChange called once it is quiet again; must be quick and must not throw. */
  constructor(clock: Clock, onChange: () => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /**
   * Watches these folders and no others. Of one that was not watched, what has changed since it was looked at counts as
   * noticed now.
   * @param lookedAtMs when the look that found them began, epoch milliseconds
   */
  follow(folders: readonly string[], lookedAtMs: number): void {
    const wanted = new Set(folders.slice(0, MAX_FOLDERS));
    for (const folder of [...this.#watchers.keys()]) if (!wanted.has(folder)) this.#leave(folder);
    for (const folder of wanted) {
      if (this.#watchers.has(folder)) continue;
      this.#watch(folder);
      if ((changedAt(folder) ?? 0) >= lookedAtMs - TICK_MS) this.#notice();
    }
  }

  /** Tells at once of what it has noticed and would wait with until it is quiet. */
  flush(): void {
    if (this.#pending === undefined) return;
    this.#pending.cancel();
    this.#pending = undefined;
    this.#onChange();
  }

  stop(): void {
    this.#pending?.cancel();
    this.#pending = undefined;
    for (const folder of [...this.#watchers.keys()]) this.#leave(folder);
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#notice());
      watcher.on("error", () => this.#leave(folder));
      this.#watchers.set(folder, watcher);
    } catch {
      // It is not there, or there are no notices left: the next look decides.
    }
  }

  #leave(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }

  #notice(): void {
    const now = this.#clock.monotonic();
    if (this.#pending === undefined) this.#firstNoticeMs = now;
    this.#pending?.cancel();
    const leftMs = this.#firstNoticeMs + LONGEST_WAIT_MS - now;
    this.#pending = this.#clock.after(Math.max(0, Math.min(QUIET_MS, leftMs)), () => {
      this.#pending = undefined;
      this.#onChange();
    });
  }
}
