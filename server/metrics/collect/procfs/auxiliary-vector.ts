const ENTRY_BYTES = 16;
/** AT_PAGESZ and AT_CLKTCK of getauxval(3). */
const PAGE_SIZE_TAG = 6n;
const CLOCK_TICKS_TAG = 17n;
const DEFAULT_PAGE_SIZE_BYTES = 4096;
const DEFAULT_TICKS_PER_SECOND = 100;

/** The two constants without which the numbers of /proc/[pid]/stat have no unit. */
export interface KernelConstants {
  readonly pageSizeBytes: number;
  readonly ticksPerSecond: number;
}

/**
 * Reads /proc/self/auxv of a 64-bit little-endian system (pairs of 64-bit tag and value). Page sizes differ: 4, 16
 * or 64 KiB on ARM. What is missing gets the usual value.
 */
export function parseAuxiliaryVector(bytes: Uint8Array): KernelConstants {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let pageSizeBytes = DEFAULT_PAGE_SIZE_BYTES;
  let ticksPerSecond = DEFAULT_TICKS_PER_SECOND;
  for (let at = 0; at + ENTRY_BYTES <= bytes.byteLength; at += ENTRY_BYTES) {
    const tag = view.getBigUint64(at, true);
    const value = Number(view.getBigUint64(at + 8, true));
    if (tag === PAGE_SIZE_TAG && value > 0) pageSizeBytes = value;
    if (tag === CLOCK_TICKS_TAG && value > 0) ticksPerSecond = value;
  }
  return { pageSizeBytes, ticksPerSecond };
}
