import type { Clock } from "../lib/clock.ts";
import { within } from "../lib/deadline.ts";
import { AppError } from "./app-error.ts";

/**
 * Settles as `work` does. When `timeoutMs` have passed, the error that is thrown is also what its signal is aborted with;
 * work that does not heed the signal goes on unheard.
 * @throws AppError `timed_out`, and what `work` throws
 */
export async function withTimeLimit<T>(
  clock: Clock,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
  controller: AbortController = new AbortController(),
): Promise<T> {
  return within(clock, timeoutMs, work(controller.signal), () => {
    const error = new AppError("timed_out", `It took longer than ${timeoutMs} ms.`);
    controller.abort(error);
    return error;
  });
}
