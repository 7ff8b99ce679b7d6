import { parseSeverity, SEVERITIES, type Severity } from "../../schema/rules/severities.ts";
import { AppError } from "../errors/app-error.ts";
import type { Events } from "../events/events.ts";
import type { Clock } from "../lib/clock.ts";
import { newId } from "../lib/ids.ts";
import { MOMENT_RULE, readMoment } from "../lib/moment.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { Audit } from "../security/audit.ts";
import type { Caller } from "../security/caller.ts";
import type { Alert } from "./alert.ts";
import type { Definitions } from "./definitions/definitions.ts";
import type { Bodies } from "./definitions/schemas.ts";
import type {
  AlertDetail,
  AlertsQuery,
  NoticesView,
  PreviewView,
  StandingView,
  TestView,
  Triggered,
} from "./model.ts";
import type { ChannelDelivery } from "./notify/channel-delivery.ts";
import { messageOf } from "./notify/message.ts";
import type { NoticeStore } from "./notify/notice-store.ts";
import type { Notifications } from "./notify/notifications.ts";
import type { MetricWatch } from "./rules/metric-watch.ts";
import type { RulePreview } from "./rules/preview.ts";
import type { Alerts } from "./service.ts";
import type { AlertFilter } from "./store.ts";
import { alertView, messageView, noticeView, previewView, standingView, transitionView } from "./views.ts";

/** What the edges of alerts call. */
export interface AlertVerbs {
  alerts: Alerts;
  definitions: Definitions;
  preview: RulePreview;
  metricWatch: Pick<MetricWatch, "coverageOf">;
  delivery: ChannelDelivery;
  notifications: Notifications;
  notices: NoticeStore;
  outbox: Pick<Outbox, "findMany">;
  audit: Audit;
  clock: Clock;
  /** Reads events as they come. */
  follow: Events["follow"];
}

/** What a caller says of an alert. */
export interface TriggerInput {
  alertType: string;
  severity: string;
  message: string;
  labels?: Readonly<Record<string, string>>;
  dedupeKey?: string;
}

const WEEK = "-7d";
const MAX_PREVIEW_MS = 31 * 86_400_000;
const TEST_TIMEOUT_MS = 20_000;
const MESSAGES_SHOWN = 100;

/** @throws AppError `validation_failed` */
function readSeverity(text: string): Severity {
  const severity = parseSeverity(text);
  if (severity) return severity;
  throw wrong("severity", `is one of ${SEVERITIES.join(", ")}, INFO or WARNING`);
}

/** @throws AppError `validation_failed`, `overloaded` */
export async function trigger(
  { alerts }: AlertVerbs,
  { alertType, severity, message, labels, dedupeKey }: TriggerInput,
  caller: Caller,
): Promise<Triggered> {
  const { alert, isNew } = await alerts.trigger(
    {
      ...{ type: alertType, severity: readSeverity(severity), message },
      ...(labels ? { labels } : {}),
      ...(dedupeKey === undefined ? {} : { dedupeKey }),
    },
    caller,
  );
  return { success: true, alertId: alert.id, isNew };
}

/** @throws AppError `alert_not_found` */
export async function showAlert({ alerts }: AlertVerbs, id: string): Promise<AlertDetail> {
  const alert = await alerts.get(id);
  return { ...alertView(alert), timeline: (await alerts.timelineOf(id)).map(transitionView) };
}

/** What a list is asked for, in the store's terms. @throws AppError `validation_failed` */
export function filterOf({
  state: states,
  severity,
  since,
  until,
  openSince,
  ...filter
}: Omit<AlertsQuery, "limit" | "cursor">): AlertFilter {
  const moment = (text: string | undefined) => (text === undefined ? undefined : Date.parse(text));
  return {
    ...filter,
    states,
    severity: severity === undefined ? undefined : readSeverity(severity),
    ...{ since: moment(since), until: moment(until), openSince: moment(openSince) },
  };
}

/** Who was told of an alert and who is still to be told. @throws AppError `alert_not_found` */
export async function showNotices(
  { alerts, notices, outbox, definitions }: AlertVerbs,
  id: string,
): Promise<NoticesView> {
  await alerts.get(id);
  const told = await notices.listMessagesOf(id, MESSAGES_SHOWN);
  const deliveries = await outbox.findMany(told.map(({ deliveryId }) => deliveryId));
  const routeOf = (routeId: string) => definitions.find("route", routeId)?.name ?? null;
  const channelOf = (channelId: string) => definitions.find("channel", channelId)?.name ?? null;
  return {
    notices: (await notices.listOf(id)).map((notice) => noticeView(notice, routeOf(notice.routeId))),
    messages: told.map((message) =>
      messageView(
        message,
        { route: routeOf(message.routeId), channel: channelOf(message.channelId) },
        deliveries.find((delivery) => delivery.id === message.deliveryId),
      ),
    ),
  };
}

/** How each rule stands, oldest first. */
export async function listStandings({
  alerts,
  definitions,
  metricWatch,
}: AlertVerbs): Promise<StandingView[]> {
  const fired = new Map((await alerts.ruleStandings()).map((one) => [one.ruleId, one]));
  return definitions
    .list("rule")
    .map(({ id }) => standingView(id, fired.get(id), metricWatch.coverageOf(id)));
}

/** What a rule would have done; the last week unless said. @throws AppError `validation_failed` */
export async function previewRule(
  { preview, clock }: AlertVerbs,
  rule: Bodies["rule"],
  range: { from?: string | undefined; to?: string | undefined },
): Promise<PreviewView> {
  const now = clock.now();
  const from = readMoment(range.from ?? WEEK, now);
  const to = readMoment(range.to ?? "now", now);
  if (from === undefined) throw wrong("from", MOMENT_RULE);
  if (to === undefined) throw wrong("to", MOMENT_RULE);
  if (from >= to || to - from > MAX_PREVIEW_MS) {
    throw wrong("from", "lies before to, by at most 31 days");
  }
  return previewView(await preview.run(rule, from, to));
}

/** Sends a message of a test by a channel, at once and once. @throws AppError what keeps it from being sent */
export async function testChannel(
  { definitions, delivery, audit, clock }: AlertVerbs,
  id: string,
  caller: Caller,
): Promise<TestView> {
  const channel = definitions.get("channel", id);
  const now = clock.now();
  const sample: Alert = {
    id: newId(),
    fingerprint: "",
    type: "test",
    severity: "LOW",
    state: "firing",
    message: "This is a test; nothing has happened.",
    labels: {},
    source: "caller",
    ruleId: null,
    occurrences: 1,
    raisedAt: now,
    lastSeenAt: now,
    stateChangedAt: now,
    stateChangedBy: "test",
    mutedUntil: null,
  };
  audit.recordUse(caller, { action: "alert_channel.test", target: channel.name });
  const route = { id: "test", name: "test" };
  const message = messageOf({
    ...{ reason: "test", route, groupKey: id, channel, alerts: [sample], dashboardUrl: "", now },
  });
  const answer = await delivery.test(id, message, sample.id, AbortSignal.timeout(TEST_TIMEOUT_MS));
  return { success: true, id: sample.id, answer };
}

function wrong(path: string, message: string): AppError {
  return new AppError("validation_failed", `${path} ${message}.`, { issues: [{ path, message }] });
}
