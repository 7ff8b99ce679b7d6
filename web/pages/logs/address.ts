import { LOG_LEVELS, type LogFilter, type LogLevel } from "../../data/logs.ts";

export const OPTIONAL_COLUMNS = ["source", "fields", "ids"] as const;
export type OptionalColumn = (typeof OPTIONAL_COLUMNS)[number];
const FIRST_COLUMNS: readonly OptionalColumn[] = ["source", "fields"];

/** All that the address of the page holds beside the time. */
export interface LogsAddress extends LogFilter {
  tab: "lines" | "store";
  /** Number of the line around which the whole log is shown. */
  at: number | undefined;
  /** Number of the line whose details are open. */
  line: number | undefined;
  wraps: boolean;
  columns: readonly OptionalColumn[];
}

/** Reads the address; what it has no meaning for is passed over. */
export function readLogsAddress(query: URLSearchParams): LogsAddress {
  const columns = query.get("columns");
  return {
    tab: query.get("tab") === "store" ? "store" : "lines",
    levels: (query.get("level") ?? "").split(",").filter(isLevel),
    sources: query.getAll("source").filter((name) => name !== ""),
    text: query.get("q") ?? "",
    correlationId: query.get("correlation") ?? "",
    traceId: query.get("trace") ?? "",
    at: lineNumber(query.get("at")),
    line: lineNumber(query.get("line")),
    wraps: query.get("wrap") === "1",
    columns:
      columns === null ? FIRST_COLUMNS : OPTIONAL_COLUMNS.filter((name) => columns.split(",").includes(name)),
  };
}

const isLevel = (word: string): word is LogLevel => LOG_LEVELS.some((level) => level === word);

function lineNumber(text: string | null): number | undefined {
  const number = Number(text ?? Number.NaN);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

export type AddressChange = Record<string, string | readonly string[] | undefined>;

/** Parts of the address as its parameters: undefined takes one away. */
export function printAddress(change: Partial<LogsAddress>): AddressChange {
  const printed: AddressChange = {};
  const set = (name: string, value: string | readonly string[] | undefined): void => {
    printed[name] = value === "" || value?.length === 0 ? undefined : value;
  };
  const { tab, levels, sources, text, correlationId, traceId, wraps, columns } = change;
  if (tab !== undefined) set("tab", tab === "store" ? tab : undefined);
  if (levels !== undefined) set("level", levels.join(","));
  if (sources !== undefined) set("source", sources);
  if (text !== undefined) set("q", text.trim());
  if (correlationId !== undefined) set("correlation", correlationId.trim());
  if (traceId !== undefined) set("trace", traceId.trim());
  if ("at" in change) set("at", change.at === undefined ? undefined : String(change.at));
  if ("line" in change) set("line", change.line === undefined ? undefined : String(change.line));
  if (wraps !== undefined) set("wrap", wraps ? "1" : undefined);
  if (columns !== undefined)
    printed.columns = columns.join() === FIRST_COLUMNS.join() ? undefined : columns.join();
  return printed;
}

/** An address of the page with nothing but this. */
export function logsHref(parts: Partial<LogsAddress>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(printAddress(parts))) {
    if (typeof value === "string") params.set(name, value);
    else for (const entry of value ?? []) params.append(name, entry);
  }
  return params.size === 0 ? "/logs" : `/logs?${params}`;
}
