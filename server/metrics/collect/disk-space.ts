import { statfs } from "node:fs/promises";
import type { Clock } from "../../lib/clock.ts";
import { defineSeries, type SeriesDefinition } from "../series.ts";
import type { Collector, Measurement } from "./collector.ts";

const MAX_MOUNTS = 64;
/** Space moves slowly: at shorter intervals the last answer is repeated. */
const MIN_REFRESH_MS = 4_500;
/** An older answer is not shown: a mount that hangs leaves a gap instead of a straight line. */
const MAX_ANSWER_AGE_MS = 30_000;
/**
 * Questions under way at once. One that hangs keeps a thread of the runtime's pool, which all file access needs:
 * when this many hang, no more are asked and the values fade.
 */
const MAX_UNDER_WAY = 2;

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
  readonly #underWay = new Map<string, Promise<void>>();
  #waiting: string[] = [];
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
    const mountPoints = this.#mountPoints().slice(0, MAX_MOUNTS);
    this.#mounts = new Map(mountPoints.map((mount) => [mount, this.#mounts.get(mount) ?? watch(mount)]));
    this.#waiting = mountPoints.filter((mount) => !this.#underWay.has(mount));
    this.#askNext();
  }

  /** Resolves when every mount has answered; a caller that may not wait for ever races it with a timeout. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.race(this.#underWay.values());
  }

  #askNext(): void {
    while (this.#underWay.size < MAX_UNDER_WAY) {
      const mountPoint = this.#waiting.shift();
      if (mountPoint === undefined) return;
      this.#underWay.set(mountPoint, this.#ask(mountPoint));
    }
  }

  async #ask(mountPoint: string): Promise<void> {
    const size = await this.#readSize(mountPoint).catch(() => undefined); // unmounted meanwhile, or not ours to see
    const mount = this.#mounts.get(mountPoint);
    if (mount !== undefined) mount.answer = size && { size, atMs: this.#clock.monotonic() };
    this.#underWay.delete(mountPoint);
    this.#askNext();
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
