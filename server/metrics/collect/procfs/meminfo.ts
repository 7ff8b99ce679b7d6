import { eachLine, readNumbers } from "./fields.ts";

const BYTES_PER_KIB = 1024;

/** Sizes in bytes. */
export interface MemoryReading {
  readonly totalBytes: number;
  readonly freeBytes: number;
  /** What new work could take without swapping. */
  readonly availableBytes: number;
  /** `undefined` where the system does not tell them apart. */
  readonly buffersBytes: number | undefined;
  readonly cachedBytes: number | undefined;
  readonly swapTotalBytes: number | undefined;
  readonly swapFreeBytes: number | undefined;
}

/**
 * Reads /proc/meminfo. `cached` is page cache plus reclaimable slab, as `free` shows it. Before Linux 3.14 there
 * is no MemAvailable: free + buffers + cached stands in.
 * @returns undefined when the total or the free size is missing.
 */
export function parseMeminfo(text: string): MemoryReading | undefined {
  const sizes: Record<string, number> = {};
  const one = new Float64Array(1);
  eachLine(text, (start, end) => {
    const colon = text.indexOf(":", start);
    if (colon === -1 || colon > end || !isWanted(text, start)) return;
    if (readNumbers(text, colon + 1, one) === 1)
      sizes[text.slice(start, colon)] = (one[0] ?? 0) * BYTES_PER_KIB;
  });
  const { MemTotal: totalBytes, MemFree: freeBytes, Buffers: buffersBytes, Cached: pageCache } = sizes;
  if (totalBytes === undefined || totalBytes === 0 || freeBytes === undefined) return undefined;
  const cachedBytes = pageCache === undefined ? undefined : pageCache + (sizes.SReclaimable ?? 0);
  const estimate = Math.min(totalBytes, freeBytes + (buffersBytes ?? 0) + (cachedBytes ?? 0));
  return {
    totalBytes,
    freeBytes,
    availableBytes: sizes.MemAvailable ?? estimate,
    buffersBytes,
    cachedBytes,
    swapTotalBytes: sizes.SwapTotal,
    swapFreeBytes: sizes.SwapFree,
  };
}

/** By first letter only: of the fifty lines most are skipped without cutting out their name. */
function isWanted(text: string, start: number): boolean {
  const first = text.charAt(start);
  return first === "M" || first === "B" || first === "C" || first === "S";
}
