import { Type } from "@sinclair/typebox";
import { type Static, t } from "elysia";
import { ALERT_SOURCES, ALERT_STATES } from "../../schema/rules/alert-states.ts";
import { SEVERITIES } from "../../schema/rules/severities.ts";
import { IntegerParameter } from "../lib/integer-parameter.ts";
import { MAX_LABEL_LENGTH, MAX_LABELS, MAX_MESSAGE_LENGTH, MAX_TYPE_LENGTH } from "./alert.ts";
import { ChannelBody, RouteBody, RuleBody, WindowBody } from "./definitions/schemas.ts";

export const DEFAULT_PAGE = 50;
const MAX_PAGE = 200;
const MAX_NOTE_LENGTH = 500;
const MAX_TEXT_LENGTH = 200;
const DAY_SECONDS = 86_400;
const closed = { additionalProperties: false };
const Moment = t.String({ format: "date-time" });
const OptionalMoment = t.Union([Moment, t.Null()]);
/** What is left out is left out: by itself a UnionEnum puts its first value there. */
const CHOSEN = { default: undefined };
const paging = {
  limit: IntegerParameter({ minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE }),
  cursor: t.Optional(t.String({ maxLength: 512, description: "nextCursor of the page before" })),
};
const severity = t.String({
  minLength: 1,
  maxLength: 20,
  description: "LOW, MEDIUM, HIGH or CRITICAL; INFO counts as LOW, WARNING as MEDIUM",
});
const Labels = t.Record(
  t.String({ minLength: 1, maxLength: MAX_LABEL_LENGTH }),
  t.String({ maxLength: MAX_LABEL_LENGTH }),
  { maxProperties: MAX_LABELS },
);

export const AlertsQuery = t.Object(
  {
    ...paging,
    state: t.Optional(
      t.Array(t.UnionEnum(ALERT_STATES), {
        maxItems: ALERT_STATES.length,
        description: "Any of these states",
      }),
    ),
    severity: t.Optional(severity),
    type: t.Optional(t.String({ minLength: 1, maxLength: MAX_TYPE_LENGTH })),
    ruleId: t.Optional(t.String({ minLength: 1, maxLength: 64 })),
    since: t.Optional(t.String({ format: "date-time", description: "Raised at or after this moment" })),
    until: t.Optional(t.String({ format: "date-time", description: "Raised at or before this moment" })),
    openSince: t.Optional(t.String({ format: "date-time", description: "Not resolved before this moment" })),
    text: t.Optional(
      t.String({
        minLength: 1,
        maxLength: MAX_TEXT_LENGTH,
        description: "In the message, the type or the labels, in either case",
      }),
    ),
  },
  closed,
);

export type AlertsQuery = Static<typeof AlertsQuery>;

export const TimelineQuery = t.Object({ ...paging, since: t.Optional(Moment) }, closed);

export const TriggerBody = t.Object(
  {
    alertType: t.String({ minLength: 1, maxLength: MAX_TYPE_LENGTH, pattern: "\\S" }),
    severity,
    message: t.String({ minLength: 1, maxLength: MAX_MESSAGE_LENGTH }),
    labels: t.Optional(Labels),
    dedupeKey: t.Optional(
      t.String({
        minLength: 1,
        maxLength: 200,
        description:
          "Raises of a type with the same key are one alert; the labels, or the message, when absent",
      }),
    ),
  },
  closed,
);

export const ById = t.Object({ id: t.String({ minLength: 1, maxLength: 64 }) });
export const CreateQuery = t.Object(
  {
    restores: t.Optional(
      t.String({
        minLength: 1,
        maxLength: 64,
        description: "Id of what was removed: the new one has it, so that what spoke of it does so again",
      }),
    ),
  },
  closed,
);
const note = t.String({ maxLength: MAX_NOTE_LENGTH, default: "" });
export const NoteBody = t.Object({ note }, closed);
export const MuteBody = t.Object(
  { seconds: Type.Integer({ minimum: 60, maximum: 30 * DAY_SECONDS, default: 3_600 }), note },
  closed,
);

