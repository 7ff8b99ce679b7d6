import type { Outbox } from "./outbox.ts";

/** What the outbox needs of the registry of timers, which stands above it. */
interface Recurring {
  every(name: string, intervalMs: number, run: () => Promise<void>): () => void;
}

const SWEEP_INTERVAL_MS = 30_000;
const PRUNE_INTERVAL_MS = 10 * 60_000;

/** What the outbox asks of the timers: enqueued deliveries do not wait for them. */
export function startOutboxJobs(timers: Recurring, outbox: Outbox): void {
  timers.every("outbox.sweep", SWEEP_INTERVAL_MS, () => outbox.sweep());
  timers.every("outbox.prune", PRUNE_INTERVAL_MS, () => outbox.prune());
}
