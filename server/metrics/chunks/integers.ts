/** Beyond nine decimals a double of everyday size has no digits left to give. */
export const MAX_DECIMALS = 9;
/** One bit is the sign's: zigzag and varint then stay within the 53 exact bits of a double. */
export const MAX_SCALED = 2 ** 52 - 1;
const POWERS_OF_TEN = Array.from({ length: MAX_DECIMALS + 1 }, (_, exponent) => 10 ** exponent);
/** A second difference of numbers in a range of 2^50 stays below 2^52 and its zigzag below 2^53: all of it exact. */
const MAX_RANGE = 2 ** 50;

// The loops of this file run over every sample that is sealed; by index they take a third of the time of `for … of`.

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
 * Writes numbers as integers with the fewest decimals that bring each of them back bit for bit; `undefined` when
 * there are none (full-precision doubles, −0, infinities, integers beyond 2^52) or when they lie too far apart.
 */
export function toScaledIntegers(values: Float64Array): ScaledIntegers | undefined {
  const steps = new Float64Array(values.length);
  const decimals = scale(values, steps);
  if (decimals === undefined || values.length === 0) return undefined;
  let base = Number.POSITIVE_INFINITY;
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < steps.length; i += 1) {
    const step = steps[i] ?? 0;
    if (step < base) base = step;
    if (step > top) top = step;
  }
  if (top - base > MAX_RANGE) return undefined;
  for (let i = 0; i < steps.length; i += 1) steps[i] = (steps[i] ?? 0) - base;
  const divisor = greatestDivisor(steps);
  if (divisor > 1) for (let i = 0; i < steps.length; i += 1) steps[i] = (steps[i] ?? 0) / divisor;
  return { decimals, base, divisor, steps };
}

/** The decimals that {@link toScaledIntegers} would choose. */
export function decimalsOf(values: Float64Array): number | undefined {
  return scale(values);
}

/**
 * Returns the decimals and fills `scaled`. A number that needs one more sends it back to the start: with a larger
 * scale an earlier one may no longer survive.
 */
function scale(values: Float64Array, scaled?: Float64Array): number | undefined {
  let decimals = 0;
  let power = 1;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? 0;
    const whole = Math.round(value * power);
    // −0 is equal to 0 but is not the same double; NaN is equal to nothing.
    if (whole / power === value && Math.abs(whole) <= MAX_SCALED && (value !== 0 || 1 / value > 0)) {
      if (scaled) scaled[i] = whole;
      continue;
    }
    decimals += 1;
    if (decimals > MAX_DECIMALS) return undefined;
    power = powerOfTen(decimals);
    i = -1;
  }
  return decimals;
}

/** Memory moves in pages and disks in sectors: taking the factor out saves a byte or more a sample. */
function greatestDivisor(steps: Float64Array): number {
  let divisor = 0;
  for (let i = 0; i < steps.length; i += 1) {
    const step = steps[i] ?? 0;
    // Nearly always: the divisor holds. Written without `%`, which is a library call on doubles.
    if (step === 0 || Math.floor(step / divisor) * divisor === step) continue;
    divisor = commonDivisor(divisor, step);
    if (divisor === 1) return 1;
  }
  return divisor === 0 ? 1 : divisor;
}

/** Euclid's algorithm. */
function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
