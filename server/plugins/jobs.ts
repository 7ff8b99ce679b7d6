import type { Timers } from "../scheduler/timers.ts";

const LOOK_INTERVAL_MS = 30_000;
const UPKEEP_INTERVAL_MS = 86_400_000;
const FIRST_UPKEEP_AFTER_MS = 10 * 60_000;

/**
 * Looks at the plugins folder now and then, for file systems that send no notices of changes; lets go of what was
 * removed long ago.
 */
export function startPluginJobs(
  timers: Timers,
  work: { look: () => Promise<void>; upkeep: () => Promise<void> },
): void {
  timers.every("plugins.look", LOOK_INTERVAL_MS, work.look);
  timers.every("plugins.upkeep", UPKEEP_INTERVAL_MS, work.upkeep, FIRST_UPKEEP_AFTER_MS);
}
