import type { RepeatedQuery } from "./repeats.ts";
import type { Suggestion } from "./suggestion.ts";

/** Seen answers below which nothing is said. */
const MIN_SEEN = 20;
/** From this share of unchanged answers on. */
const MIN_SHARE = 0.9;
const PERCENT = 100;
const MS_PER_SECOND = 1_000;

/** Queries that are asked again and again, with the same variables and the same answer, and that no cache answers. */
export const cacheableQueries = (repeated: readonly RepeatedQuery[]): Suggestion[] =>
  repeated
    .filter(({ seen, same }) => seen >= MIN_SEEN && same / (seen - 1) >= MIN_SHARE)
    .toSorted((a, b) => b.totalMs - a.totalMs)
    .map(({ name, seen, same, totalMs, isCacheable }) => ({
      kind: "cacheable_query",
      subject: name,
      finding: `Of ${seen} looked at with the same variables, ${same} were answered as the time before.`,
      action: isCacheable
        ? "Switch on features.queryCache: answers of this query may be kept until something changes them."
        : "Ask it less often, or follow a subscription in its place: no cache keeps answers of this query.",
      evidence: {
        lookedAt: seen,
        unchanged: same,
        unchangedPercent: Math.round((PERCENT * same) / (seen - 1)),
        averageSeconds: totalMs / seen / MS_PER_SECOND,
      },
    }));
