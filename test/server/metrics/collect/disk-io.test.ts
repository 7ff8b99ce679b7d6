import { afterEach, describe, expect, test } from "bun:test";
import { DiskIoCollector } from "../../../../server/metrics/collect/disk-io.ts";
import { ProcFolder } from "../../../../server/metrics/collect/procfs/proc-file.ts";
import { byKey, RecordedFolder, SteadyClock } from "./recorded-machine.ts";

const folder = new RecordedFolder();
const proc = new ProcFolder(folder.root);

afterEach(() => {
  proc.close();
  folder.remove();
});

/** Collects once for each text, two seconds apart. */
function collectEach(texts: readonly string[]): Record<string, number>[] {
  const clock = new SteadyClock();
  const collector = new DiskIoCollector(proc.file("diskstats"), clock);
  return texts.map((diskstats) => {
    folder.write({ diskstats });
    clock.ms += 2000;
    return byKey(collector.collect());
  });
}

const disk = (
  name: string,
  reads: number,
  sectors: number,
  writes: number,
  written: number,
  busyMs: number,
) => ` 8 0 ${name} ${reads} 0 ${sectors} 0 ${writes} 0 ${written} 0 0 ${busyMs} 0\n`;

describe("disk throughput", () => {
  test("follows from the growth between two ticks", () => {
    const [first, second] = collectEach([
      disk("sda", 10, 100, 20, 200, 50),
      disk("sda", 30, 300, 24, 208, 1050),
    ]);
    expect(first).toEqual({});
    expect(second).toEqual({
      'disk_read_bytes_per_second{device="sda"}': 100 * 512,
      'disk_written_bytes_per_second{device="sda"}': 4 * 512,
      'disk_operations_per_second{device="sda",kind="read"}': 10,
      'disk_operations_per_second{device="sda",kind="write"}': 2,
      'disk_busy_percent{device="sda"}': 50,
    });
  });

  test("shows neither partitions, nor loop devices, nor disks that were never used", () => {
    const text = disk("sda", 1, 1, 0, 0, 1) + disk("sda1", 1, 1, 0, 0, 1) + disk("loop0", 5, 5, 0, 0, 5);
    const [, second] = collectEach([text + disk("sdb", 0, 0, 0, 0, 0), text + disk("sdb", 0, 0, 0, 0, 0)]);
    expect(Object.keys(second ?? {}).every((key) => key.includes('device="sda"'))).toBe(true);
  });

  test("counts on across the wrap of the busy time and never shows more than 100", () => {
    const [, second] = collectEach([disk("sda", 1, 0, 0, 0, 2 ** 32 - 500), disk("sda", 1, 0, 0, 0, 500)]);
    expect(second?.['disk_busy_percent{device="sda"}']).toBe(50);
    const [, full] = collectEach([disk("sda", 1, 0, 0, 0, 0), disk("sda", 1, 0, 0, 0, 2100)]);
    expect(full?.['disk_busy_percent{device="sda"}']).toBe(100);
  });

  test("begins anew with a disk that was unplugged and came back", () => {
    const ticks = collectEach([
      disk("sdb", 5, 0, 0, 0, 0),
      disk("sda", 1, 0, 0, 0, 0),
      disk("sdb", 9, 0, 0, 0, 0),
    ]);
    expect(ticks).toEqual([{}, {}, {}]);
  });

  test("is nothing while the file is gone", () => {
    const collector = new DiskIoCollector(proc.file("diskstats"), new SteadyClock());
    expect(collector.collect()).toEqual([]);
  });
});
