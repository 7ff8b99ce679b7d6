import type { Samples } from "../chunks/chunk.ts";
import { lowerBound } from "../rollup.ts";

/** Samples with from ≤ time < to; a view. */
export function sliceSamples({ times, values }: Samples, from: number, to: number): Samples {
  const start = lowerBound(times, from);
  const end = lowerBound(times, to);
  return { times: times.subarray(start, end), values: values.subarray(start, end) };
}

/** Joins sorted runs into one; of two samples of the same moment the one from the later run counts. */
export function mergeRuns(runs: readonly Samples[]): Samples {
  const filled = runs.filter((run) => run.times.length > 0);
  const [only] = filled;
  if (only && filled.length === 1) return only;
  const joined = concatenate(filled);
  return isGrowing(joined.times) ? joined : sortAndDeduplicate(joined);
}

function concatenate(runs: readonly Samples[]): Samples {
  const length = runs.reduce((sum, run) => sum + run.times.length, 0);
  const joined = { times: new Float64Array(length), values: new Float64Array(length) };
  let at = 0;
  for (const run of runs) {
    joined.times.set(run.times, at);
    joined.values.set(run.values, at);
    at += run.times.length;
  }
  return joined;
}

function isGrowing(times: Float64Array): boolean {
  for (let i = 1; i < times.length; i += 1) if ((times[i] ?? 0) <= (times[i - 1] ?? 0)) return false;
  return true;
}

function sortAndDeduplicate({ times, values }: Samples): Samples {
  const order = Uint32Array.from(times, (_, i) => i);
  order.sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b);
  const sorted = { times: new Float64Array(times.length), values: new Float64Array(times.length) };
  let length = 0;
  for (const i of order) {
    const time = times[i] ?? 0;
    if (length > 0 && sorted.times[length - 1] === time) length -= 1;
    sorted.times[length] = time;
    sorted.values[length] = values[i] ?? 0;
    length += 1;
  }
  return { times: sorted.times.subarray(0, length), values: sorted.values.subarray(0, length) };
}
