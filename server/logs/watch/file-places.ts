/** Files followed at once, each with an open descriptor. */
export const MAX_FOLLOWED_FILES = 500;

/**
 * Shares the places out to patterns that want so many each: none gets more than it wants, and none goes without what
 * another has beyond an equal part (max-min fairness).
 */
export function shareOut(wanted: readonly number[]): number[] {
  const shares = wanted.map(() => 0);
  let left = MAX_FOLLOWED_FILES;
  let hungry = [...wanted.keys()];
  while (hungry.length > 0 && left > 0) {
    const part = Math.max(1, Math.floor(left / hungry.length));
    for (const index of hungry) {
      const given = Math.min(part, left, (wanted[index] ?? 0) - (shares[index] ?? 0));
      shares[index] = (shares[index] ?? 0) + given;
      left -= given;
    }
    hungry = hungry.filter((index) => (shares[index] ?? 0) < (wanted[index] ?? 0));
  }
  return shares;
}

/** What to say of a pattern that has fewer places than files. */
export const tooFewPlaces = (named: number, followed: number): string =>
  `it names ${named} files, and ${followed} of them are followed: ${MAX_FOLLOWED_FILES} places are shared by all`;
