/** What closing takes at most once requests have drained: then whatever hangs is left behind. */
const CLOSING_MS = 1_500;
const MS_PER_SECOND = 1_000;
/** What a shell reports for a process that a signal ended. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
const EXIT_FAILED = 1;

export type StopSignal = keyof typeof EXIT_CODES;

/**
 * Resolves at the first SIGTERM or SIGINT. From then on a second one ends the process at once, and so does the time
 * that draining and closing may take.
 * SIGHUP keeps its meaning: `nohup` must work.
 */
export function untilStopSignal(drainSeconds: number): Promise<StopSignal> {
  const { promise, resolve } = Promise.withResolvers<StopSignal>();
  let isStopping = false;
  const onSignal = (signal: StopSignal): void => {
    if (isStopping) process.exit(EXIT_CODES[signal]);
    isStopping = true;
    setTimeout(giveUp, drainSeconds * MS_PER_SECOND + CLOSING_MS).unref();
    resolve(signal);
  };
  process.on("SIGTERM", () => onSignal("SIGTERM"));
  process.on("SIGINT", () => onSignal("SIGINT"));
  return promise;
}

function giveUp(): never {
  console.error("binnacle: stopping took too long; ended without waiting for the rest");
  process.exit(EXIT_FAILED);
}
