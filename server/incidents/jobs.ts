import type { Timers } from "../scheduler/timers.ts";
import type { Incidents } from "./service.ts";

/** What a kill can lose of the counts. */
export const FLUSH_INTERVAL_MS = 5_000;
const CLEANING_INTERVAL_MS = 10 * 60_000;

/** What the error centre asks of the timers. */
export function startIncidentJobs(timers: Timers, incidents: Incidents): void {
  timers.every("errors.flush", FLUSH_INTERVAL_MS, () => incidents.flush());
  timers.every("errors.cleaning", CLEANING_INTERVAL_MS, () => incidents.clean());
}
