import type { ChartLine } from "../../components/chart-options.ts";
import type { Series, Unit } from "../../data/types.ts";
import { familyTitle, seriesTitle } from "../../lib/series-key.ts";

/** How many series are compared at once: more cannot be told apart by colour. */
export const SERIES_LIMIT = 10;

/** One chart of the page: series of one unit share an axis. */
export interface UnitGroup {
  unit: Unit;
  heading: string;
  note: string;
  lines: ChartLine[];
}

/** A key taken apart as far as the page needs before the server has told its unit. */
function nameOfKey(key: string): string {
  return key.split("{", 1)[0] ?? key;
}

/** Without a catalogue entry the suffix tells the unit: names end in it. */
function unitOfName(name: string): Unit {
  const suffixes: Unit[] = ["bytes_per_second", "per_second", "percent", "bytes", "seconds", "ratio"];
  return suffixes.find((unit) => name.endsWith(`_${unit}`)) ?? "count";
}

/** Puts the chosen series on as few charts as their units allow; colours follow the order of choice. */
export function groupByUnit(keys: readonly string[], known: ReadonlyMap<string, Series>): UnitGroup[] {
  const groups = new Map<Unit, UnitGroup>();
  keys.forEach((key, colour) => {
    const series = known.get(key);
    const name = series?.name ?? nameOfKey(key);
    const unit = series?.unit ?? unitOfName(name);
    const group = groups.get(unit) ?? { unit, heading: "", note: "", lines: [] };
    group.lines.push({ key, label: series === undefined ? key : seriesTitle(name, series.labels), colour });
    groups.set(unit, group);
  });
  for (const group of groups.values()) {
    shortenLabels(group, known);
    const families = [...new Set(group.lines.map((line) => familyTitle(nameOfKey(line.key))))];
    group.heading =
      families.slice(0, 2).join(", ") + (families.length > 2 ? ` and ${families.length - 2} more` : "");
    group.note = group.unit.replaceAll("_", " ");
  }
  return [...groups.values()];
}

/** Within one family the heading names it: the lines need only their label values. */
function shortenLabels(group: UnitGroup, known: ReadonlyMap<string, Series>): void {
  const isOneFamily = new Set(group.lines.map((line) => nameOfKey(line.key))).size === 1;
  if (!isOneFamily) return;
  group.lines = group.lines.map((line) => {
    const values = Object.values(known.get(line.key)?.labels ?? {});
    return values.length === 0 ? line : { ...line, label: values.join(" · ") };
  });
}

/** The GraphQL query that asks for what the page shows; `from` and `to` in epoch milliseconds. */
export function graphqlQuery(keys: readonly string[], fromMs: number, toMs: number): string {
  const list = keys.map((key) => JSON.stringify(key)).join(", ");
  return `{
  metricSeries(series: [${list}], from: ${Math.round(fromMs)}, to: ${Math.round(toMs)}, points: 500) {
    key
    unit
    stepMs
    t
    min
    avg
    max
  }
}`;
}
