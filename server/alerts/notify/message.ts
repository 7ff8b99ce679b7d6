import { type Static, Type } from "@sinclair/typebox";
import { compareSeverities } from "../../../schema/rules/severities.ts";
import { sha256Hex } from "../../lib/ids.ts";
import type { Alert } from "../alert.ts";
import type { Channel, Route } from "../definitions/schemas.ts";
import { fillTemplate } from "./template.ts";

/** Alerts that a message names; of the others it says how many they are. */
const NAMED = 20;
const MAX_TITLE_LENGTH = 300;
const MAX_LINE_LENGTH = 1_000;
/** Of its lines, and of the alerts it lists, as JSON: with all else it fits into a delivery, whatever characters it is of. */
const MAX_LINES_BYTES = 60_000;
const MAX_ALERTS_BYTES = 100_000;
const GROUP_LENGTH = 32;
const TITLE = "[{{severity}}] {{type}}: ";
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
  /** The same for all messages of one group of alerts. */
  group: Type.String(),
  /** How many groups the alerts are of, when they are of more than one. */
  groups: Type.Optional(Type.Integer()),
  link: Type.Optional(Type.String()),
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

/** What a message is made of. */
export interface MessageParts {
  reason: Message["reason"];
  route: Pick<Route, "id" | "name">;
  /** Of the route. */
  groupKey: string;
  /** How many groups the alerts are of; 1 unless said. */
  groups?: number;
  channel: Pick<Channel, "titleTemplate" | "lineTemplate">;
  alerts: readonly Alert[];
  /** Address of the dashboard; empty when it is not known. */
  dashboardUrl: string;
  /** Epoch milliseconds. */
  now: number;
}

/** One message of several alerts in a channel's words; the worst that still fires stands for all. */
export function messageOf({
  reason,
  route,
  groupKey,
  groups = 1,
  channel,
  alerts,
  dashboardUrl,
  now,
}: MessageParts): Message {
  const sorted = alerts.toSorted(byWeight);
  const [worst] = sorted;
  const named = sorted.slice(0, NAMED);
  const fill = (template: string, alert: Alert, most: number) =>
    fillTemplate(template, valuesOf(alert, route.name, alerts.length)).slice(0, most);
  /** Labels that are missing can leave nothing of a template, and a message says something. */
  const say = (template: string | undefined, usual: string, alert: Alert, most: number) =>
    fill(template ?? usual, alert, most).trim() || fill(usual, alert, most);
  const lines = fitting(
    named.map((alert) => say(channel.lineTemplate, LINE, alert, MAX_LINE_LENGTH)),
    MAX_LINES_BYTES,
  );
  if (sorted.length > lines.length) lines.push(`… and ${sorted.length - lines.length} more.`);
  if (groups > 1) lines.push(`They are of ${groups} groups, more than are told of by themselves.`);
  const link = linkOf(dashboardUrl, sorted);
  return {
    reason,
    route: route.name,
    type: worst?.type ?? "",
    severity: worst?.severity ?? "LOW",
    state: worst?.state ?? "resolved",
    title: worst ? say(channel.titleTemplate, TITLE + tallyOf(sorted), worst, MAX_TITLE_LENGTH) : "",
    message: lines.join("\n"),
    labels: { ...worst?.labels },
    count: alerts.length,
    group: sha256Hex(`${route.id} ${groupKey}`).slice(0, GROUP_LENGTH),
    ...(groups > 1 ? { groups } : {}),
    ...(link === undefined ? {} : { link }),
    createdAt: new Date(now).toISOString(),
    alerts: fitting(named.map(listed), MAX_ALERTS_BYTES),
  };
}

/** How many are in which state, in their order: `2 firing, 1 resolved`. */
function tallyOf(alerts: readonly Alert[]): string {
  const states = Map.groupBy(alerts, ({ state }) => state);
  return [...states].map(([state, { length }]) => `${length} ${state}`).join(", ");
}

const listed = ({
  id,
  type,
  severity,
  state,
  message,
  labels,
  raisedAt,
}: Alert): Message["alerts"][number] => ({
  ...{ id, type, severity, state, labels: { ...labels } },
  message: message.slice(0, MAX_LINE_LENGTH),
  raisedAt: new Date(raisedAt).toISOString(),
});

/** The first of them that take no more than so many bytes as JSON. */
function fitting<T>(all: readonly T[], maxBytes: number): T[] {
  let leftBytes = maxBytes;
  const beyond = all.findIndex((one) => {
    leftBytes -= Buffer.byteLength(JSON.stringify(one));
    return leftBytes < 0;
  });
  return beyond === -1 ? [...all] : all.slice(0, beyond);
}

/** Of one alert its own page, of several the list. */
function linkOf(dashboardUrl: string, [first, ...others]: readonly Alert[]): string | undefined {
  if (dashboardUrl === "" || !first) return undefined;
  const page = `${dashboardUrl.replace(/\/+$/, "")}/alerts`;
  return others.length === 0 ? `${page}/${first.id}` : page;
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
