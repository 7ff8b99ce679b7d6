import {
  OPERATION_KINDS,
  type OperationKind,
  STATISTICS_WINDOWS,
  type StatisticsOrder,
  type StatisticsWindow,
} from "../../../schema/rules/operations.ts";
import type { Sorting } from "../../components/bn-table.ts";

const TABS = ["operations", "slow", "traces", "suggestions"] as const;
export type PerformanceTab = (typeof TABS)[number];

export const DEFAULT_WINDOW: StatisticsWindow = "1h";
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const WINDOW_MS: Readonly<Record<StatisticsWindow, number>> = {
  "15m": 15 * MINUTE_MS,
  "1h": HOUR_MS,
  "6h": 6 * HOUR_MS,
  "24h": 24 * HOUR_MS,
  "7d": 168 * HOUR_MS,
};
export const WINDOW_LABELS: Readonly<Record<StatisticsWindow, string>> = {
  "15m": "15 min",
  "1h": "1 h",
  "6h": "6 h",
  "24h": "24 h",
  "7d": "7 d",
};

/** What the address says of the page. Empty words are the choice made for whoever makes none. */
export interface PerformanceQuery {
  tab: PerformanceTab;
  window: StatisticsWindow;
  /** "" for all; `app` and `own` for groups of kinds. */
  kind: string;
  text: string;
  /** Column, with a minus before it when descending. */
  sort: string;
  /** Traces: only failed ones, and those of a service, of a name. */
  failed: string;
  service: string;
  name: string;
}

/** Chips of the operations list. */
export const KIND_CHOICES: readonly { id: string; label: string; kinds: readonly OperationKind[] }[] = [
  { id: "", label: "All", kinds: [] },
  { id: "app", label: "Applications", kinds: ["app"] },
  { id: "http", label: "HTTP", kinds: ["http", "control"] },
  { id: "graphql", label: "GraphQL", kinds: ["graphql", "resolver"] },
  { id: "plugin", label: "Plugins", kinds: ["plugin"] },
  { id: "inside", label: "Inside", kinds: ["timer", "delivery", "write", "config"] },
];

const isIn = <Value extends string>(values: readonly Value[], value: string | null): value is Value =>
  values.some((one) => one === value);

export function readPerformanceQuery(query: URLSearchParams): PerformanceQuery {
  const tab = query.get("tab");
  const window = query.get("window");
  return {
    tab: isIn(TABS, tab) ? tab : "operations",
    window: isIn(STATISTICS_WINDOWS, window) ? window : DEFAULT_WINDOW,
    kind: query.get("kind") ?? "",
    text: query.get("q") ?? "",
    sort: query.get("sort") ?? "",
    failed: query.get("failed") ?? "",
    service: query.get("service") ?? "",
    name: query.get("name") ?? "",
  };
}

/** The address of the page with some of the query changed. */
export function performanceHref(query: PerformanceQuery, change: Partial<PerformanceQuery> = {}): string {
  const { tab, window, kind, text, sort, failed, service, name } = { ...query, ...change };
  const params = new URLSearchParams();
  const words = {
    tab: tab === "operations" ? "" : tab,
    window: window === DEFAULT_WINDOW ? "" : window,
    kind,
    q: text,
    sort,
    failed,
    service,
    name,
  };
  for (const [word, value] of Object.entries(words)) if (value !== "") params.set(word, value);
  const written = params.toString();
  return written === "" ? "/performance" : `/performance?${written}`;
}

/** The address of one operation over the same time. */
export const operationHref = (id: number, window: StatisticsWindow): string =>
  `/performance/operations/${id}${window === DEFAULT_WINDOW ? "" : `?range=${window}`}`;

export const traceHref = (traceId: string): string => `/performance/traces/${traceId}`;

/** Log lines of a trace, or of a request. */
export const logsHref = (field: "trace" | "correlation", id: string): string =>
  `/logs?${new URLSearchParams({ [field]: id })}`;

const DEFAULT_SORTING: Sorting = { column: "total", isDescending: true };

export function readSorting(sort: string): Sorting {
  if (sort === "") return DEFAULT_SORTING;
  return { column: sort.replace(/^-/, ""), isDescending: sort.startsWith("-") };
}

export const printSorting = ({ column, isDescending }: Sorting): string =>
  column === DEFAULT_SORTING.column && isDescending ? "" : `${isDescending ? "-" : ""}${column}`;

/** By what the server chooses when there are more than are shown. */
const ORDER_OF: Readonly<Record<string, StatisticsOrder>> = {
  operation: "name",
  calls: "calls",
  rate: "calls",
  errors: "errors",
  average: "average",
  p95: "p95",
  p99: "p99",
  seen: "lastSeen",
};

export const serverOrder = (sort: string): StatisticsOrder => ORDER_OF[readSorting(sort).column] ?? "total";

/** The kinds of the chip; none for all. */
export const kindsOf = (chosen: string): readonly OperationKind[] =>
  KIND_CHOICES.find(({ id }) => id === chosen)?.kinds ?? [];

/** How wide the stored windows are that statistics over this one are made of. */
export const storedWidthMs = (window: StatisticsWindow): number =>
  window === "15m" || window === "1h" ? MINUTE_MS : HOUR_MS;

/** When the window begins, in ISO 8601. */
export const beginOf = (window: StatisticsWindow, nowMs: number): string =>
  new Date(nowMs - WINDOW_MS[window]).toISOString();

/** The shortest window that reaches back to then; the longest when none does. */
export const windowBackTo = (fromMs: number, nowMs: number): StatisticsWindow =>
  STATISTICS_WINDOWS.find((window) => nowMs - WINDOW_MS[window] <= fromMs) ?? "7d";

export const kindWord = (kind: OperationKind): string => OPERATION_KINDS[kind] ?? kind;
