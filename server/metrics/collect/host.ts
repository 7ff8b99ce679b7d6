import { uptime } from "node:os";
import type { Clock } from "../../lib/clock.ts";
import { defineSeries, type SeriesDefinition } from "../series.ts";
import type { Collector, Measurement } from "./collector.ts";
import type { KernelStatisticsFile } from "./kernel-statistics.ts";
import type { ProcFile } from "./procfs/proc-file.ts";
import { counterRate, RateWindow } from "./rate.ts";

const UPTIME = defineSeries("host_uptime_seconds", {}, "seconds", "Time since the machine started.");
const CONTEXT_SWITCHES = defineSeries(
  "context_switches_per_second",
  {},
  "per_second",
  "Changes from one task to another each second, all cores.",
);
const INTERRUPTS = defineSeries("interrupts_per_second", {}, "per_second", "Interrupts served each second.");

/** What a machine tells of itself besides its resources. */
export interface HostReading {
  readonly uptimeSeconds: number | undefined;
  readonly contextSwitches: number | undefined;
  readonly interrupts: number | undefined;
}

/** host_uptime_seconds, context_switches_per_second and interrupts_per_second. */
export class HostCollector implements Collector {
  readonly name = "host";
  readonly #read: (at: number) => HostReading;
  readonly #window: RateWindow;
  #before: HostReading | undefined;

  constructor(read: (at: number) => HostReading, clock: Pick<Clock, "monotonic">) {
    this.#read = read;
    this.#window = new RateWindow(clock);
  }

  collect(at: number): Measurement[] {
    const now = this.#read(at);
    const seconds = this.#window.advance();
    const before = this.#before;
    this.#before = now;
    const measurements: Measurement[] = [];
    if (now.uptimeSeconds !== undefined) measurements.push({ series: UPTIME, value: now.uptimeSeconds });
    const pushRate = (series: SeriesDefinition, from: number | undefined, to: number | undefined) => {
      const value = to === undefined ? undefined : counterRate(from, to, seconds);
      if (value !== undefined) measurements.push({ series, value });
    };
    pushRate(CONTEXT_SWITCHES, before?.contextSwitches, now.contextSwitches);
    pushRate(INTERRUPTS, before?.interrupts, now.interrupts);
    return measurements;
  }
}

/** Reads /proc/uptime and /proc/stat for {@link HostCollector}. */
export function hostOfKernel(
  uptimeFile: ProcFile,
  statistics: KernelStatisticsFile,
): (at: number) => HostReading {
  return (at) => {
    const kernel = statistics.read(at);
    return {
      uptimeSeconds: parseUptime(uptimeFile.read() ?? ""),
      contextSwitches: kernel?.contextSwitches,
      interrupts: kernel?.interrupts,
    };
  };
}

/** Reads node:os for {@link HostCollector}: the uptime only. */
export function hostOfNode(): HostReading {
  return { uptimeSeconds: uptime(), contextSwitches: undefined, interrupts: undefined };
}

/** The first number of /proc/uptime; undefined for any other text. */
export function parseUptime(text: string): number | undefined {
  const match = /^(\d+\.\d+) /.exec(text);
  return match === null ? undefined : Number(match[1]);
}
