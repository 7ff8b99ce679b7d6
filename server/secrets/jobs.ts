import type { Timers } from "../scheduler/timers.ts";
import type { Secrets } from "./service.ts";

const MINUTE_MS = 60_000;
const SOON_MS = 1_000;

/** What secrets ask of the timers: uses are written once a minute, and a rotation that was cut short is ended. */
export function startSecretJobs(timers: Timers, secrets: Secrets): void {
  timers.every("secrets.uses", MINUTE_MS, () => secrets.flushUses());
  const stop = timers.every(
    "secrets.rotation",
    MINUTE_MS,
    async () => {
      await secrets.keys.finishRotation();
      stop();
    },
    SOON_MS,
  );
}
