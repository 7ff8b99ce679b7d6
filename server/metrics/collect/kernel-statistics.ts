import type { ProcFile, ProcFolder } from "./procfs/proc-file.ts";
import { type KernelStatistics, parseStat } from "./procfs/stat.ts";

/** /proc/stat, read once a tick for the several collectors that need a part of it: on large machines it is the dearest file of all. */
export class KernelStatisticsFile {
  readonly #file: ProcFile;
  #readAt: number | undefined;
  #statistics: KernelStatistics | undefined;

  constructor(proc: ProcFolder) {
    this.#file = proc.file("stat");
  }

  /** @param at the tick; the same tick gets the same reading. */
  read(at: number): KernelStatistics | undefined {
    if (at !== this.#readAt) {
      const text = this.#file.read();
      this.#statistics = text === undefined ? undefined : parseStat(text);
      this.#readAt = at;
    }
    return this.#statistics;
  }
}
