import type { Timers } from "../scheduler/timers.ts";
import type { Notifier } from "./notify/notifier.ts";
import type { Alerts } from "./service.ts";

const TICK_INTERVAL_MS = 1_000;
const PRUNE_INTERVAL_MS = 10 * 60_000;

/** What alerts ask of the timers. */
export function startAlertJobs(
  timers: Timers,
  { alerts, notifier }: { alerts: Alerts; notifier: Notifier },
): void {
  timers.every("alerts.tick", TICK_INTERVAL_MS, async () => {
    await alerts.endMutes();
    await notifier.tick();
  });
  timers.every("alerts.prune", PRUNE_INTERVAL_MS, async () => {
    await alerts.prune();
    await notifier.prune();
  });
}
