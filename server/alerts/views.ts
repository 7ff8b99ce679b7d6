import type { AlertState } from "../../schema/rules/alert-states.ts";
import type { OutboxRow } from "../outbox/outbox-store.ts";
import type { Alert, AlertTransition } from "./alert.ts";
import type { Defined, DefinitionKind } from "./definitions/schemas.ts";
import type {
  AlertView,
  MessageView,
  NoticeView,
  NotificationView,
  PreviewView,
  StandingView,
  SummaryView,
  TransitionView,
} from "./model.ts";
import type { Notice, ToldMessage } from "./notify/notice-store.ts";
import type { Notification } from "./notify/notifications.ts";
import type { Preview } from "./rules/preview.ts";
import type { Coverage } from "./rules/rule-watch.ts";
import type { AlertCounts, RuleStanding } from "./store.ts";

const iso = (at: number): string => new Date(at).toISOString();
const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at));

/** An alert as every edge shows it. */
export const alertView = (alert: Alert): AlertView => ({
  id: alert.id,
  type: alert.type,
  severity: alert.severity,
  state: alert.state,
  message: alert.message,
  labels: { ...alert.labels },
  source: alert.source,
  ruleId: alert.ruleId,
  occurrences: alert.occurrences,
  raisedAt: iso(alert.raisedAt),
  lastSeenAt: iso(alert.lastSeenAt),
  stateChangedAt: iso(alert.stateChangedAt),
  stateChangedBy: alert.stateChangedBy,
  mutedUntil: isoOrNull(alert.mutedUntil),
});

export const transitionView = ({
  seq,
  alertId,
  from,
  to,
  severity,
  at,
  by,
  note,
}: AlertTransition): TransitionView => ({
  ...{ seq, alertId, from, to, severity, at: iso(at), by, note },
});

export const standingView = (
  ruleId: string,
  fired: RuleStanding | undefined,
  coverage: Coverage | undefined,
): StandingView => ({
  ...{ ruleId, open: fired?.open ?? 0, lastFiredAt: isoOrNull(fired?.lastFiredAt ?? null) },
  ...{ followed: coverage?.followed ?? null, leftOut: coverage?.leftOut ?? 0 },
});

export const noticeView = (
  { routeId, told, dueAt, heldBy, escalateAt }: Notice,
  route: string | null,
): NoticeView => ({
  ...{ routeId, route, told, heldBy, dueAt: isoOrNull(dueAt), escalateAt: isoOrNull(escalateAt) },
});

/** A message with how its delivery fares; what the queue no longer holds is forgotten. */
export const messageView = (
  { deliveryId, at, reason, channelId }: ToldMessage,
  names: Pick<MessageView, "route" | "channel">,
  delivery: Pick<OutboxRow, "state" | "attempts" | "settledAt" | "lastError"> | undefined,
): MessageView => ({
  ...{ deliveryId, at: iso(at), reason, channelId, ...names },
  state: delivery?.state ?? "forgotten",
  attempts: delivery?.attempts ?? 0,
  settledAt: isoOrNull(delivery?.settledAt ?? null),
  lastError: delivery?.lastError ?? null,
});

export function alertSummaryView(severities: AlertCounts): SummaryView {
  const all = Object.values(severities);
  const countOf = (state: AlertState): number => all.reduce((sum, counts) => sum + counts[state], 0);
  const states = {
    firing: countOf("firing"),
    acknowledged: countOf("acknowledged"),
    muted: countOf("muted"),
    resolved: countOf("resolved"),
  };
  return { open: states.firing + states.acknowledged + states.muted, states, severities };
}

/** What is set up, with its times as texts. */
export const definitionView = <Kind extends DefinitionKind>(defined: Defined<Kind>) => ({
  ...defined,
  createdAt: iso(defined.createdAt),
  updatedAt: iso(defined.updatedAt),
});

export const previewView = ({ from, to, fired, intervals, looked, isCut }: Preview): PreviewView => ({
  ...{ from: iso(from), to: iso(to), fired, looked, isCut },
  intervals: intervals.map((one) => ({ what: one.what, from: iso(one.from), to: isoOrNull(one.to) })),
});

/** A message to a channel: what it is about, and how its delivery stands. */
export const notificationView = ({ message, channelName, ...one }: Notification): NotificationView => ({
  ...{ id: one.id, channelId: one.channelId, channelName: channelName ?? null, state: one.state },
  ...{ reason: message?.reason ?? "", title: message?.title ?? "", severity: message?.severity ?? "" },
  ...{ alertState: message?.state ?? "", count: message?.count ?? 0, attempts: one.attempts },
  createdAt: iso(one.createdAt),
  nextAttemptAt: isoOrNull(one.nextAttemptAt),
  settledAt: isoOrNull(one.settledAt),
  lastError: one.lastError,
});
