import type { SeriesUnit } from "../series.ts";

/**
 * Decimals kept of what is collected, by unit; `undefined` keeps the double as it is. A percentage measured over five
 * seconds is good to about 0.1 (clock ticks of 10 ms), a rate in bytes to about one: the digits behind that are noise
 * of the division, and storing them would cost six bytes a sample. Counts come exact already (load has two decimals).
 */
const DECIMALS = {
  percent: 2,
  bytes: 0,
  bytes_per_second: 0,
  per_second: 2,
  seconds: 6,
  ratio: 4,
  count: undefined,
} as const satisfies Record<SeriesUnit, number | undefined>;

/** From here on a double has no decimals left to round. */
const WITHOUT_DECIMALS = 2 ** 43;

/** 10 to the power of the decimals that a unit keeps; `undefined` when it keeps all. */
export function scaleOf(unit: SeriesUnit): number | undefined {
  const decimals = DECIMALS[unit];
  return decimals === undefined ? undefined : 10 ** decimals;
}

/** `value` rounded to steps of 1 / `scale`; never −0. */
export function quantise(value: number, scale: number | undefined): number {
  if (scale === undefined || Math.abs(value) >= WITHOUT_DECIMALS) return value + 0;
  return Math.round(value * scale) / scale + 0;
}
