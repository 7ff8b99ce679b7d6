import type { Clock } from "../../lib/clock.ts";
import { defineSeries, type SeriesDefinition } from "../series.ts";
import type { Collector, Measurement } from "./collector.ts";
import { type PressureReading, parsePressure } from "./procfs/pressure.ts";
import type { ProcFile, ProcFolder } from "./procfs/proc-file.ts";
import { counterRate, RateWindow } from "./rate.ts";

const HELP =
  "Share of time in which some or all (full) tasks stood still for want of the resource, 0 to 100.";
const MICROSECONDS_PER_PERCENT_OF_A_SECOND = 10_000;

interface Resource {
  readonly file: ProcFile;
  readonly some: SeriesDefinition;
  readonly full: SeriesDefinition | undefined;
  before: PressureReading | undefined;
}

/** pressure_stall_percent from the kernel's running totals, so exact over each interval instead of its ten-second averages. */
export class PressureCollector implements Collector {
  readonly name = "pressure";
  readonly #window: RateWindow;
  readonly #resources: Resource[];

  constructor(proc: ProcFolder, clock: Pick<Clock, "monotonic">) {
    this.#window = new RateWindow(clock);
    this.#resources = ["cpu", "memory", "io"].map((resource) => ({
      file: proc.file(`pressure/${resource}`),
      some: stallSeries(resource, "some"),
      // For the whole system "all tasks wait for a processor" cannot be; the kernel writes 0 there since 5.13.
      full: resource === "cpu" ? undefined : stallSeries(resource, "full"),
      before: undefined,
    }));
  }

  collect(): Measurement[] {
    const seconds = this.#window.advance();
    const measurements: Measurement[] = [];
    for (const resource of this.#resources) {
      const text = resource.file.read();
      const now = text === undefined ? undefined : parsePressure(text);
      const { before, some, full } = resource;
      resource.before = now;
      push(measurements, some, before?.someMicroseconds, now?.someMicroseconds, seconds);
      push(measurements, full, before?.fullMicroseconds, now?.fullMicroseconds, seconds);
    }
    return measurements;
  }
}

function push(
  measurements: Measurement[],
  series: SeriesDefinition | undefined,
  before: number | undefined,
  now: number | undefined,
  seconds: number | undefined,
): void {
  if (series === undefined || now === undefined) return;
  const rate = counterRate(before, now, seconds);
  if (rate === undefined) return;
  measurements.push({ series, value: Math.min(100, rate / MICROSECONDS_PER_PERCENT_OF_A_SECOND) });
}

function stallSeries(resource: string, kind: "some" | "full"): SeriesDefinition {
  return defineSeries("pressure_stall_percent", { resource, kind }, "percent", HELP);
}
