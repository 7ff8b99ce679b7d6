import { SEVERITIES } from "../../../schema/rules/severities.ts";
import { SEVERITY_WORDS, STATE_WORDS } from "../../data/alert-words.ts";
import type { Alert, AlertFilter, AlertState, Severity } from "../../data/alerts-types.ts";

export type AlertTab = "alerts" | "rules" | "routing" | "summary";

/** The filter as the address holds it; an empty word is the choice made for whoever makes none. */
export interface AlertQuery {
  state: string;
  severity: string;
  type: string;
  q: string;
}

interface Choice<Value> {
  id: string;
  label: string;
  value: Value;
}

const OPEN: readonly AlertState[] = ["firing", "acknowledged", "muted"];

export const STATE_CHOICES: readonly Choice<readonly AlertState[]>[] = [
  { id: "", label: "Open", value: OPEN },
  ...[...OPEN, "resolved" as const].map((state) => ({
    id: state,
    label: STATE_WORDS[state],
    value: [state],
  })),
  { id: "all", label: "All", value: [] },
];

export const SEVERITY_CHOICES: readonly Choice<Severity | undefined>[] = [
  { id: "", label: "Every severity", value: undefined },
  ...SEVERITIES.toReversed().map((severity) => ({
    id: severity.toLowerCase(),
    label: SEVERITY_WORDS[severity].word,
    value: severity,
  })),
];

export const readAlertQuery = (query: URLSearchParams): AlertQuery => ({
  state: query.get("state") ?? "",
  severity: query.get("severity") ?? "",
  type: query.get("type") ?? "",
  q: query.get("q") ?? "",
});

/** The address of the list with some of the filter changed. */
export function alertsHref(query: AlertQuery, change: Partial<AlertQuery> = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...query, ...change })) {
    if (value !== "") params.set(name, value);
  }
  const text = params.toString();
  return text === "" ? "/alerts" : `/alerts?${text}`;
}

/** The address of another part of the page. */
export function tabHref(tab: AlertTab, more: Readonly<Record<string, string>> = {}): string {
  const params = new URLSearchParams(tab === "alerts" ? more : { tab, ...more });
  return params.size === 0 ? "/alerts" : `/alerts?${params}`;
}

/** What is asked of the server; a word of the address that is no choice counts as none. */
export const filterOf = ({ state, severity, type, q }: AlertQuery): AlertFilter => ({
  states: chosen(STATE_CHOICES, state) ?? [],
  severity: chosen(SEVERITY_CHOICES, severity),
  type: type === "" ? undefined : type,
  text: q === "" ? undefined : q,
});

/** Whether a list of this filter shows nothing but what is open. */
export const isOfOpen = ({ states = [] }: AlertFilter): boolean =>
  states.length > 0 && !states.includes("resolved");

/** Whether an alert is one of those that the filter chooses; the same as the server says. */
export function fits(alert: Alert, { states = [], severity, type, text }: AlertFilter): boolean {
  const needle = text?.toLowerCase() ?? "";
  return (
    (states.length === 0 || states.includes(alert.state)) &&
    (severity === undefined || alert.severity === severity) &&
    (type === undefined || alert.type === type) &&
    [alert.message, alert.type, JSON.stringify(alert.labels)].some((one) =>
      one.toLowerCase().includes(needle),
    )
  );
}

const chosen = <Value>(choices: readonly Choice<Value>[], id: string): Value | undefined =>
  (choices.find((choice) => choice.id === id) ?? choices[0])?.value;
