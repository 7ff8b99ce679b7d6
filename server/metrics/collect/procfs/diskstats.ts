import { eachLine, readNumbers } from "./fields.ts";

/** The unit of the sector columns, whatever the disk's own sectors are (Documentation/admin-guide/iostats.rst). */
const SECTOR_BYTES = 512;
const COLUMNS = 11;
const MAX_DEVICES = 1024;

/** Counters since boot or since the device appeared. */
export interface DiskCounters {
  readonly device: string;
  readonly reads: number;
  readonly readBytes: number;
  readonly writes: number;
  readonly writtenBytes: number;
  /** Milliseconds with at least one request under way; a 32-bit counter that wraps. */
  readonly busyMs: number;
}

/** Reads /proc/diskstats: every device in the order of the file. Columns after the eleventh (discards, flushes) are ignored. */
export function parseDiskstats(text: string): DiskCounters[] {
  const disks: DiskCounters[] = [];
  const columns = new Float64Array(COLUMNS);
  eachLine(text, (start, end) => {
    const nameStart = afterNumbers(text, start, end);
    const nameEnd = text.indexOf(" ", nameStart);
    if (nameEnd <= nameStart || nameEnd > end || disks.length === MAX_DEVICES) return;
    if (readNumbers(text, nameEnd, columns) < COLUMNS) return;
    const [reads = 0, , readSectors = 0, , writes = 0, , writtenSectors = 0, , , busyMs = 0] = columns;
    disks.push({
      device: text.slice(nameStart, nameEnd),
      reads,
      readBytes: readSectors * SECTOR_BYTES,
      writes,
      writtenBytes: writtenSectors * SECTOR_BYTES,
      busyMs,
    });
  });
  return disks;
}

const LAYERS_AND_MEMORY = /^(?:loop|ram|zram|dm-|md|sr|fd)\d/;
const LETTERED_PARTITION = /^((?:s|h|v|xv)d[a-z]+)\d+$/;
const NUMBERED_PARTITION = /^(.*\d)p\d+$/;

/**
 * The names that are whole disks. Left out: loop and RAM devices, optical and floppy drives, and dm and md, which
 * are layers over disks and would count the same bytes twice. A name that looks like a partition is one only when
 * its disk is listed too: some virtual machines get a bare `xvda1`.
 */
export function wholeDisks(devices: readonly string[]): Set<string> {
  const listed = new Set(devices);
  const isPartition = (device: string) => {
    const parent = (LETTERED_PARTITION.exec(device) ?? NUMBERED_PARTITION.exec(device))?.[1];
    return parent !== undefined && listed.has(parent);
  };
  return new Set(devices.filter((device) => !LAYERS_AND_MEMORY.test(device) && !isPartition(device)));
}

/** Where the device's name begins: after the major and minor numbers. */
function afterNumbers(text: string, start: number, end: number): number {
  let at = start;
  for (let field = 0; field < 2; field += 1) {
    while (at < end && text.charAt(at) === " ") at += 1;
    while (at < end && text.charAt(at) !== " ") at += 1;
  }
  while (at < end && text.charAt(at) === " ") at += 1;
  return at;
}
