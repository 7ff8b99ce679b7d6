import type { Metrics } from "../../data/metrics.ts";
import type { SeriesRecord } from "../../data/types.ts";

/** As many lines as stay readable. */
export const MAX_LINES = 10;

/** Which series a rule speaks of. */
export interface SeriesChoice {
  name: string;
  labels?: Readonly<Record<string, string>> | undefined;
}

/** The series of a name that have at least the labels. */
export async function seriesOf(
  metrics: Metrics,
  { name, labels = {} }: SeriesChoice,
): Promise<SeriesRecord[]> {
  const wanted = Object.entries(labels);
  const found = await metrics.listSeries(name);
  return found.filter(
    (series) => series.name === name && wanted.every(([label, value]) => series.labels[label] === value),
  );
}
