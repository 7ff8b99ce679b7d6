import type { Series, Unit } from "../../data/types.ts";
import { formatBytes, formatFigure, formatQuantity, formatValue, type Quantity } from "../../lib/format.ts";
import { type FrameLine, summarise } from "../../lib/frame.ts";
import { seriesKey } from "../../lib/series-key.ts";
import { busiest, fullestMount } from "./panels.ts";

/** A summary card: which series it shows and how. */
export interface Card {
  id: string;
  label: string;
  key: string;
  unit: Unit;
  tone: string;
  note: string;
  extent: string;
  quantity: Quantity | undefined;
  level: "calm" | "watch" | "alarm";
  /** The value at the sparkline's upper edge, where the quantity has a natural end. */
  ceiling: number | undefined;
}

export interface Present {
  series: ReadonlyMap<string, Series>;
  values: ReadonlyMap<string, number>;
  cores: number | undefined;
}

const LEVELS = { watch: 85, alarm: 95 };
const FULL_PERCENT = 100;

function levelOf(percent: number | undefined): Card["level"] {
  if (percent === undefined || percent < LEVELS.watch) return "calm";
  return percent >= LEVELS.alarm ? "alarm" : "watch";
}

function quantityOf(value: number | undefined, unit: Unit): Quantity | undefined {
  return value === undefined ? undefined : formatQuantity(value, unit);
}

/** The four cards of the overview for the present values. */
export function cardsOf(present: Present, mount = fullestMount(present), network?: string): Card[] {
  return [cpuCard(present), memoryCard(present), diskCard(present, mount), networkCard(present, network)];
}

function cpuCard({ values, cores }: Present): Card {
  const key = seriesKey("cpu_usage_percent", { mode: "total" });
  const value = values.get(key);
  const load = values.get(seriesKey("load_average", { period: "1m" }));
  const coreWords = cores === undefined ? "" : `${cores} ${cores === 1 ? "core" : "cores"}`;
  const loadWords = load === undefined ? "" : `load ${formatFigure(load)}`;
  return {
    id: "cpu",
    label: "CPU",
    key,
    unit: "percent",
    tone: "1",
    note: [coreWords, loadWords].filter((words) => words !== "").join(" · "),
    extent: "",
    quantity: quantityOf(value, "percent"),
    level: "calm",
    ceiling: undefined,
  };
}

function memoryCard({ values }: Present): Card {
  const key = seriesKey("memory_bytes", { state: "used" });
  const used = values.get(key);
  const total = values.get(seriesKey("memory_bytes", { state: "total" }));
  const percent = values.get("memory_used_percent");
  return {
    id: "memory",
    label: "Memory",
    key,
    unit: "bytes",
    tone: "3",
    note: percent === undefined ? "" : formatValue(percent, "percent"),
    extent: total === undefined ? "" : `of ${formatBytes(total)}`,
    quantity: quantityOf(used, "bytes"),
    level: levelOf(percent),
    ceiling: total,
  };
}

function diskCard({ values }: Present, mount: string | undefined): Card {
  const place = mount ?? "/";
  const key = seriesKey("disk_used_percent", { mount: place });
  const percent = values.get(key);
  const free = values.get(seriesKey("disk_bytes", { mount: place, state: "free" }));
  return {
    id: "disk",
    label: `Disk ${place}`,
    key,
    unit: "percent",
    tone: "2",
    note: free === undefined ? "" : `${formatBytes(free)} free`,
    extent: "",
    quantity: quantityOf(percent, "percent"),
    level: levelOf(percent),
    ceiling: FULL_PERCENT,
  };
}

function networkCard(present: Present, network: string | undefined): Card {
  const name = network ?? busiest(present, ["network_received_bytes_per_second"], "interface") ?? "";
  const key = seriesKey("network_received_bytes_per_second", { interface: name });
  const sent = present.values.get(seriesKey("network_sent_bytes_per_second", { interface: name }));
  return {
    id: "network",
    label: "Network",
    key,
    unit: "bytes_per_second",
    tone: "4",
    note: sent === undefined ? name : `out ${formatValue(sent, "bytes_per_second")}`,
    extent: "in",
    quantity: quantityOf(present.values.get(key), "bytes_per_second"),
    level: "calm",
    ceiling: undefined,
  };
}

/** How the last value differs from the first of the shown time, signed: `+2.1 %`; empty when it barely moved. */
export function changeOf(line: FrameLine | undefined, unit: Unit): string {
  if (line === undefined) return "";
  const first = line.avg.find((value) => typeof value === "number");
  const { last, max } = summarise(line);
  if (typeof first !== "number" || last === null || max === null) return "";
  const difference = last - first;
  if (Math.abs(difference) < Math.abs(max) * 0.005) return "";
  return `${difference > 0 ? "+" : "−"}${formatValue(Math.abs(difference), unit)}`;
}
