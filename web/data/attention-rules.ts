import { formatBytes, formatDuration, formatFigure, formatValue } from "../lib/format.ts";
import { seriesKey } from "../lib/series-key.ts";
import type { Incident } from "./incidents.ts";
import type { Series } from "./types.ts";

/** Levels at which a value asks for a person. Percent unless the name says otherwise. */
const THRESHOLDS = {
  diskWatch: 85,
  diskAlarm: 95,
  inodesWatch: 85,
  inodesAlarm: 95,
  memoryWatch: 90,
  memoryAlarm: 97,
  swapWatch: 60,
  swapAlarm: 90,
  loadPerCoreWatch: 1.5,
  loadPerCoreAlarm: 4,
  descriptorsWatch: 80,
  descriptorsAlarm: 95,
  staleIntervals: 3,
} as const;

export type AttentionSeverity = "alarm" | "watch";

/** One thing that needs a person, with its next step. */
export interface AttentionItem {
  id: string;
  severity: AttentionSeverity;
  title: string;
  detail: string;
  action: { label: string; href: string };
  /** What can be done about it at once, without leaving. */
  verb?: { label: string; run(): void };
  /** When it was first seen, epoch milliseconds; absent when it was there before this page looked. */
  sinceMs?: number;
}

/** What the rules look at. */
export interface Situation {
  series: ReadonlyMap<string, Series>;
  values: ReadonlyMap<string, number>;
  cores: number | undefined;
  /** How old the newest sample is; undefined before the first. */
  sampleAgeMs: number | undefined;
  intervalSeconds: number;
  isConnectionLost: boolean;
  /** Faults of Binnacle's own that nobody has settled, the latest first. */
  openErrors?: readonly Pick<Incident, "id" | "headline" | "place">[];
  /** What plugins need of a person. */
  plugins?: readonly AttentionItem[];
  /** Alerts that fire. */
  alerts?: readonly AttentionItem[];
  /** Ids of what alerts speak of already. */
  covered?: ReadonlySet<string>;
}

type Rule = (situation: Situation) => AttentionItem[];

function severityOf(value: number, watch: number, alarm: number): AttentionSeverity | undefined {
  if (value >= alarm) return "alarm";
  return value >= watch ? "watch" : undefined;
}

function metricsHref(...keys: string[]): string {
  return `/metrics?${keys.map((key) => `series=${encodeURIComponent(key)}`).join("&")}`;
}

const connectionRule: Rule = ({ isConnectionLost, sampleAgeMs, intervalSeconds }) => {
  const isStale =
    sampleAgeMs !== undefined && sampleAgeMs > intervalSeconds * 1000 * THRESHOLDS.staleIntervals;
  if (isConnectionLost) {
    const age =
      sampleAgeMs === undefined
        ? "No sample has come yet"
        : `The last sample is ${formatDuration(Math.round(sampleAgeMs / 1000))} old`;
    return [
      {
        id: "connection",
        severity: "alarm",
        title: "This page lost its server",
        detail: `${age}. It reconnects by itself; if it does not, check that Binnacle runs and that you can reach it.`,
        action: { label: "Reload the page", href: "" },
      },
    ];
  }
  if (!isStale) return [];
  return [
    {
      id: "sampling",
      severity: "watch",
      title: "Samples have stopped coming",
      detail: `The last one is ${formatDuration(Math.round(sampleAgeMs / 1000))} old, though one is due every ${intervalSeconds} s. The machine may be overloaded.`,
      action: { label: "See Binnacle's own load", href: metricsHref("binnacle_cpu_percent") },
    },
  ];
};

const diskRule: Rule = ({ series, values }) =>
  [...series.values()].flatMap((entry) => {
    const mount = entry.labels.mount;
    if (entry.name !== "disk_used_percent" || mount === undefined) return [];
    const percent = values.get(entry.key) ?? 0;
    const severity = severityOf(percent, THRESHOLDS.diskWatch, THRESHOLDS.diskAlarm);
    if (severity === undefined) return [];
    const free = values.get(seriesKey("disk_bytes", { mount, state: "free" }));
    const left = free === undefined ? "" : `, ${formatBytes(free)} left`;
    return [
      {
        id: `disk ${mount}`,
        severity,
        title: `Disk ${mount} is ${severity === "alarm" ? "almost full" : "filling up"}`,
        detail: `${formatValue(percent, "percent")} used${left}. Remove what is not needed or enlarge the volume before writes fail.`,
        action: { label: "See how it grew", href: `${metricsHref(entry.key)}&range=7d` },
      },
    ];
  });

