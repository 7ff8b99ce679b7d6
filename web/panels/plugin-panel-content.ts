import type { ChartLine } from "../components/chart-options.ts";
import type { LiveMetrics } from "../data/live.ts";
import type { Panel } from "../data/plugins-types.ts";
import type { Series } from "../data/types.ts";
import { foreignText } from "../lib/foreign-text.ts";
import { formatFigure, formatQuantity } from "../lib/format.ts";

const MAX_LINES = 10;
const MAX_ROWS = 500;
const MAX_STAT = 40;

/** The series that a panel names, as far as this very plugin records them, with words from their names and labels. */
export function panelLines(
  panel: Panel | undefined,
  pluginId: string,
  series: ReadonlyMap<string, Series> | undefined,
): ChartLine[] {
  if (panel === undefined || series === undefined || panel.series.length === 0) return [];
  const wanted = new Set(panel.series);
  const prefix = `plugin_${pluginId.replaceAll("-", "_")}_`;
  return (
    [...series.values()]
      // Two ids can make one prefix: the label says whose it is.
      .filter(({ name, labels }) => wanted.has(name) && labels.plugin === pluginId)
      .slice(0, MAX_LINES)
      .map(({ key, name, labels }) => {
        const values = Object.entries(labels).flatMap(([label, value]) =>
          label === "plugin" ? [] : [value],
        );
        const word = name.startsWith(prefix) ? name.slice(prefix.length) : name;
        const words = [
          ...(wanted.size > 1 || values.length === 0 ? [word.replaceAll("_", " ")] : []),
          ...values,
        ];
        return { key, label: foreignText(words.join(" · "), 80) };
      })
  );
}

/** The rows of an answer: a list of objects, by itself or as `rows` or `items`; undefined for anything else. */
export function panelRows(result: unknown): Record<string, unknown>[] | undefined {
  const list = isGroup(result) ? (result.rows ?? result.items) : result;
  if (!Array.isArray(list)) return undefined;
  const rows = list.slice(0, MAX_ROWS).filter(isGroup);
  return rows.length === Math.min(list.length, MAX_ROWS) ? rows : undefined;
}

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The figure of a stat: the last value of its series, else what the plugin answered. */
export function statOf(
  panel: Panel,
  result: unknown,
  lines: readonly ChartLine[],
  live: LiveMetrics | undefined,
): { figure: string | undefined; suffix: string } {
  const [line] = lines;
  if (panel.series.length > 0) {
    const value = line === undefined ? undefined : live?.sample.value?.values.get(line.key);
    const unit = line === undefined ? undefined : live?.series.value.get(line.key)?.unit;
    return value === undefined ? { figure: undefined, suffix: "" } : formatQuantity(value, unit ?? "count");
  }
  const value = isGroup(result) ? result.value : result;
  const unit = isGroup(result) && typeof result.unit === "string" ? foreignText(result.unit, MAX_STAT) : "";
  if (typeof value === "number")
    return { figure: Number.isInteger(value) ? formatFigure(value, 0) : formatFigure(value), suffix: unit };
  if (typeof value === "string") return { figure: foreignText(value, MAX_STAT), suffix: unit };
  return { figure: typeof value === "boolean" ? (value ? "yes" : "no") : undefined, suffix: unit };
}
