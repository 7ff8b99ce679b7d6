import { describe, expect, test } from "bun:test";
import { parseDiskstats, wholeDisks } from "../../../../../server/metrics/collect/procfs/diskstats.ts";
import { DISKSTATS } from "../recorded-machine.ts";

describe("reading /proc/diskstats", () => {
  test("gives bytes for sectors, and every device in its order", () => {
    const disks = parseDiskstats(DISKSTATS);
    expect(disks.map(({ device }) => device)).toEqual(["loop0", "vda", "vda1", "zram0", "sda"]);
    expect(disks[1]).toEqual({
      device: "vda",
      reads: 59735,
      readBytes: 3403738 * 512,
      writes: 24467,
      writtenBytes: 4153528 * 512,
      busyMs: 8496,
    });
  });

  test("leaves out the short partition lines of Linux 2.4 and whatever is cut off", () => {
    expect(parseDiskstats("   8    1 sda1 35486 38030 35532 284448\n")).toEqual([]);
    expect(parseDiskstats("   8    0 sda 1 2 3 4 5 6 7 8 9 10 1")).toEqual([]);
    expect(parseDiskstats("\n8\n8 0\n8 0 sda\n   \n")).toEqual([]);
  });
});

describe("choosing whole disks", () => {
  test("leaves out partitions, memory, optical drives and layers over disks", () => {
    const devices =
      "loop0 ram1 zram0 sr0 fd0 dm-0 md127 sda sda1 sdaa sdaa15 nvme0n1 nvme0n1p1 mmcblk0 mmcblk0p2 vda vda1 xvdb nbd0 nbd0p1";
    expect([...wholeDisks(devices.split(" "))]).toEqual([
      "sda",
      "sdaa",
      "nvme0n1",
      "mmcblk0",
      "vda",
      "xvdb",
      "nbd0",
    ]);
  });

  test("keeps a partition's name when its disk is not there, as on some virtual machines", () => {
    expect([...wholeDisks(["xvda1", "xvda2"])]).toEqual(["xvda1", "xvda2"]);
  });
});
