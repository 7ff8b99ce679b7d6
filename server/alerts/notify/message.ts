import { type Static, Type } from "@sinclair/typebox";
import { compareSeverities } from "../../../schema/rules/severities.ts";
import type { Alert } from "../alert.ts";
import type { Channel, Route } from "../definitions/schemas.ts";
import { fillTemplate } from "./template.ts";

/** Alerts that a message names; of the others it says how many they are. */
const NAMED = 20;
const MAX_TITLE_LENGTH = 300;
const MAX_LINE_LENGTH = 1_000;
const TITLE = "[{{severity}}] {{type}}: {{count}} {{state}}";
const LINE = "{{severity}} {{state}}: {{message}}";

/** What a channel is to tell. */
export const Message = Type.Object({
  reason: Type.Union([Type.Literal("change"), Type.Literal("escalation"), Type.Literal("test")]),
  route: Type.String(),
  type: Type.String(),
  severity: Type.String(),
  state: Type.String(),
  title: Type.String(),
  message: Type.String(),
  labels: Type.Record(Type.String(), Type.String()),
  count: Type.Integer(),
  createdAt: Type.String(),
  alerts: Type.Array(
    Type.Object({
      id: Type.String(),
      type: Type.String(),
      severity: Type.String(),
      state: Type.String(),
      message: Type.String(),
      labels: Type.Record(Type.String(), Type.String()),
      raisedAt: Type.String(),
    }),
  ),
});
export type Message = Static<typeof Message>;

/** One message of several alerts in a channel's words; the worst that still fires stands for all. */
export function messageOf(
  reason: Message["reason"],
  { name: route }: Pick<Route, "name">,
  { titleTemplate = TITLE, lineTemplate = LINE }: Pick<Channel, "titleTemplate" | "lineTemplate">,
  alerts: readonly Alert[],
  now: number,
): Message {
  const sorted = alerts.toSorted(byWeight);
  const [worst] = sorted;
  const named = sorted.slice(0, NAMED);
  const fill = (template: string, alert: Alert, most: number) =>
    fillTemplate(template, valuesOf(alert, route, alerts.length)).slice(0, most);
  const lines = named.map((alert) => fill(lineTemplate, alert, MAX_LINE_LENGTH));
  if (sorted.length > NAMED) lines.push(`… and ${sorted.length - NAMED} more.`);
  return {
    reason,
    route,
    type: worst?.type ?? "",
    severity: worst?.severity ?? "LOW",
    state: worst?.state ?? "resolved",
    title: worst ? fill(titleTemplate, worst, MAX_TITLE_LENGTH) : "",
    message: lines.join("\n"),
    labels: { ...worst?.labels },
    count: alerts.length,
    createdAt: new Date(now).toISOString(),
    alerts: named.map(({ id, type, severity, state, message, labels, raisedAt }) => ({
      ...{ id, type, severity, state, labels: { ...labels } },
      message: message.slice(0, MAX_LINE_LENGTH),
      raisedAt: new Date(raisedAt).toISOString(),
    })),
  };
}

const byWeight = (a: Alert, b: Alert): number =>
  Number(a.state === "resolved") - Number(b.state === "resolved") ||
  compareSeverities(b.severity, a.severity) ||
  a.raisedAt - b.raisedAt;

const valuesOf = (alert: Alert, route: string, count: number) => ({
  id: alert.id,
  type: alert.type,
  severity: alert.severity,
  state: alert.state,
  message: alert.message,
  count: String(count),
  route,
  raisedAt: new Date(alert.raisedAt).toISOString(),
  occurrences: String(alert.occurrences),
  labels: alert.labels,
});
