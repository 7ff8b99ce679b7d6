const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export type Resolution = "raw" | "1m" | "1h";

/** One resolution in which samples are kept. */
export interface Tier {
  readonly name: Resolution;
  /** As stored in `chunks.tier`. */
  readonly number: number;
  /** Width of a bucket; 0 for samples as they came. */
  readonly stepMs: number;
  /** No chunk crosses a multiple of this, so that a range finds its chunks by their start alone. */
  readonly windowMs: number;
}

/** Finest first. A window holds 720 samples at 5 s, 1,440 minutes or 720 hours. */
export const TIERS = {
  raw: { name: "raw", number: 0, stepMs: 0, windowMs: HOUR_MS },
  "1m": { name: "1m", number: 1, stepMs: MINUTE_MS, windowMs: DAY_MS },
  "1h": { name: "1h", number: 2, stepMs: HOUR_MS, windowMs: 30 * DAY_MS },
} as const satisfies Record<Resolution, Tier>;

/** The multiple of `stepMs` at or before `at`. */
export function floorTo(at: number, stepMs: number): number {
  return Math.floor(at / stepMs) * stepMs;
}