const fields = {
  id: t.String(),
  type: t.String(),
  severity: t.UnionEnum(SEVERITIES, CHOSEN),
  state: t.UnionEnum(ALERT_STATES, CHOSEN),
  message: t.String(),
  labels: t.Record(t.String(), t.String()),
  source: t.UnionEnum(ALERT_SOURCES, CHOSEN),
  ruleId: t.Union([t.String(), t.Null()]),
  occurrences: Type.Integer({ description: "How often it was raised" }),
  raisedAt: Moment,
  lastSeenAt: Moment,
  stateChangedAt: Moment,
  stateChangedBy: t.String(),
  mutedUntil: OptionalMoment,
};
export const AlertView = t.Object(fields);
export type AlertView = Static<typeof AlertView>;
export const AlertPage = t.Object({
  items: t.Array(AlertView),
  nextCursor: t.Union([t.String(), t.Null()]),
});

export const TransitionView = t.Object({
  seq: Type.Integer(),
  alertId: t.String(),
  from: t.Union([t.UnionEnum(ALERT_STATES, CHOSEN), t.Null()]),
  to: t.UnionEnum(ALERT_STATES, CHOSEN),
  severity: t.UnionEnum(SEVERITIES, CHOSEN),
  at: Moment,
  by: t.String(),
  note: t.String(),
});
export type TransitionView = Static<typeof TransitionView>;
export const TransitionPage = t.Object({
  items: t.Array(TransitionView),
  nextCursor: t.Union([t.String(), t.Null()]),
});
export const AlertDetail = t.Object({ ...fields, timeline: t.Array(TransitionView) });
export type AlertDetail = Static<typeof AlertDetail>;

export const Triggered = t.Object({
  success: t.Boolean(),
  alertId: t.String(),
  isNew: t.Boolean({ description: "False when the alert was there already" }),
});
export type Triggered = Static<typeof Triggered>;

const Counts = t.Object({
  firing: Type.Integer(),
  acknowledged: Type.Integer(),
  muted: Type.Integer(),
  resolved: Type.Integer(),
});
export const SummaryView = t.Object({
  open: Type.Integer({ description: "Those that are not resolved" }),
  states: Counts,
  severities: t.Object({ LOW: Counts, MEDIUM: Counts, HIGH: Counts, CRITICAL: Counts }),
});
export type SummaryView = Static<typeof SummaryView>;

const stamped = {
  id: t.String(),
  createdAt: Moment,
  updatedAt: Moment,
  updatedBy: t.String(),
};
const listOf = <Item extends ReturnType<typeof t.Object>>(item: Item) =>
  t.Object({ items: t.Array(item), nextCursor: t.Null() });
const RuleView = t.Object({ ...stamped, ...RuleBody.properties });
const ChannelView = t.Object({ ...stamped, ...ChannelBody.properties });
const RouteView = t.Object({ ...stamped, ...RouteBody.properties });
const WindowView = t.Object({ ...stamped, ...WindowBody.properties });
export const DEFINITION_VIEWS = {
  rule: { one: RuleView, list: listOf(RuleView) },
  channel: { one: ChannelView, list: listOf(ChannelView) },
  route: { one: RouteView, list: listOf(RouteView) },
  window: { one: WindowView, list: listOf(WindowView) },
} as const;

const PreviewMoment = t.String({ maxLength: 40, description: "ISO 8601, epoch milliseconds, or -7d" });
export const PreviewBody = t.Object(
  { rule: RuleBody, from: t.Optional(PreviewMoment), to: t.Optional(PreviewMoment) },
  closed,
);
export const PreviewView = t.Object({
  from: Moment,
  to: Moment,
  fired: Type.Integer({ description: "How often it would have fired" }),
  intervals: t.Array(t.Object({ what: t.String(), from: Moment, to: OptionalMoment }), {
    description: "The latest 200, oldest first; without an end while it would still fire",
  }),
  looked: Type.Integer({ description: "Series or events that were looked at" }),
  isCut: t.Boolean({ description: "There was more than was looked at" }),
});
export type PreviewView = Static<typeof PreviewView>;

