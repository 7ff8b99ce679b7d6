const KIBIBYTE = 1024;
const MEBIBYTE = 1024 ** 2;

/**
 * What the plugin host uses before it has read a plugin; a plugin's limits are counted above it. Measured on Bun 1.4.5
 * under {@link hostEnvironment}: 276 MiB of data, 373 with the host's worker (of which 64 are the allocator's next arena,
 * which the plugin fills), 12 threads, 11 descriptors, 44 MB resident.
 */
export const HOST_NEEDS = {
  /** RLIMIT_DATA counts what is mapped to be written, used or not. */
  dataBytes: 384 * MEBIBYTE,
  /**
   * RLIMIT_AS counts every mapping, the executable's 140 MB too (525 MiB in all). It bounds what was written and then made
   * read-only, which RLIMIT_DATA forgets; resizable buffers reserve here what they may grow to.
   */
  addressBytes: 592 * MEBIBYTE,
  /** As a cgroup counts. High enough for RLIMIT_DATA to refuse first: an error can be caught, the end of the process cannot. */
  memoryBytes: 192 * MEBIBYTE,
  /** Bun's pool, the garbage collector's, the compilers', a worker. */
  threads: 32,
  /** Event loops and what wakes them, the channel, the standard streams. */
  openFiles: 32,
} as const;

/** What the collector may count for the host itself. */
const HOST_RAM_BYTES = 96 * MEBIBYTE;

/**
 * The whole environment of a jail, from its first program on. Bun reserves 1 GiB for compiled code, 8 GiB for the shapes
 * of objects and 1 GiB for its allocator; RLIMIT_DATA counts reservations, so under a limit it went on without a compiler,
 * many times slower and without `bun:ffi`. These are large enough for a plugin. The collector is told how much there is:
 * left to itself it takes the machine's whole memory for granted.
 */
export function hostEnvironment(memoryBytes: number): Record<string, string> {
  return {
    BUN_JSC_jitMemoryReservationSize: String(64 * MEBIBYTE),
    BUN_JSC_structureHeapSizeInKB: String((128 * MEBIBYTE) / KIBIBYTE),
    BUN_JSC_forceRAMSize: String(HOST_RAM_BYTES + memoryBytes),
    MIMALLOC_ARENA_RESERVE: String((64 * MEBIBYTE) / KIBIBYTE),
    // The C library would reserve 64 MiB of addresses for each thread that allocates.
    MALLOC_ARENA_MAX: "1",
    // Left to themselves these three grow with the machine's cores, past any limit on threads.
    UV_THREADPOOL_SIZE: "4",
    BUN_JSC_numberOfGCMarkers: "2",
    BUN_JSC_numberOfWasmCompilerThreads: "2",
  };
}
