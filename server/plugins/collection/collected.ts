import { AppError, toAppError } from "../../errors/app-error.ts";
import { readMetrics } from "../broker/metrics.ts";
import type { RecordedMetric } from "../broker/recorded-metrics.ts";

/**
 * What a monitor's `collect` answered: a list of metrics, or a name → value of each; nothing when it has recorded by
 * itself.
 * @throws AppError `plugin_execution_failed` when it is none of that
 */
export function collectedMetrics(answer: unknown): RecordedMetric[] {
  if (answer === undefined || answer === null) return [];
  try {
    return readMetrics(Array.isArray(answer) ? answer : byName(answer));
  } catch (thrown) {
    const { message } = toAppError(thrown);
    throw new AppError("plugin_execution_failed", `What collect answered cannot be recorded: ${message}`);
  }
}

const byName = (answer: unknown): unknown =>
  typeof answer === "object" && answer !== null
    ? Object.entries(answer).map(([name, value]) => ({ name, value }))
    : answer;
