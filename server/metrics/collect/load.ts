import { loadavg } from "node:os";
import { defineSeries } from "../series.ts";
import type { Collector, Measurement } from "./collector.ts";
import type { ProcFile } from "./procfs/proc-file.ts";

const PERIODS = ["1m", "5m", "15m"] as const;
const SERIES = PERIODS.map((period) =>
  defineSeries("load_average", { period }, "count", "Tasks that ran or waited, on average over the period."),
);

/** load_average over one, five and fifteen minutes. */
export class LoadCollector implements Collector {
  readonly name = "load";
  readonly #read: () => readonly number[];

  constructor(read: () => readonly number[]) {
    this.#read = read;
  }

  collect(): Measurement[] {
    const averages = this.#read();
    return SERIES.flatMap((series, index) => {
      const value = averages[index];
      return value === undefined ? [] : [{ series, value }];
    });
  }
}

/** Reads /proc/loadavg for {@link LoadCollector}. */
export function loadOfKernel(file: ProcFile): () => readonly number[] {
  return () => parseLoadavg(file.read() ?? "");
}

/** Reads node:os for {@link LoadCollector}. */
export function loadOfNode(): readonly number[] {
  return loadavg();
}

/** The three averages of /proc/loadavg; empty for any other text. */
export function parseLoadavg(text: string): number[] {
  const match = /^(\d+\.\d+) (\d+\.\d+) (\d+\.\d+) /.exec(text);
  return match === null ? [] : match.slice(1, 4).map(Number);
}
