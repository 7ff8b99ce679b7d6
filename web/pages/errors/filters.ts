import type { IncidentFilter, IncidentState } from "../../data/incidents.ts";

/** One chip: what the address says, what it reads, what it stands for. */
interface Choice<Value> {
  id: string;
  label: string;
  value: Value;
}

export const STATE_CHOICES: readonly Choice<readonly IncidentState[]>[] = [
  { id: "", label: "Open", value: ["open", "reopened"] },
  { id: "resolved", label: "Resolved", value: ["resolved"] },
  { id: "ignored", label: "Ignored", value: ["ignored"] },
  { id: "all", label: "All", value: [] },
];

export const KIND_CHOICES: readonly Choice<string | undefined>[] = [
  { id: "", label: "Every kind", value: undefined },
  { id: "internal", label: "Faults inside", value: "internal" },
  { id: "unavailable", label: "Unavailable", value: "unavailable" },
];

const HOUR_MS = 3_600_000;
/** How far back, in milliseconds. */
export const SINCE_CHOICES: readonly Choice<number | undefined>[] = [
  { id: "", label: "Any time", value: undefined },
  { id: "1h", label: "1 h", value: HOUR_MS },
  { id: "24h", label: "24 h", value: 24 * HOUR_MS },
  { id: "7d", label: "7 d", value: 168 * HOUR_MS },
];

/** The filter as the address holds it; an empty word is the choice made for whoever makes none. */
export interface ErrorQuery {
  state: string;
  kind: string;
  since: string;
  text: string;
}

export const readErrorQuery = (query: URLSearchParams): ErrorQuery => ({
  state: query.get("state") ?? "",
  kind: query.get("kind") ?? "",
  since: query.get("since") ?? "",
  text: query.get("q") ?? "",
});

/** The address of the list with some of the filter changed. */
export function errorsHref(query: ErrorQuery, change: Partial<ErrorQuery> = {}): string {
  const { state, kind, since, text } = { ...query, ...change };
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries({ state, kind, since, q: text })) {
    if (value !== "") params.set(name, value);
  }
  const written = params.toString();
  return written === "" ? "/errors" : `/errors?${written}`;
}

/** What is asked of the server; a word of the address that is no choice counts as none. */
export function filterOf(query: ErrorQuery, nowMs: number): IncidentFilter {
  const sinceMs = chosen(SINCE_CHOICES, query.since);
  return {
    states: chosen(STATE_CHOICES, query.state) ?? [],
    kind: chosen(KIND_CHOICES, query.kind),
    text: query.text === "" ? undefined : query.text,
    since: sinceMs === undefined ? undefined : new Date(nowMs - sinceMs).toISOString(),
  };
}

const chosen = <Value>(choices: readonly Choice<Value>[], id: string): Value | undefined =>
  (choices.find((choice) => choice.id === id) ?? choices[0])?.value;
