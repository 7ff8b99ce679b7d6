import { describe, expect, test } from "bun:test";
import { parseMeminfo } from "../../../../../server/metrics/collect/procfs/meminfo.ts";
import { MEMINFO } from "../recorded-machine.ts";

const KIB = 1024;

describe("reading /proc/meminfo", () => {
  test("gives sizes in bytes, reclaimable slab counted as cache", () => {
    expect(parseMeminfo(MEMINFO)).toEqual({
      totalBytes: 24684092 * KIB,
      freeBytes: 23964548 * KIB,
      availableBytes: 24232668 * KIB,
      buffersBytes: 15508 * KIB,
      cachedBytes: (361896 + 191828) * KIB,
      swapTotalBytes: 2097148 * KIB,
      swapFreeBytes: 1048574 * KIB,
    });
  });

  test("estimates what is available on kernels before 3.14", () => {
    const memory = parseMeminfo("MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 20 kB\nCached: 30 kB\n");
    expect(memory?.availableBytes).toBe(150 * KIB);
    expect(memory?.swapTotalBytes).toBeUndefined();
  });

  test("never calls more available than there is", () => {
    const memory = parseMeminfo("MemTotal: 100 kB\nMemFree: 90 kB\nCached: 80 kB\n");
    expect(memory?.availableBytes).toBe(100 * KIB);
  });

  test.each([
    "",
    "MemTotal: 0 kB\nMemFree: 0 kB\n",
    "MemTotal: 5 kB\n",
    "MemTotal: 5 kB\nMemFree: 3",
    "MemTotal: x kB\nMemFree: 1 kB\n",
  ])("has no reading for %j", (text) => {
    expect(parseMeminfo(text)).toBeUndefined();
  });
});
