import type { OperationStatistics } from "../operation.ts";
import type { Suggestion } from "./suggestion.ts";

const MIN_CALLS = 10;
const SHARE = 0.8;
const P95 = 0.95;
const MS_PER_SECOND = 1_000;
const PERCENT = 100;

/**
 * Plugins whose calls come near the time that a call may take.
 * @param limitMsOf milliseconds that a call of the plugin may take; undefined when there is no such plugin.
 */
export function pluginsNearLimit(
  lastDay: readonly OperationStatistics[],
  limitMsOf: (plugin: string) => number | undefined,
): Suggestion[] {
  return lastDay.flatMap(({ kind, name, sketch }) => {
    const limitMs = kind === "plugin" ? limitMsOf(name) : undefined;
    if (limitMs === undefined || sketch.count < MIN_CALLS) return [];
    const p95Ms = sketch.quantile(P95);
    if (p95Ms < limitMs * SHARE) return [];
    const percent = Math.round((PERCENT * p95Ms) / limitMs);
    return {
      kind: "plugin_near_limit" as const,
      subject: name,
      finding: `Its 95th percentile is ${percent} % of the time that a call may take.`,
      action: "Give it smaller inputs, or a longer time in its manifest before its calls are ended.",
      evidence: {
        p95Seconds: p95Ms / MS_PER_SECOND,
        limitSeconds: limitMs / MS_PER_SECOND,
        calls: sketch.count,
      },
    };
  });
}
