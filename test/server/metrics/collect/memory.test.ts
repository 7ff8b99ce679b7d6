import { describe, expect, test } from "bun:test";
import { MemoryCollector, memoryOfNode } from "../../../../server/metrics/collect/memory.ts";
import { parseMeminfo } from "../../../../server/metrics/collect/procfs/meminfo.ts";
import { byKey, MEMINFO } from "./recorded-machine.ts";

const KIB = 1024;

describe("memory", () => {
  test("is used where it is not available, and swap is measured beside it", () => {
    expect(byKey(new MemoryCollector(() => parseMeminfo(MEMINFO)).collect())).toEqual({
      'memory_bytes{state="total"}': 24684092 * KIB,
      'memory_bytes{state="used"}': (24684092 - 24232668) * KIB,
      'memory_bytes{state="available"}': 24232668 * KIB,
      'memory_bytes{state="free"}': 23964548 * KIB,
      'memory_bytes{state="cached"}': (361896 + 191828) * KIB,
      'memory_bytes{state="buffers"}': 15508 * KIB,
      memory_used_percent: (100 * (24684092 - 24232668)) / 24684092,
      'swap_bytes{state="total"}': 2097148 * KIB,
      'swap_bytes{state="used"}': 1048574 * KIB,
      'swap_bytes{state="free"}': 1048574 * KIB,
      swap_used_percent: 50,
    });
  });

  test("has no swap share on a machine without swap", () => {
    const text = MEMINFO.replace(/SwapTotal: +\d+/, "SwapTotal: 0").replace(/SwapFree: +\d+/, "SwapFree: 0");
    const values = byKey(new MemoryCollector(() => parseMeminfo(text)).collect());
    expect(values['swap_bytes{state="total"}']).toBe(0);
    expect(values).not.toHaveProperty("swap_used_percent");
  });

  test("is nothing while it cannot be read", () => {
    expect(new MemoryCollector(() => undefined).collect()).toEqual([]);
  });

  test("comes from node:os with what that knows", () => {
    const values = byKey(new MemoryCollector(memoryOfNode).collect());
    expect(Object.keys(values).sort()).toEqual([
      'memory_bytes{state="available"}',
      'memory_bytes{state="free"}',
      'memory_bytes{state="total"}',
      'memory_bytes{state="used"}',
      "memory_used_percent",
    ]);
  });
});
