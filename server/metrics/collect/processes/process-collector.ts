import { defineSeries, type SeriesDefinition } from "../../series.ts";
import type { Collector, Measurement } from "../collector.ts";
import type { KernelStatisticsFile } from "../kernel-statistics.ts";
import type { Process, ProcessTable } from "./process-table.ts";

/** Scanning is the dearest part of a tick; at shorter intervals the last scan is repeated. */
const MIN_SCAN_MS = 4_500;
const DEFAULT_TOP = 20;

const TOTAL = countSeries("total");
const RUNNING = countSeries("running");
const BLOCKED = countSeries("blocked");
const ZOMBIE = countSeries("zombie");

/** The top processes and when they were read. */
export interface TopProcesses {
  /** Epoch milliseconds of the scan. */
  readonly at: number;
  readonly items: readonly Process[];
}

/** processes_count, and the list of the processes that use the most. */
export class ProcessCollector implements Collector {
  readonly name = "processes";
  readonly #table: ProcessTable;
  readonly #statistics: KernelStatisticsFile;
  #scannedAt: number | undefined;
  #bootedAtSeconds: number | undefined;

  constructor(table: ProcessTable, statistics: KernelStatisticsFile) {
    this.#table = table;
    this.#statistics = statistics;
  }

  collect(at: number): Measurement[] {
    // The absolute difference, so that a wall clock that was set back does not stop the scans.
    if (this.#scannedAt === undefined || Math.abs(at - this.#scannedAt) >= MIN_SCAN_MS) {
      this.#table.scan();
      this.#scannedAt = at;
      this.#bootedAtSeconds = this.#statistics.read(at)?.bootedAtSeconds ?? this.#bootedAtSeconds;
    }
    const { total, running, blocked, zombie } = this.#table.counts();
    if (total === 0) return [];
    return [
      { series: TOTAL, value: total },
      { series: RUNNING, value: running },
      { series: BLOCKED, value: blocked },
      { series: ZOMBIE, value: zombie },
    ];
  }

  /** The processes that use the most processor time, then memory; none before the first scan. */
  top(limit = DEFAULT_TOP): TopProcesses {
    if (this.#scannedAt === undefined) return { at: 0, items: [] };
    return { at: this.#scannedAt, items: this.#table.top(limit, this.#bootedAtSeconds ?? 0) };
  }
}

function countSeries(state: string): SeriesDefinition {
  return defineSeries("processes_count", { state }, "count", "Processes and kernel threads by state.");
}
