import type { PluginHealth } from "../../schema/rules/plugins.ts";
import type { Clock } from "../lib/clock.ts";
import type { Collector, Measurement } from "../metrics/collect/collector.ts";
import type { SeriesDefinition } from "../metrics/series.ts";
import type { DefineSeries } from "./broker/recorded-metrics.ts";
import type { ProcessUsage } from "./process/plugin-process.ts";
import type { PluginUnit } from "./supervision/unit.ts";

const QUANTILES = [0.5, 0.95, 0.99] as const;
const MS_PER_SECOND = 1_000;
/** Adding up a process's pages takes the kernel about a millisecond, and the event loop waits for it. */
const READ_EVERY_MS = 10_000;
const MAX_READINGS = 8;
const PERCENT = 100;
const HEALTH_VALUES: Readonly<Record<PluginHealth, number>> = {
  healthy: 1,
  degraded: 0.5,
  unhealthy: 0,
  unknown: -1,
};

/** What the processes of one plugin use, the draining ones included. */
export interface UnitUsage {
  /** Of one core; undefined until it was read twice. */
  cpuPercent: number | undefined;
  memoryBytes: number;
}

interface Reading {
  atMs: number;
  /** Pid → CPU seconds so far. */
  cpu: Map<number, number>;
  usage: UnitUsage;
}

type Series = ReturnType<typeof seriesOf>;

/** What plugins use and how their calls go, as series. */
export class UsageCollector implements Collector {
  readonly name = "plugin usage";
  readonly #units: () => Iterable<PluginUnit>;
  readonly #clock: Clock;
  readonly #define: DefineSeries;
  readonly #series = new Map<string, Series>();
  readonly #readings = new Map<string, Reading>();

  constructor(units: () => Iterable<PluginUnit>, clock: Clock, define: DefineSeries) {
    this.#units = units;
    this.#clock = clock;
    this.#define = define;
  }

  /** As the last sampling found it; undefined without a process. */
  usageOf(pluginId: string): UnitUsage | undefined {
    return this.#readings.get(pluginId)?.usage;
  }

  /** The plugin is gone. */
  forget(pluginId: string): void {
    this.#series.delete(pluginId);
    this.#readings.delete(pluginId);
  }

  collect(): Measurement[] {
    const units = [...this.#units()];
    this.#readDue(units);
    return units.flatMap((unit) => this.#measure(unit));
  }

  /** Reads those whose figures are oldest; the others keep theirs as long as they have a process. */
  #readDue(units: readonly PluginUnit[]): void {
    const nowMs = this.#clock.monotonic();
    const running = units.filter((unit) => {
      const isRunning = unit.process !== undefined || unit.drainingProcesses.length > 0;
      if (!isRunning) this.#readings.delete(unit.id);
      return isRunning;
    });
    const ages = running.map((unit) => ({ unit, atMs: this.#readings.get(unit.id)?.atMs ?? -Infinity }));
    const due = ages.filter(({ atMs }) => nowMs - atMs >= READ_EVERY_MS).toSorted((a, b) => a.atMs - b.atMs);
    for (const { unit } of due.slice(0, MAX_READINGS)) this.#read(unit);
  }

  #measure(unit: PluginUnit): Measurement[] {
    const series = this.#series.get(unit.id) ?? seriesOf(this.#define, unit.id);
    this.#series.set(unit.id, series);
    const { statistics } = unit;
    const quantiles = statistics.takeQuantiles(QUANTILES);
    const usage = this.#readings.get(unit.id)?.usage;
    return [
      { series: series.ok, value: statistics.calls - statistics.errors },
      { series: series.failed, value: statistics.errors },
      ...series.durations.flatMap(({ quantile, series: duration }) => {
        const durationMs = quantiles.get(quantile);
        return durationMs === undefined ? [] : [{ series: duration, value: durationMs / MS_PER_SECOND }];
      }),
      ...(usage
        ? [
            { series: series.memory, value: usage.memoryBytes },
            { series: series.health, value: HEALTH_VALUES[unit.health] },
          ]
        : []),
      ...(usage?.cpuPercent === undefined ? [] : [{ series: series.cpu, value: usage.cpuPercent }]),
    ];
  }

  #read(unit: PluginUnit): void {
    const processes = [...(unit.process ? [unit.process] : []), ...unit.drainingProcesses];
    const used = processes.flatMap((process) => {
      const usage: ProcessUsage | undefined = process.usage();
      return usage ? [{ pid: process.pid, ...usage }] : [];
    });
    const before = this.#readings.get(unit.id);
    if (used.length === 0) {
      this.#readings.delete(unit.id);
      return;
    }
    const atMs = this.#clock.monotonic();
    const cpu = new Map(used.map(({ pid, cpuSeconds }) => [pid, cpuSeconds] as const));
    const usage = {
      memoryBytes: used.reduce((sum, { pssBytes }) => sum + pssBytes, 0),
      cpuPercent: before && cpuPercent(before, cpu, atMs),
    };
    this.#readings.set(unit.id, { atMs, cpu, usage });
  }
}

function cpuPercent(before: Reading, cpu: ReadonlyMap<number, number>, atMs: number): number | undefined {
  const elapsedMs = atMs - before.atMs;
  if (elapsedMs <= 0) return before.usage.cpuPercent;
  // A process that is new since then has used all of its time since then.
  const usedSeconds = [...cpu].reduce((sum, [pid, seconds]) => sum + seconds - (before.cpu.get(pid) ?? 0), 0);
  return (Math.max(0, usedSeconds) * MS_PER_SECOND * PERCENT) / elapsedMs;
}

function seriesOf(define: DefineSeries, plugin: string) {
  const one = (name: string, labels: Record<string, string>, unit: SeriesDefinition["unit"], help: string) =>
    define(name, { plugin, ...labels }, unit, help);
  const calls = "Calls of the plugin since the server started";
  return {
    cpu: one("plugin_cpu_percent", {}, "percent", "CPU that the plugin's processes use, of one core"),
    memory: one("plugin_memory_bytes", {}, "bytes", "Memory of the plugin's processes (PSS)"),
    health: one("plugin_health", {}, "ratio", "1 healthy, 0.5 degraded, 0 unhealthy, -1 not checked yet"),
    ok: one("plugin_calls_total", { outcome: "ok" }, "count", calls),
    failed: one("plugin_calls_total", { outcome: "error" }, "count", calls),
    durations: QUANTILES.map((quantile) => ({
      quantile,
      series: one(
        "plugin_call_duration_seconds",
        { quantile: String(quantile) },
        "seconds",
        "How long the plugin's calls took between two samplings",
      ),
    })),
  };
}
