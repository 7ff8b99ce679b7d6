/** The first that was let through. @throws what stopped the first, when nothing was */
export async function anyOf<T>(ways: readonly T[], attempt: (way: T) => unknown): Promise<unknown> {
  let stopped: unknown;
  for (const way of ways) {
    try {
      return await attempt(way);
    } catch (error) {
      stopped ??= error;
    }
  }
  throw stopped;
}
