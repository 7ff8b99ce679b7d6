import type { Clock } from "./clock.ts";

/** Settles as `work` does, or throws what `late` makes when `timeoutMs` have passed; the work itself goes on unheard. */
export async function within<T>(
  clock: Clock,
  timeoutMs: number,
  work: Promise<T>,
  late: () => unknown,
): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = clock.after(timeoutMs, () => reject(late()));
  try {
    return await Promise.race([work, promise]);
  } finally {
    timer.cancel();
  }
}
