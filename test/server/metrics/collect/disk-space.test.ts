import { describe, expect, test } from "bun:test";
import {
  DiskSpaceCollector,
  type FileSystemSize,
  type ReadFileSystemSize,
} from "../../../../server/metrics/collect/disk-space.ts";
import { byKey, SteadyClock } from "./recorded-machine.ts";

const SIZE: FileSystemSize = { bsize: 4096, blocks: 1000, bfree: 400, bavail: 300, files: 200, ffree: 150 };

function watch(mountPoints: string[], readSize: ReadFileSystemSize) {
  const clock = new SteadyClock();
  const collector = new DiskSpaceCollector({ mountPoints: () => mountPoints, clock, readSize });
  return {
    clock,
    collector,
    async tick(afterMs = 5000) {
      clock.ms += afterMs;
      const values = byKey(collector.collect());
      return values;
    },
  };
}

describe("disk space", () => {
  test("is counted as df counts: root's reserve is neither free nor used", async () => {
    const { tick, collector } = watch(["/"], () => Promise.resolve(SIZE));
    await tick();
    await collector.settled();
    expect(await tick()).toEqual({
      'disk_bytes{mount="/",state="total"}': 4_096_000,
      'disk_bytes{mount="/",state="used"}': 600 * 4096,
      'disk_bytes{mount="/",state="free"}': 300 * 4096,
      'disk_used_percent{mount="/"}': (100 * 600) / 900,
      'disk_inodes_used_percent{mount="/"}': 25,
    });
  });

  test("has no inode share where the file system has no fixed number of them", async () => {
    const { tick, collector } = watch(["/"], () => Promise.resolve({ ...SIZE, files: 0, ffree: 0 }));
    await tick();
    await collector.settled();
    expect(await tick()).not.toHaveProperty(['disk_inodes_used_percent{mount="/"}']);
  });

  test("is nothing for a file system without blocks or one that may not be asked", async () => {
    const { tick, collector } = watch(["/empty", "/denied"], (mount) =>
      mount === "/denied"
        ? Promise.reject(new Error("EACCES"))
        : Promise.resolve({ ...SIZE, blocks: 0, bfree: 0, bavail: 0 }),
    );
    await tick();
    await collector.settled();
    expect(await tick()).toEqual({});
  });

  test("holds nothing up when a mount hangs, asks it only once, and lets its old value fade", async () => {
    const asked: string[] = [];
    let hangs = false;
    const { tick, collector } = watch(["/", "/nas"], (mount) => {
      asked.push(mount);
      return mount === "/nas" && hangs ? new Promise(() => {}) : Promise.resolve(SIZE);
    });
    await tick();
    await collector.settled();
    hangs = true;
    expect(await tick()).toHaveProperty(['disk_used_percent{mount="/nas"}']);
    for (let ticks = 0; ticks < 6; ticks += 1) await tick();
    const later = await tick();
    expect(later).not.toHaveProperty(['disk_used_percent{mount="/nas"}']);
    expect(later).toHaveProperty(['disk_used_percent{mount="/"}']);
    expect(asked.filter((mount) => mount === "/nas")).toHaveLength(2);
  });

  test("never has more than two questions under way, so that threads remain for others", async () => {
    let asked = 0;
    const mounts = Array.from({ length: 10 }, (_, index) => `/hangs/${index}`);
    const { tick } = watch(mounts, () => {
      asked += 1;
      return new Promise(() => {});
    });
    for (let ticks = 0; ticks < 5; ticks += 1) await tick();
    expect(asked).toBe(2);
  });

  test("comes to every mount in turn", async () => {
    const mounts = Array.from({ length: 10 }, (_, index) => `/disk/${index}`);
    const { tick, collector } = watch(mounts, () => Promise.resolve(SIZE));
    await tick();
    await collector.settled();
    expect(Object.keys(await tick())).toHaveLength(10 * 5);
  });

  test("is asked every five seconds, not at every tick", async () => {
    let asked = 0;
    const { tick } = watch(["/"], () => {
      asked += 1;
      return Promise.resolve(SIZE);
    });
    for (let second = 0; second < 10; second += 1) await tick(1000);
    expect(asked).toBe(2);
  });

  test("forgets a mount that is gone", async () => {
    const mounts = ["/", "/usb"];
    const { tick, collector } = watch(mounts, () => Promise.resolve(SIZE));
    await tick();
    await collector.settled();
    mounts.pop();
    expect(Object.keys(await tick()).every((key) => key.includes('mount="/"'))).toBe(true);
  });
});
