/** Makes the median absolute deviation of normal data its standard deviation. */
const MAD_SCALE = 0.6745;
/** A series that hardly moves is not unusual for moving by less than this share of its level. */
const LEAST_SHARE = 0.01;
const LEAST_SPREAD = 1e-9;

/** Where values lie and how far they spread. */
export interface Centre {
  median: number;
  /** The median absolute deviation, at least 1 % of the median. */
  spread: number;
}

/**
 * The modified z-score of a value against a history: 0.6745 · (value − median) ÷ MAD (Iglewicz and Hoaglin, 1993). A few
 * outliers in the history do not move it.
 */
export const robustZ = ({ median, spread }: Centre, value: number): number =>
  (MAD_SCALE * (value - median)) / spread;

/** @param sorted ascending, at least one value */
export function centreOf(sorted: readonly number[]): Centre {
  const median = medianOf(sorted);
  const spread = Math.max(deviationOf(sorted, median), Math.abs(median) * LEAST_SHARE, LEAST_SPREAD);
  return { median, spread };
}

function medianOf(sorted: readonly number[]): number {
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? 0) + upper) / 2;
}

/** The median distance from `median`: distances grow from the middle of a sorted list outwards, so half of it is walked. */
function deviationOf(sorted: readonly number[], median: number): number {
  const half = sorted.length >> 1;
  let above = half;
  let below = half - 1;
  let nearer = 0;
  let distance = 0;
  for (let taken = 0; taken <= half; taken++) {
    nearer = distance;
    const up = (sorted[above] ?? Number.POSITIVE_INFINITY) - median;
    const down = median - (sorted[below] ?? Number.NEGATIVE_INFINITY);
    if (up <= down) above++;
    else below--;
    distance = Math.min(up, down);
  }
  return sorted.length % 2 === 1 ? distance : (nearer + distance) / 2;
}
