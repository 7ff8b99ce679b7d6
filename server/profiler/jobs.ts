import type { Timers } from "../scheduler/timers.ts";
import type { Profiler } from "./service.ts";
import type { Traces } from "./traces/service.ts";

/** What a kill can lose of what was recorded. */
const FLUSH_INTERVAL_MS = 10_000;
const CLEANING_INTERVAL_MS = 10 * 60_000;

/** What the profiler asks of the timers. */
export function startProfilerJobs(timers: Timers, profiler: Profiler, traces: Traces): void {
  timers.every("profiler.flush", FLUSH_INTERVAL_MS, async () => {
    await profiler.flush();
    await traces.flush();
  });
  timers.every("profiler.cleaning", CLEANING_INTERVAL_MS, async () => {
    await profiler.clean();
    await traces.clean();
  });
}
