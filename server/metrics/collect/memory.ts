import { freemem, totalmem } from "node:os";
import { defineSeries, type SeriesDefinition } from "../series.ts";
import type { Collector, Measurement } from "./collector.ts";
import { type MemoryReading, parseMeminfo } from "./procfs/meminfo.ts";
import type { ProcFile } from "./procfs/proc-file.ts";

const MEMORY_HELP =
  "Main memory by state. Used is total less available; cached includes reclaimable kernel memory.";
const SWAP_HELP = "Swap space by state.";

const TOTAL = memorySeries("total");
const USED = memorySeries("used");
const AVAILABLE = memorySeries("available");
const FREE = memorySeries("free");
const CACHED = memorySeries("cached");
const BUFFERS = memorySeries("buffers");
const USED_PERCENT = defineSeries(
  "memory_used_percent",
  {},
  "percent",
  "Share of main memory that is not available to new work, 0 to 100.",
);
const SWAP_TOTAL = swapSeries("total");
const SWAP_USED = swapSeries("used");
const SWAP_FREE = swapSeries("free");
const SWAP_USED_PERCENT = defineSeries(
  "swap_used_percent",
  {},
  "percent",
  "Share of swap space in use, 0 to 100.",
);

/** memory_bytes, memory_used_percent and, where there is swap accounting, swap_bytes and swap_used_percent. */
export class MemoryCollector implements Collector {
  readonly name = "memory";
  readonly #read: () => MemoryReading | undefined;

  constructor(read: () => MemoryReading | undefined) {
    this.#read = read;
  }

  collect(): Measurement[] {
    const memory = this.#read();
    return memory === undefined ? [] : [...measureMemory(memory), ...measureSwap(memory)];
  }
}

/** Reads /proc/meminfo for {@link MemoryCollector}. */
export function memoryOfKernel(file: ProcFile): () => MemoryReading | undefined {
  return () => parseMeminfo(file.read() ?? "");
}

/** Reads node:os for {@link MemoryCollector}: it knows total and free memory only, and counts what is free as available. */
export function memoryOfNode(): MemoryReading {
  return {
    totalBytes: totalmem(),
    freeBytes: freemem(),
    availableBytes: freemem(),
    buffersBytes: undefined,
    cachedBytes: undefined,
    swapTotalBytes: undefined,
    swapFreeBytes: undefined,
  };
}

function measureMemory(memory: MemoryReading): Measurement[] {
  const usedBytes = Math.max(0, memory.totalBytes - memory.availableBytes);
  const measurements = [
    { series: TOTAL, value: memory.totalBytes },
    { series: USED, value: usedBytes },
    { series: AVAILABLE, value: memory.availableBytes },
    { series: FREE, value: memory.freeBytes },
    { series: USED_PERCENT, value: (100 * usedBytes) / memory.totalBytes },
  ];
  if (memory.cachedBytes !== undefined) measurements.push({ series: CACHED, value: memory.cachedBytes });
  if (memory.buffersBytes !== undefined) measurements.push({ series: BUFFERS, value: memory.buffersBytes });
  return measurements;
}

function measureSwap({ swapTotalBytes, swapFreeBytes }: MemoryReading): Measurement[] {
  if (swapTotalBytes === undefined || swapFreeBytes === undefined) return [];
  const usedBytes = Math.max(0, swapTotalBytes - swapFreeBytes);
  const measurements = [
    { series: SWAP_TOTAL, value: swapTotalBytes },
    { series: SWAP_USED, value: usedBytes },
    { series: SWAP_FREE, value: swapFreeBytes },
  ];
  // A share of no swap at all is no number.
  if (swapTotalBytes > 0) {
    measurements.push({ series: SWAP_USED_PERCENT, value: (100 * usedBytes) / swapTotalBytes });
  }
  return measurements;
}

function memorySeries(state: string): SeriesDefinition {
  return defineSeries("memory_bytes", { state }, "bytes", MEMORY_HELP);
}

function swapSeries(state: string): SeriesDefinition {
  return defineSeries("swap_bytes", { state }, "bytes", SWAP_HELP);
}
