import { formatDuration, formatFigure, formatValue } from "../../lib/format.ts";

const WORDS: Readonly<Record<string, string>> = {
  slower_than_before: "Slower than before",
  fails_often: "Fails often",
  missing_index: "Reads a whole table",
  plugin_near_limit: "Near its time limit",
  cacheable_query: "Same question, same answer",
};

const EVIDENCE: Readonly<Record<string, string>> = {
  p95Seconds: "p95 within a day",
  p95SecondsBefore: "p95 in the days before",
  calls: "Calls within a day",
  callsBefore: "Calls in the days before",
  failed: "Failed",
  failedPercent: "Share that failed",
  limitSeconds: "Time limit",
  lookedAt: "Looked at",
  unchanged: "Answered as before",
  unchangedPercent: "Share answered as before",
  averageSeconds: "Average",
  statement: "Statement",
  plan: "SQLite's plan",
  rows: "Rows, about",
};

/** What a rule is called. */
export const suggestionWord = (kind: string): string => WORDS[kind] ?? kind;

export const evidenceWord = (name: string): string => EVIDENCE[name] ?? name;

/** A figure in the unit that its name speaks of. */
export function evidenceValue(name: string, value: number): string {
  if (/Seconds/.test(name)) return formatDuration(value);
  return name.endsWith("Percent") ? formatValue(value, "percent") : formatFigure(value, 0);
}

/** Where to go on from a suggestion. */
export function nextStep(kind: string, subject: string): { label: string; href: string } {
  const search = `/performance?${new URLSearchParams({ window: "24h", q: subject })}`;
  switch (kind) {
    case "plugin_near_limit":
      return { label: "Open the plugin", href: `/plugins/${encodeURIComponent(subject)}` };
    case "cacheable_query":
      return { label: "To the cache of queries", href: "/configuration?q=queryCache" };
    case "fails_often":
      return { label: "Open the error centre", href: "/errors" };
    case "missing_index":
      return { label: "Show units of work and queries", href: "/performance?window=24h&kind=inside" };
    default:
      return { label: "Show the operation", href: search };
  }
}
