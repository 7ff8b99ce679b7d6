import type { OperationStatistics } from "../operation.ts";
import type { Suggestion } from "./suggestion.ts";

const MIN_CALLS = 20;
const MIN_SHARE = 0.05;
const PERCENT = 100;

/** Operations of which at least one run in twenty failed. */
export const failsOften = (lastDay: readonly OperationStatistics[]): Suggestion[] =>
  lastDay
    .filter(({ errors, sketch }) => sketch.count >= MIN_CALLS && errors / sketch.count >= MIN_SHARE)
    .map(({ name, errors, sketch }) => ({
      kind: "fails_often",
      subject: name,
      finding: `${errors} of its ${sketch.count} runs within a day failed.`,
      action: "Look for its failures in the error centre: time spent on them is lost.",
      evidence: {
        failed: errors,
        calls: sketch.count,
        failedPercent: Math.round((PERCENT * errors) / sketch.count),
      },
    }));
