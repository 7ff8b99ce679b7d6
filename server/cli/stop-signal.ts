/** Whatever hangs, the process is gone by then: a service manager would kill it soon after. */
const STOP_DEADLINE_MS = 9_500;
/** What a shell reports for a process that a signal ended. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
const EXIT_FAILED = 1;

export type StopSignal = keyof typeof EXIT_CODES;

/**
 * Resolves at the first SIGTERM or SIGINT. From then on a second one ends the process at once, and so does the deadline.
 * SIGHUP keeps its meaning: `nohup` must work.
 */
export function untilStopSignal(): Promise<StopSignal> {
  const { promise, resolve } = Promise.withResolvers<StopSignal>();
  let isStopping = false;
  const onSignal = (signal: StopSignal): void => {
    if (isStopping) process.exit(EXIT_CODES[signal]);
    isStopping = true;
    setTimeout(() => {
      console.error("binnacle: stopping took too long; ended without waiting for the rest");
      process.exit(EXIT_FAILED);
    }, STOP_DEADLINE_MS).unref();
    resolve(signal);
  };
  process.on("SIGTERM", () => onSignal("SIGTERM"));
  process.on("SIGINT", () => onSignal("SIGINT"));
  return promise;
}