const inodesRule: Rule = ({ series, values }) =>
  [...series.values()].flatMap((entry) => {
    const mount = entry.labels.mount;
    if (entry.name !== "disk_inodes_used_percent" || mount === undefined) return [];
    const percent = values.get(entry.key) ?? 0;
    const severity = severityOf(percent, THRESHOLDS.inodesWatch, THRESHOLDS.inodesAlarm);
    if (severity === undefined) return [];
    return [
      {
        id: `inodes ${mount}`,
        severity,
        title: `Disk ${mount} runs out of inodes`,
        detail: `${formatValue(percent, "percent")} of them are used: very many small files. New files will be refused though space is left.`,
        action: { label: "See how it grew", href: `${metricsHref(entry.key)}&range=7d` },
      },
    ];
  });

const memoryRule: Rule = ({ values }) => {
  const percent = values.get("memory_used_percent") ?? 0;
  const severity = severityOf(percent, THRESHOLDS.memoryWatch, THRESHOLDS.memoryAlarm);
  if (severity === undefined) return [];
  const available = values.get(seriesKey("memory_bytes", { state: "available" }));
  const left = available === undefined ? "" : `, ${formatBytes(available)} available`;
  return [
    {
      id: "memory",
      severity,
      title: "Memory is nearly used up",
      detail: `${formatValue(percent, "percent")} used${left}. The kernel will soon stop processes to get some back.`,
      action: { label: "See who uses it", href: "/#processes" },
    },
  ];
};

const swapRule: Rule = ({ values }) => {
  const percent = values.get("swap_used_percent") ?? 0;
  const severity = severityOf(percent, THRESHOLDS.swapWatch, THRESHOLDS.swapAlarm);
  if (severity === undefined) return [];
  return [
    {
      id: "swap",
      severity,
      title: "The machine is swapping",
      detail: `${formatValue(percent, "percent")} of swap is used: memory does not suffice and everything slows down.`,
      action: { label: "Compare with memory", href: metricsHref("swap_used_percent", "memory_used_percent") },
    },
  ];
};

const loadRule: Rule = ({ values, cores }) => {
  const key = seriesKey("load_average", { period: "5m" });
  const load = values.get(key);
  if (load === undefined || cores === undefined || cores === 0) return [];
  const severity = severityOf(load / cores, THRESHOLDS.loadPerCoreWatch, THRESHOLDS.loadPerCoreAlarm);
  if (severity === undefined) return [];
  return [
    {
      id: "load",
      severity,
      title: "More work than the processors can do",
      detail: `Load has been ${formatFigure(load)} over 5 min on ${cores} ${cores === 1 ? "core" : "cores"}: work waits in line.`,
      action: {
        label: "See the load",
        href: metricsHref(key, seriesKey("cpu_usage_percent", { mode: "total" })),
      },
    },
  ];
};

const descriptorsRule: Rule = ({ values }) => {
  const open = values.get("file_descriptors_open") ?? 0;
  const limit = values.get("file_descriptors_limit") ?? 0;
  const percent = limit > 0 ? (open / limit) * 100 : 0;
  const severity = severityOf(percent, THRESHOLDS.descriptorsWatch, THRESHOLDS.descriptorsAlarm);
  if (severity === undefined) return [];
  return [
    {
      id: "descriptors",
      severity,
      title: "File descriptors run out",
      detail: `${formatValue(percent, "percent")} of the system's limit are open. Past it, nothing can open files or sockets.`,
      action: { label: "See open descriptors", href: metricsHref("file_descriptors_open") },
    },
  ];
};

const errorsRule: Rule = ({ openErrors = [] }) => {
  const [latest] = openErrors;
  if (latest === undefined) return [];
  const isOne = openErrors.length === 1;
  return [
    {
      id: "errors",
      severity: "watch",
      title: isOne
        ? "A fault inside Binnacle is open"
        : `${openErrors.length} faults inside Binnacle are open`,
      detail: `${isOne ? "" : "The latest: "}${latest.headline} (${latest.place}).`,
      action: {
        label: isOne ? "See the fault" : "See the faults",
        href: isOne ? `/errors?id=${encodeURIComponent(latest.id)}` : "/errors?kind=internal",
      },
    },
  ];
};

const pluginsRule: Rule = ({ plugins = [] }) => [...plugins];

const alertsRule: Rule = ({ alerts = [] }) => [...alerts];

const RULES: readonly Rule[] = [
  connectionRule,
  diskRule,
  inodesRule,
  memoryRule,
  swapRule,
  loadRule,
  descriptorsRule,
  errorsRule,
  pluginsRule,
  alertsRule,
];

/** How many conditions are looked at: the proof behind "All calm". */
export const RULE_COUNT = RULES.length;

/** Everything that needs a person now, worst first. */
export function judge(situation: Situation): AttentionItem[] {
  const items = RULES.flatMap((rule) => rule(situation)).filter(
    ({ id }) => situation.covered?.has(id) !== true,
  );
  return items.sort((a, b) => rank(a) - rank(b));
}

function rank(item: AttentionItem): number {
  return item.severity === "alarm" ? 0 : 1;
}
