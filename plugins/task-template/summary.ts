export interface Summary {
  count: number;
  min: number;
  max: number;
  mean: number;
  /** The middle value, or the mean of the two in the middle. */
  median: number;
  /** Of the population. */
  standardDeviation: number;
}

/**
 * Figures of at least one number. Mean and deviation by Welford's method (Knuth, TAOCP vol. 2, 4.2.2): one pass, and no
 * loss where the values are large and close together.
 */
export function summarise(values: readonly number[]): Summary {
  let mean = 0;
  let squares = 0;
  for (const [index, value] of values.entries()) {
    const distance = value - mean;
    mean += distance / (index + 1);
    squares += distance * (value - mean);
  }
  const sorted = values.toSorted((a, b) => a - b);
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  const upper = sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0;
  return {
    count: values.length,
    min: sorted[0] ?? 0,
    max: sorted.at(-1) ?? 0,
    mean,
    median: (lower + upper) / 2,
    standardDeviation: Math.sqrt(squares / values.length),
  };
}
