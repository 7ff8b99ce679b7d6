import type { OperationStatistics } from "../operation.ts";
import type { Suggestion } from "./suggestion.ts";

/** Calls that both stretches of time must have: fewer say little of a 95th percentile. */
const MIN_CALLS = 100;
/** How much slower it must have become. */
const FACTOR = 2;
/** Below it, twice as long is still quick. */
const MIN_P95_MS = 20;
const P95 = 0.95;
const MS_PER_SECOND = 1_000;

/** Operations whose 95th percentile has at least doubled: the last day against the six days before it. */
export function slowerThanBefore(
  lastDay: readonly OperationStatistics[],
  daysBefore: readonly OperationStatistics[],
): Suggestion[] {
  const earlier = new Map(daysBefore.map((one) => [one.id, one]));
  return lastDay.flatMap((now) => {
    const before = earlier.get(now.id);
    if (!before || Math.min(now.sketch.count, before.sketch.count) < MIN_CALLS) return [];
    const [nowMs, beforeMs] = [now.sketch.quantile(P95), before.sketch.quantile(P95)];
    if (nowMs < MIN_P95_MS || nowMs < beforeMs * FACTOR) return [];
    const times = (nowMs / Math.max(beforeMs, Number.EPSILON)).toFixed(1);
    return {
      kind: "slower_than_before" as const,
      subject: now.name,
      finding: `Its 95th percentile is ${times} times that of the six days before.`,
      action: "Look at its slow runs and traces since yesterday, and at what was changed then.",
      evidence: {
        p95Seconds: nowMs / MS_PER_SECOND,
        p95SecondsBefore: beforeMs / MS_PER_SECOND,
        calls: now.sketch.count,
        callsBefore: before.sketch.count,
      },
    };
  });
}
