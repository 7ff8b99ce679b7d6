/** Beyond nine decimals a double of everyday size has no digits left to give. */
export const MAX_DECIMALS = 9;
/** One bit is the sign's: zigzag and varint then stay within the 53 exact bits of a double. */
const MAX_SCALED = 2 ** 52 - 1;
const POWERS_OF_TEN = Array.from({ length: MAX_DECIMALS + 1 }, (_, exponent) => 10 ** exponent);
/** A second difference of numbers in a range of 2^50 stays below 2^52 and its zigzag below 2^53: all of it exact. */
const MAX_RANGE = 2 ** 50;

/** Numbers as integers: `values[i] = (base + divisor × steps[i]) / 10^decimals`, bit for bit. */
export interface ScaledIntegers {
  decimals: number;
  base: number;
  divisor: number;
  /** Integers from 0, with no divisor in common. */
  steps: Float64Array;
}

/** 10 to the power of `decimals` (0 to {@link MAX_DECIMALS}). */
export function powerOfTen(decimals: number): number {
  return POWERS_OF_TEN[decimals] ?? Number.NaN;
}

/**
 * The fewest decimals with which every number can be written as an integer and read back bit for bit;
 * `undefined` when there are none (full-precision doubles, −0, infinities, integers beyond 2^52).
 */
export function decimalsOf(values: Float64Array): number | undefined {
  let decimals = 0;
  let power = 1;
  for (const value of values) {
    while (!isWhole(value, power)) {
      decimals += 1;
      if (decimals > MAX_DECIMALS) return undefined;
      power = powerOfTen(decimals);
    }
  }
  // A later number can need more decimals and so large a scale that an earlier one no longer survives it.
  for (const value of values) if (!isWhole(value, power)) return undefined;
  return decimals;
}

function isWhole(value: number, power: number): boolean {
  const scaled = Math.round(value * power);
  // −0 is equal to 0 but is not the same double.
  return Math.abs(scaled) <= MAX_SCALED && scaled / power === value && (value !== 0 || 1 / value > 0);
}

/** Writes numbers as scaled integers; `undefined` when that would not bring them back bit for bit. */
export function toScaledIntegers(values: Float64Array): ScaledIntegers | undefined {
  const decimals = decimalsOf(values);
  if (decimals === undefined || values.length === 0) return undefined;
  const power = powerOfTen(decimals);
  const steps = new Float64Array(values.length);
  let base = Number.POSITIVE_INFINITY;
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i += 1) {
    const scaled = Math.round((values[i] ?? 0) * power);
    steps[i] = scaled;
    if (scaled < base) base = scaled;
    if (scaled > top) top = scaled;
  }
  if (top - base > MAX_RANGE) return undefined;
  for (let i = 0; i < steps.length; i += 1) steps[i] = (steps[i] ?? 0) - base;
  const divisor = greatestDivisor(steps);
  if (divisor > 1) for (let i = 0; i < steps.length; i += 1) steps[i] = (steps[i] ?? 0) / divisor;
  return { decimals, base, divisor, steps };
}

/** Memory moves in pages and disks in sectors: taking the factor out saves a byte or more a sample. */
function greatestDivisor(steps: Float64Array): number {
  let divisor = 0;
  for (const step of steps) {
    let a = step;
    while (a !== 0) {
      const rest = divisor % a;
      divisor = a;
      a = rest;
    }
    if (divisor === 1) return 1;
  }
  return divisor === 0 ? 1 : divisor;
}
