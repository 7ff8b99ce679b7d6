import type { Events } from "./events.ts";

/** What the bus needs of the registry of timers, which stands above it. */
interface Recurring {
  every(name: string, intervalMs: number, run: () => Promise<void>): () => void;
}

const CUT_INTERVAL_MS = 5_000;
const REPORT_INTERVAL_MS = 60_000;

/** What the bus asks of the timers. */
export function startEventJobs(timers: Recurring, events: Events): void {
  timers.every("events.ring", CUT_INTERVAL_MS, () => events.cut());
  timers.every("events.drops", REPORT_INTERVAL_MS, () => events.reportDrops());
}
