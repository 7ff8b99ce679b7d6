import { cpus } from "node:os";
import type { Clock } from "../../lib/clock.ts";
import { defineSeries, type SeriesDefinition } from "../series.ts";
import type { Collector, Measurement } from "./collector.ts";
import type { KernelStatisticsFile } from "./kernel-statistics.ts";
import type { CpuTimes } from "./procfs/stat.ts";
import { RateWindow } from "./rate.ts";

const MODES = ["user", "system", "iowait", "irq", "steal", "nice"] as const;
type Mode = (typeof MODES)[number];

const USAGE_HELP =
  "Share of all cores' time, 0 to 100. The mode total is everything but idle and iowait, as top counts it.";
const CORE_HELP = "Share of one core's time that was neither idle nor waiting for disks, 0 to 100.";

const TOTAL_SERIES = usageSeries("total");
const MODE_SERIES = {
  user: usageSeries("user"),
  system: usageSeries("system"),
  iowait: usageSeries("iowait"),
  irq: usageSeries("irq"),
  steal: usageSeries("steal"),
  nice: usageSeries("nice"),
} satisfies Record<Mode, SeriesDefinition>;

/** The processor times of one moment, whatever system they come from. */
export interface CpuReading {
  readonly cpu: CpuTimes | undefined;
  readonly cores: ReadonlyMap<number, CpuTimes>;
}

/** cpu_usage_percent and cpu_core_usage_percent, from the growth of the times between two ticks. */
export class CpuCollector implements Collector {
  readonly name = "cpu";
  readonly #read: (at: number) => CpuReading | undefined;
  readonly #window: RateWindow;
  readonly #coreSeries = new Map<number, SeriesDefinition>();
  #before: CpuReading | undefined;

  constructor(read: (at: number) => CpuReading | undefined, clock: Pick<Clock, "monotonic">) {
    this.#read = read;
    this.#window = new RateWindow(clock);
  }

  collect(at: number): Measurement[] {
    const now = this.#read(at);
    const before = this.#before;
    this.#before = now;
    if (this.#window.advance() === undefined || now === undefined || before === undefined) return [];
    const measurements = usageOf(before.cpu, now.cpu);
    for (const [core, times] of now.cores) {
      const earlier = before.cores.get(core);
      const growth = earlier && growthOf(earlier, times);
      if (growth) measurements.push({ series: this.#seriesOf(core), value: busyPercent(growth) });
    }
    return measurements;
  }

  #seriesOf(core: number): SeriesDefinition {
    const known = this.#coreSeries.get(core);
    if (known) return known;
    const series = defineSeries("cpu_core_usage_percent", { core: String(core) }, "percent", CORE_HELP);
    this.#coreSeries.set(core, series);
    return series;
  }
}

/** Reads /proc/stat for {@link CpuCollector}. */
export function cpuReadingOfKernel(file: KernelStatisticsFile): (at: number) => CpuReading | undefined {
  return (at) => file.read(at);
}

/** Reads node:os for {@link CpuCollector}: user, nice, system, interrupt and idle time of each core, no iowait, no steal. */
export function cpuReadingOfNode(): CpuReading {
  const cores = new Map(
    cpus().map(({ times }, core) => [
      core,
      {
        user: times.user,
        nice: times.nice,
        system: times.sys,
        idle: times.idle,
        iowait: 0,
        irq: times.irq,
        steal: 0,
      },
    ]),
  );
  const all = { user: 0, nice: 0, system: 0, idle: 0, iowait: 0, irq: 0, steal: 0 };
  for (const times of cores.values()) {
    all.user += times.user;
    all.nice += times.nice;
    all.system += times.system;
    all.idle += times.idle;
    all.irq += times.irq;
  }
  return { cpu: all, cores };
}

function usageOf(before: CpuTimes | undefined, now: CpuTimes | undefined): Measurement[] {
  const growth = before && now && growthOf(before, now);
  if (!growth) return [];
  const measurements = [{ series: TOTAL_SERIES, value: busyPercent(growth) }];
  for (const mode of MODES) {
    measurements.push({ series: MODE_SERIES[mode], value: (100 * growth.times[mode]) / growth.sum });
  }
  return measurements;
}

/**
 * What each time grew by. Idle and iowait may run backwards a little (proc_stat(5)), and a core that comes back
 * after being off may begin anew: growth is never below nothing.
 * @returns undefined when no time passed at all.
 */
function growthOf(before: CpuTimes, now: CpuTimes): { times: CpuTimes; sum: number } | undefined {
  const times = {
    user: Math.max(0, now.user - before.user),
    nice: Math.max(0, now.nice - before.nice),
    system: Math.max(0, now.system - before.system),
    idle: Math.max(0, now.idle - before.idle),
    iowait: Math.max(0, now.iowait - before.iowait),
    irq: Math.max(0, now.irq - before.irq),
    steal: Math.max(0, now.steal - before.steal),
  };
  const sum = times.user + times.nice + times.system + times.idle + times.iowait + times.irq + times.steal;
  return sum > 0 ? { times, sum } : undefined;
}

function busyPercent({ times, sum }: { times: CpuTimes; sum: number }): number {
  return (100 * (sum - times.idle - times.iowait)) / sum;
}

function usageSeries(mode: Mode | "total"): SeriesDefinition {
  return defineSeries("cpu_usage_percent", { mode }, "percent", USAGE_HELP);
}
