import { statfs } from "node:fs/promises";
import type { Clock } from "../../lib/clock.ts";
import { defineSeries, type SeriesDefinition } from "../series.ts";
import type { Collector, Measurement } from "./collector.ts";

const MAX_MOUNTS = 64;
/** Space moves slowly: at shorter intervals the last answer is repeated. */
const MIN_REFRESH_MS = 4_500;
/** An older answer is not shown: a mount that hangs leaves a gap instead of a straight line. */
const MAX_ANSWER_AGE_MS = 30_000;
/** Each hanging call keeps a thread of the file system's pool, which everything else needs too. */
const MAX_HANGING_CALLS = 2;
const HANGS_AFTER_MS = 2_000;

/** The counts of statfs(2) in blocks of `bsize` bytes. */
export interface FileSystemSize {
  readonly bsize: number;
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
  readonly files: number;
  readonly ffree: number;
}

export type ReadFileSystemSize = (mountPoint: string) => Promise<FileSystemSize>;

export interface DiskSpaceSources {
  /** The mount points to watch, as they are now. */
  readonly mountPoints: () => readonly string[];
  readonly clock: Pick<Clock, "monotonic">;
  readonly readSize?: ReadFileSystemSize;
}

interface WatchedMount {
  readonly used: SeriesDefinition;
  readonly free: SeriesDefinition;
  readonly total: SeriesDefinition;
  readonly usedPercent: SeriesDefinition;
  readonly inodesUsedPercent: SeriesDefinition;
  answer: { size: FileSystemSize; atMs: number } | undefined;
}

/**
 * disk_bytes, disk_used_percent and disk_inodes_used_percent of each mount. A tick shows the last answers and asks
 * anew in the background, so a file system that hangs holds nothing up: it is not asked again before it answered.
 */
export class DiskSpaceCollector implements Collector {
  readonly name = "disk-space";
  readonly #mountPoints: () => readonly string[];
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #readSize: ReadFileSystemSize;
  #mounts = new Map<string, WatchedMount>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #pending = new Map<string, number>();
  #refreshedAtMs: number | undefined;

  constructor({ mountPoints, clock, readSize = statfs }: DiskSpaceSources) {
    this.#mountPoints = mountPoints;
    this.#clock = clock;
    this.#readSize = readSize;
  }

  collect(): Measurement[] {
    this.refresh();
    const nowMs = this.#clock.monotonic();
    const measurements: Measurement[] = [];
    for (const mount of this.#mounts.values()) {
      if (mount.answer !== undefined && nowMs - mount.answer.atMs <= MAX_ANSWER_AGE_MS) {
        measure(mount, mount.answer.size, measurements);
      }
    }
    return measurements;
  }

  /** Asks every mount for its size unless that was done just now. Returns at once. */
  refresh(): void {
    const nowMs = this.#clock.monotonic();
    if (this.#refreshedAtMs !== undefined && nowMs - this.#refreshedAtMs < MIN_REFRESH_MS) return;
    this.#refreshedAtMs = nowMs;
    const present = new Map<string, WatchedMount>();
    for (const mountPoint of this.#mountPoints().slice(0, MAX_MOUNTS)) {
      const mount = this.#mounts.get(mountPoint) ?? watch(mountPoint);
      present.set(mountPoint, mount);
      this.#ask(mountPoint, mount, nowMs);
    }
    this.#mounts = present;
  }

  /** Resolves when every question under way is answered; a caller that may not wait for ever races it with a timeout. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  #ask(mountPoint: string, mount: WatchedMount, nowMs: number): void {
    if (this.#pending.has(mountPoint) || this.#hanging(nowMs) >= MAX_HANGING_CALLS) return;
    this.#pending.set(mountPoint, nowMs);
    const question = this.#readSize(mountPoint).then(
      (size) => {
        mount.answer = { size, atMs: this.#clock.monotonic() };
      },
      () => {
        mount.answer = undefined; // unmounted meanwhile or not ours to see: no value is the answer
      },
    );
    const done = question.finally(() => {
      this.#pending.delete(mountPoint);
      this.#underWay.delete(done);
    });
    this.#underWay.add(done);
  }

  #hanging(nowMs: number): number {
    let hanging = 0;
    for (const askedAtMs of this.#pending.values()) if (nowMs - askedAtMs >= HANGS_AFTER_MS) hanging += 1;
    return hanging;
  }
}

/** As df counts: "free" is what users may still take, the share leaves root's reserve out of both sides. */
function measure(mount: WatchedMount, size: FileSystemSize, into: Measurement[]): void {
  const usedBlocks = Math.max(0, size.blocks - size.bfree);
  const usableBlocks = usedBlocks + size.bavail;
  if (!(usableBlocks > 0)) return;
  into.push(
    { series: mount.total, value: size.blocks * size.bsize },
    { series: mount.used, value: usedBlocks * size.bsize },
    { series: mount.free, value: size.bavail * size.bsize },
    { series: mount.usedPercent, value: (100 * usedBlocks) / usableBlocks },
  );
  // btrfs and FAT have no fixed number of inodes and say 0.
  if (size.files > 0) {
    into.push({ series: mount.inodesUsedPercent, value: (100 * (size.files - size.ffree)) / size.files });
  }
}

function watch(mountPoint: string): WatchedMount {
  const space = (state: string) =>
    defineSeries(
      "disk_bytes",
      { mount: mountPoint, state },
      "bytes",
      "Space of the file system; free is what users may still take.",
    );
  const share = (name: string, help: string) => defineSeries(name, { mount: mountPoint }, "percent", help);
  return {
    used: space("used"),
    free: space("free"),
    total: space("total"),
    usedPercent: share(
      "disk_used_percent",
      "Share of the space users can have that is taken, 0 to 100, as df shows it.",
    ),
    inodesUsedPercent: share(
      "disk_inodes_used_percent",
      "Share of the file system's inodes that is taken, 0 to 100.",
    ),
    answer: undefined,
  };
}
