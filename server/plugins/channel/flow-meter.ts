/** How much a channel may bring in the long run, and at once. */
export interface FlowLimit {
  perSecond: number;
  burst: number;
}

/** A token bucket that may go into debt: what has arrived is taken, and the next must wait. */
export class FlowMeter {
  readonly #limit: FlowLimit;
  #left: number;
  #atMs: number;

  constructor(limit: FlowLimit, nowMs: number) {
    this.#limit = limit;
    this.#left = limit.burst;
    this.#atMs = nowMs;
  }

  /** Takes `amount`; answers how long nothing more should be read, 0 when there is no need to wait. */
  take(amount: number, nowMs: number): number {
    const { perSecond, burst } = this.#limit;
    this.#left = Math.min(burst, this.#left + ((nowMs - this.#atMs) / 1000) * perSecond) - amount;
    this.#atMs = nowMs;
    return this.#left >= 0 ? 0 : Math.ceil((-this.#left / perSecond) * 1000);
  }
}
