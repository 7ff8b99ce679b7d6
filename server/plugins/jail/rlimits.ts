import { mustSyscall } from "./libc.ts";

/** Numbers of asm-generic/resource.h. */
const RESOURCE = {
  fileSize: 1,
  data: 2,
  core: 4,
  processes: 6,
  openFiles: 7,
  lockedMemory: 8,
  addressSpace: 9,
  fileLocks: 10,
  pendingSignals: 11,
  messageQueues: 12,
  nice: 13,
  realTimePriority: 14,
  realTimeMicroseconds: 15,
} as const;

/** Limits of the kernel on one process; soft and hard are the same. */
export type ResourceLimits = Partial<Record<keyof typeof RESOURCE, number>>;

/** What no jail needs any of. A write that would make a file longer is refused; no core file; nothing locked or queued. */
const NOTHING_OF: ResourceLimits = {
  fileSize: 0,
  core: 0,
  lockedMemory: 0,
  fileLocks: 0,
  messageQueues: 0,
  nice: 0,
  realTimePriority: 0,
  realTimeMicroseconds: 0,
  // The C library keeps a few for its timers.
  pendingSignals: 64,
};

/** Sets {@link NOTHING_OF} and `limits` on this process. @throws JailFailure */
export function setResourceLimits(limits: ResourceLimits): void {
  for (const [name, value] of Object.entries({ ...NOTHING_OF, ...limits })) {
    const both = BigUint64Array.of(BigInt(value), BigInt(value));
    mustSyscall("rlimits", "prlimit64", 0, RESOURCE[name as keyof typeof RESOURCE], both, 0);
  }
}
