import type { Clock } from "../../lib/clock.ts";
import { defineSeries, type SeriesDefinition } from "../series.ts";
import type { Collector, Measurement } from "./collector.ts";
import { type DiskCounters, parseDiskstats, wholeDisks } from "./procfs/diskstats.ts";
import type { ProcFile } from "./procfs/proc-file.ts";
import { counterRate, RateWindow } from "./rate.ts";

const MAX_DISKS = 128;
const BUSY_WRAPS_AT_MS = 2 ** 32;
const MS_PER_PERCENT_OF_A_SECOND = 10;

interface Disk {
  readonly readBytes: SeriesDefinition;
  readonly writtenBytes: SeriesDefinition;
  readonly reads: SeriesDefinition;
  readonly writes: SeriesDefinition;
  readonly busy: SeriesDefinition;
  before: DiskCounters | undefined;
}

/** Throughput, operations and busy share of each whole disk that was ever used. */
export class DiskIoCollector implements Collector {
  readonly name = "disk-io";
  readonly #file: ProcFile;
  readonly #window: RateWindow;
  #disks = new Map<string, Disk>();
  #listed = "";
  #whole = new Set<string>();

  constructor(diskstats: ProcFile, clock: Pick<Clock, "monotonic">) {
    this.#file = diskstats;
    this.#window = new RateWindow(clock);
  }

  collect(): Measurement[] {
    const seconds = this.#window.advance();
    const readings = parseDiskstats(this.#file.read() ?? "");
    this.#chooseDisks(readings);
    const measurements: Measurement[] = [];
    const present = new Map<string, Disk>();
    for (const now of readings) {
      if (!this.#whole.has(now.device) || (now.reads === 0 && now.writes === 0)) continue;
      if (present.size === MAX_DISKS) break;
      const disk = this.#disks.get(now.device) ?? newDisk(now.device);
      present.set(now.device, disk);
      measure(disk, now, seconds, measurements);
      disk.before = now;
    }
    this.#disks = present; // what was unplugged is forgotten, so that it begins anew when it comes back
    return measurements;
  }

  /** Which devices are whole disks follows from the names, and they hardly ever change. */
  #chooseDisks(readings: readonly DiskCounters[]): void {
    const devices = readings.map(({ device }) => device);
    const listed = devices.join(" ");
    if (listed === this.#listed) return;
    this.#listed = listed;
    this.#whole = wholeDisks(devices);
  }
}

function measure(disk: Disk, now: DiskCounters, seconds: number | undefined, into: Measurement[]): void {
  const { before } = disk;
  push(into, disk.readBytes, counterRate(before?.readBytes, now.readBytes, seconds));
  push(into, disk.writtenBytes, counterRate(before?.writtenBytes, now.writtenBytes, seconds));
  push(into, disk.reads, counterRate(before?.reads, now.reads, seconds));
  push(into, disk.writes, counterRate(before?.writes, now.writes, seconds));
  const busy = counterRate(before?.busyMs, now.busyMs, seconds, BUSY_WRAPS_AT_MS);
  if (busy !== undefined) push(into, disk.busy, Math.min(100, busy / MS_PER_PERCENT_OF_A_SECOND));
}

function push(into: Measurement[], series: SeriesDefinition, value: number | undefined): void {
  if (value !== undefined) into.push({ series, value });
}

function newDisk(device: string): Disk {
  const operations = (kind: string) =>
    defineSeries(
      "disk_operations_per_second",
      { device, kind },
      "per_second",
      "Requests the disk finished each second.",
    );
  const bytes = (name: string, help: string) => defineSeries(name, { device }, "bytes_per_second", help);
  return {
    readBytes: bytes("disk_read_bytes_per_second", "Bytes read from the disk each second."),
    writtenBytes: bytes("disk_written_bytes_per_second", "Bytes written to the disk each second."),
    reads: operations("read"),
    writes: operations("write"),
    busy: defineSeries(
      "disk_busy_percent",
      { device },
      "percent",
      "Share of time with at least one request under way, 0 to 100; disks that work in parallel can take more at 100.",
    ),
    before: undefined,
  };
}
