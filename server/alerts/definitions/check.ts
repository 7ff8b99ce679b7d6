import type { InputIssue } from "../../errors/app-error.ts";
import { toAppError } from "../../errors/app-error.ts";
import { parsePattern } from "../../events/pattern.ts";
import { templateProblem } from "../notify/template.ts";
import type { Bodies, Condition, DefinitionKind } from "./schemas.ts";

/** What a definition may refer to. */
interface Known {
  readonly rule: readonly { id: string; dependsOn: readonly string[] }[];
  readonly channel: readonly { id: string }[];
}

/** What is wrong with a definition beyond its shape: each place with its reason. */
export function problemsOf<Kind extends DefinitionKind>(
  kind: Kind,
  body: Bodies[Kind],
  known: Known,
  id: string,
): InputIssue[] {
  const checks: { [K in DefinitionKind]: (body: Bodies[K]) => InputIssue[] } = {
    rule: (rule) => ruleProblems(rule, known, id),
    channel: channelProblems,
    route: (route) => routeProblems(route, known),
    window: windowProblems,
  };
  return checks[kind](body);
}

function ruleProblems({ condition, dependsOn }: Bodies["rule"], { rule }: Known, id: string): InputIssue[] {
  const unknown = dependsOn.filter((other) => !rule.some((one) => one.id === other));
  return [
    ...conditionProblems(condition),
    ...unknown.map((other) => ({ path: "dependsOn", message: `there is no rule ${other}` })),
    ...(reachesItself(id, dependsOn, rule)
      ? [{ path: "dependsOn", message: "rules that depend on each other in a circle would all stay silent" }]
      : []),
  ];
}

function reachesItself(id: string, dependsOn: readonly string[], rules: Known["rule"]): boolean {
  const seen = new Set<string>();
  const waiting = [...dependsOn];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === id) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    waiting.push(...(rules.find((one) => one.id === next)?.dependsOn ?? []));
  }
  return false;
}

function conditionProblems(condition: Condition): InputIssue[] {
  if (condition.kind === "event") {
    const { pattern, resolvedBy } = condition;
    return [
      ...patternProblem("condition.pattern", pattern),
      ...(resolvedBy ? patternProblem("condition.resolvedBy.pattern", resolvedBy.pattern) : []),
    ];
  }
  if (condition.kind !== "threshold" || condition.clearValue === undefined) return [];
  const { direction, value, clearValue } = condition;
  const isBeyond = direction === "above" ? clearValue > value : clearValue < value;
  if (!isBeyond) return [];
  const side = direction === "above" ? "at or below" : "at or above";
  return [{ path: "condition.clearValue", message: `must be ${side} value, where it is over` }];
}

function patternProblem(path: string, pattern: string): InputIssue[] {
  try {
    parsePattern(pattern);
  } catch (thrown) {
    return [{ path, message: toAppError(thrown).message.replace(/\.$/, "") }];
  }
  // What alerts tell of themselves would raise alerts without end.
  const speaksOfAlerts = ["alert.raised", "alert.changed", "alert.resolved"].some((type) =>
    parsePattern(pattern).matches(type),
  );
  return speaksOfAlerts ? [{ path, message: "must not match what alerts tell of themselves (alert.*)" }] : [];
}

function channelProblems({ titleTemplate, lineTemplate }: Bodies["channel"]): InputIssue[] {
  return Object.entries({ titleTemplate, lineTemplate }).flatMap(([path, template]) => {
    const message = template === undefined ? undefined : templateProblem(template);
    return message === undefined ? [] : [{ path, message }];
  });
}

function routeProblems(
  { channels, escalation, quietHours }: Bodies["route"],
  { channel }: Known,
): InputIssue[] {
  const missing = (path: string, ids: readonly string[]): InputIssue[] =>
    ids
      .filter((id) => !channel.some((one) => one.id === id))
      .map((id) => ({ path, message: `there is no channel ${id}` }));
  return [
    ...missing("channels", channels),
    ...escalation.flatMap((step, index) => missing(`escalation.${index}.channels`, step.channels)),
    ...(quietHours ? timeZoneProblem("quietHours", quietHours) : []),
  ];
}

const timeZoneProblem = (path: string, { timeZone }: { timeZone: string }): InputIssue[] =>
  isTimeZone(timeZone)
    ? []
    : [{ path: `${path}.timeZone`, message: `${timeZone} is no time zone of the IANA list` }];

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

function windowProblems({ startsAt, endsAt, recurrence }: Bodies["window"]): InputIssue[] {
  return [
    ...(Date.parse(startsAt) < Date.parse(endsAt)
      ? []
      : [{ path: "endsAt", message: "must be later than startsAt" }]),
    ...(recurrence ? timeZoneProblem("recurrence", recurrence) : []),
    ...(recurrence && recurrence.from === recurrence.to
      ? [{ path: "recurrence.to", message: "must be another time than from" }]
      : []),
  ];
}
