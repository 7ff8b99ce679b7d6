import { keyOf, MINUTE_MS, type OperationIdentity } from "./operation.ts";

/** Different operations that are told of within a minute; beyond it the rest waits for the next one. */
const MAX_TOLD_A_MINUTE = 30;
/** Operations whose untold runs are counted. */
const MAX_REMEMBERED = 1_000;

/** Decides of which slow operations somebody is told: of each at most once a minute, of all at most thirty times. */
export class SlowAlerts {
  /** What was told within the minute under way. */
  readonly #told = new Set<string>();
  readonly #untold = new Map<string, number>();
  #minuteAt = 0;

  /**
   * How many slow runs of the operation were not told of since the last time; undefined when this one is not told
   * of either.
   * @param now epoch milliseconds
   */
  take(operation: OperationIdentity, now: number): number | undefined {
    this.#turn(now);
    const key = keyOf(operation);
    const untold = this.#untold.get(key) ?? 0;
    if (this.#told.has(key) || this.#told.size >= MAX_TOLD_A_MINUTE) {
      if (untold > 0 || this.#untold.size < MAX_REMEMBERED) this.#untold.set(key, untold + 1);
      return undefined;
    }
    this.#told.add(key);
    this.#untold.delete(key);
    return untold;
  }

  #turn(now: number): void {
    const minuteAt = now - (now % MINUTE_MS);
    if (minuteAt === this.#minuteAt) return;
    this.#minuteAt = minuteAt;
    this.#told.clear();
  }
}
