/** Makes the median absolute deviation of normal data its standard deviation. */
const MAD_SCALE = 0.6745;
/** A series that hardly moves is not unusual for moving by less than this share of its level. */
const LEAST_SHARE = 0.01;
const LEAST_SPREAD = 1e-9;

/**
 * The modified z-score of a value against a history: 0.6745 · (value − median) ÷ MAD (Iglewicz and Hoaglin, 1993). A few
 * outliers in the history do not move it. The deviation counts as at least 1 % of the median.
 */
export function robustZ(history: readonly number[], value: number): number {
  const middle = median(history);
  const deviation = median(history.map((one) => Math.abs(one - middle)));
  const spread = Math.max(deviation, Math.abs(middle) * LEAST_SHARE, LEAST_SPREAD);
  return (MAD_SCALE * (value - middle)) / spread;
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? 0) + upper) / 2;
}