export const StandingView = t.Object({
  ruleId: t.String(),
  open: Type.Integer({ description: "Its alerts that are not resolved" }),
  lastFiredAt: OptionalMoment,
  followed: t.Union([Type.Integer(), t.Null()], {
    description: "Series that it looks at; null when it is switched off, or over events",
  }),
  leftOut: Type.Integer({
    description: "Series that it does not look at, since it follows as many as it may",
  }),
});
export type StandingView = Static<typeof StandingView>;
export const StandingList = t.Object({ items: t.Array(StandingView), nextCursor: t.Null() });

/** What the people of a route were told of an alert, and what they are still to be told. */
export const NoticeView = t.Object({
  routeId: t.String(),
  route: t.Union([t.String(), t.Null()], { description: "Its name; null when it was removed" }),
  told: t.Union([t.String(), t.Null()], { description: "What they know: firing:HIGH; null for nothing yet" }),
  dueAt: OptionalMoment,
  heldBy: t.Union([t.String(), t.Null()], {
    description: "maintenance, quiet_hours, inhibited or flapping, when they are not told for now",
  }),
  escalateAt: OptionalMoment,
});
export type NoticeView = Static<typeof NoticeView>;

/** A message that named an alert. */
export const MessageView = t.Object({
  deliveryId: t.String({ description: "The delivery, and the id that the channel was handed" }),
  at: Moment,
  reason: t.UnionEnum(["change", "escalation"], CHOSEN),
  route: t.Union([t.String(), t.Null()]),
  channelId: t.String(),
  channel: t.Union([t.String(), t.Null()], { description: "Its name; null when it was removed" }),
  state: t.UnionEnum(["waiting", "leased", "delivered", "dead", "forgotten"], {
    ...CHOSEN,
    description: "forgotten: it was delivered or given up so long ago that the queue no longer holds it",
  }),
  attempts: Type.Integer(),
  settledAt: OptionalMoment,
  lastError: t.Union([t.String(), t.Null()]),
});
export type MessageView = Static<typeof MessageView>;
export const NoticesView = t.Object({
  notices: t.Array(NoticeView),
  messages: t.Array(MessageView, { description: "The latest 100, the latest first" }),
});
export type NoticesView = Static<typeof NoticesView>;

export const TestView = t.Object({
  success: t.Boolean(),
  id: t.String(),
  answer: t.String({ description: "What the service answered; empty when the plugin does not say" }),
});
export type TestView = Static<typeof TestView>;

const NotificationState = t.UnionEnum(["waiting", "leased", "delivered", "dead"], CHOSEN);
export const NotificationsQuery = t.Object(
  { ...paging, state: t.Optional(NotificationState), channelId: t.Optional(t.String({ maxLength: 64 })) },
  closed,
);
export const NotificationView = t.Object({
  id: t.String({ description: "The same at every attempt" }),
  channelId: t.String(),
  channelName: t.Union([t.String(), t.Null()], { description: "None when the channel was removed" }),
  state: NotificationState,
  reason: t.String({ description: "change, escalation" }),
  title: t.String(),
  severity: t.String(),
  alertState: t.String(),
  count: Type.Integer({ description: "Alerts that it tells of" }),
  attempts: Type.Integer(),
  createdAt: Moment,
  nextAttemptAt: OptionalMoment,
  settledAt: OptionalMoment,
  lastError: t.Union([t.String(), t.Null()], {
    description: "What the service answered last, or what failed",
  }),
});
export type NotificationView = Static<typeof NotificationView>;
export const NotificationPage = t.Object({
  items: t.Array(NotificationView),
  nextCursor: t.Union([t.String(), t.Null()]),
});
export const ChannelStatusView = t.Object({
  channelId: t.String(),
  state: t.UnionEnum(["active", "paused", "off"], {
    default: undefined,
    description: "off: switched off after too many failures in a row",
  }),
  waiting: Type.Integer(),
  failures: Type.Integer({ description: "Attempts that failed in a row" }),
});
export type ChannelStatusView = Static<typeof ChannelStatusView>;
export const ChannelStatusList = t.Object({ items: t.Array(ChannelStatusView), nextCursor: t.Null() });
