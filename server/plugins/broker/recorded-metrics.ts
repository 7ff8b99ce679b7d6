import { AppError } from "../../errors/app-error.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Collector, Measurement } from "../../metrics/collect/collector.ts";
import type { SeriesDefinition, SeriesLabels, SeriesUnit } from "../../metrics/series.ts";

/** One value that a plugin records. */
export interface RecordedMetric {
  name: string;
  /** Of a gauge: what it is now. Of a counter: the total so far; its rate is what is shown. */
  value: number;
  labels?: SeriesLabels;
  unit?: SeriesUnit;
  kind?: "gauge" | "counter";
}

/** Makes a series; `defineSeries` of the metrics. */
export type DefineSeries = (
  name: string,
  labels: SeriesLabels,
  unit: SeriesUnit,
  help: string,
) => SeriesDefinition;

const MAX_SERIES = 200;
/** A gauge that nobody records any more becomes a gap, not a line that goes on for ever. */
const STALE_AFTER_MS = 300_000;
const NAME = /^[a-z][a-z0-9_]{0,99}$/;
const LABEL_NAME = /^(?!__|plugin$)[a-z][a-z0-9_]{0,63}$/;
const MAX_LABELS = 8;
const MAX_LABEL_LENGTH = 128;
const TOTAL = "_total";

interface Kept {
  series: SeriesDefinition;
  value: number;
  isCounter: boolean;
  /** Monotonic: a gauge is a gap from then on. */
  staleAt: number;
}

/**
 * What plugins record, sampled as everything else is: each under `plugin_<id>_`, and with the id as a label, since two
 * ids can make the same prefix.
 */
export class PluginMetrics implements Collector {
  readonly name = "plugins";
  readonly #define: DefineSeries;
  readonly #clock: Clock;
  readonly #kept = new Map<string, Map<string, Kept>>();

  constructor(define: DefineSeries, clock: Clock) {
    this.#define = define;
    this.#clock = clock;
  }

  /**
   * Takes note of values, all or none.
   * @param keptMs how long a gauge stands for when no other value comes
   * @throws AppError `validation_failed`, `cardinality_limit`
   */
  record(pluginId: string, metrics: readonly RecordedMetric[], keptMs = STALE_AFTER_MS): void {
    const ready = metrics.map((metric) => ({ metric, series: this.#seriesOf(pluginId, metric) }));
    const kept = this.#kept.get(pluginId) ?? new Map<string, Kept>();
    const fresh = new Set(ready.map(({ series }) => series.key).filter((key) => !kept.has(key)));
    if (kept.size + fresh.size > MAX_SERIES) {
      const message = `A plugin records at most ${MAX_SERIES} series; use fewer values of labels.`;
      throw new AppError("cardinality_limit", message);
    }
    this.#kept.set(pluginId, kept);
    const staleAt = this.#clock.monotonic() + keptMs;
    for (const { metric, series } of ready) this.#keep(kept, series, metric, staleAt);
  }

  collect(): Measurement[] {
    const nowMs = this.#clock.monotonic();
    const measurements: Measurement[] = [];
    for (const kept of this.#kept.values()) {
      for (const [key, { series, value, isCounter, staleAt }] of kept) {
        if (isCounter || staleAt >= nowMs) measurements.push({ series, value });
        else kept.delete(key);
      }
    }
    return measurements;
  }

  /** The plugin is gone: its series end. */
  forget(pluginId: string): void {
    this.#kept.delete(pluginId);
  }

  #keep(
    kept: Map<string, Kept>,
    series: SeriesDefinition,
    { kind, value }: RecordedMetric,
    staleAt: number,
  ): void {
    kept.set(series.key, {
      // The definition is kept: the store finds a series by it without looking at its key.
      series: kept.get(series.key)?.series ?? series,
      value,
      isCounter: kind === "counter",
      staleAt,
    });
  }

  #seriesOf(
    pluginId: string,
    { name, labels = {}, unit = "count", kind, value }: RecordedMetric,
  ): SeriesDefinition {
    if (!NAME.test(name)) {
      throw wrong("name", `${JSON.stringify(name.slice(0, 100))} is not lower-case words joined by _`);
    }
    if (!Number.isFinite(value)) throw wrong("value", "is not a finite number");
    if (kind === "counter" && value < 0) throw wrong("value", "of a counter is a total, 0 or more");
    const entries = Object.entries(labels);
    if (entries.length > MAX_LABELS || !entries.every(isLabel)) {
      const shape = `at most ${MAX_LABELS}, names in lower case, values of at most ${MAX_LABEL_LENGTH} characters`;
      throw wrong("labels", `are not labels: ${shape}`);
    }
    const isTotal = kind === "counter" && !name.endsWith(TOTAL);
    const full = `${seriesPrefix(pluginId)}${name}${isTotal ? TOTAL : ""}`;
    return this.#define(full, { ...labels, plugin: pluginId }, unit, `Recorded by the plugin ${pluginId}.`);
  }
}

/** What the names of a plugin's series begin with. */
export const seriesPrefix = (pluginId: string): string => `plugin_${pluginId.replaceAll("-", "_")}_`;

function isLabel([name, value]: [string, string]): boolean {
  return LABEL_NAME.test(name) && value.length <= MAX_LABEL_LENGTH && value.isWellFormed();
}

const wrong = (path: string, message: string): AppError =>
  new AppError("validation_failed", `The ${path} ${message}.`, { issues: [{ path, message }] });
