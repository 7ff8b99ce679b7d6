import { seriesKey } from "../lib/series-key.ts";

export type PluginFigure = "cpu" | "memory" | "answered" | "failed" | "median" | "slowest";

/** What the server records of every plugin, by what it tells. Calls are counted since the server started. */
const SERIES: Record<PluginFigure, { name: string; labels: Record<string, string> }> = {
  cpu: { name: "plugin_cpu_percent", labels: {} },
  memory: { name: "plugin_memory_bytes", labels: {} },
  answered: { name: "plugin_calls_total", labels: { outcome: "ok" } },
  failed: { name: "plugin_calls_total", labels: { outcome: "error" } },
  median: { name: "plugin_call_duration_seconds", labels: { quantile: "0.5" } },
  slowest: { name: "plugin_call_duration_seconds", labels: { quantile: "0.99" } },
};

/** The key of a series of a plugin. */
export const pluginSeriesKey = (figure: PluginFigure, plugin: string): string =>
  seriesKey(SERIES[figure].name, { ...SERIES[figure].labels, plugin });
