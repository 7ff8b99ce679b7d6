import { GraphQLError, Kind } from "graphql";
import { ALERT_STATES } from "../../schema/rules/alert-states.ts";
import { parseSeverity, SEVERITIES } from "../../schema/rules/severities.ts";
import {
  type GraphBuilder,
  type GraphContext,
  type GraphFeature,
  type Page,
  pageOf,
  WORK,
} from "../http/graphql-types.ts";
import { acceptedInput } from "../security/accepted-input.ts";
import type { Alert } from "./alert.ts";
import { followAlerts } from "./changes.ts";
import { addDefinitions } from "./definitions/graphql.ts";
import { type AlertVerbs, filterOf, showAlert, showNotices, trigger } from "./edge.ts";
import * as model from "./model.ts";
import { addNotifications } from "./notify/graphql.ts";
import { alertSummaryView, alertView } from "./views.ts";

const MS_PER_SECOND = 1_000;

/** Alerts as a graph: the verbs and limits of the REST routes, and what becomes of alerts as a subscription. */
export const alertGraph =
  (verbs: AlertVerbs): GraphFeature =>
  (builder) => {
    addSeverity(builder);
    const alert = alertType(builder, verbs);
    addQueries(builder, alert, verbs);
    addLife(builder, alert, verbs);
    addDefinitions(builder, verbs);
    addNotifications(builder, verbs);
    builder.subscriptionField("alertChanged", (t) =>
      t.field({
        type: alert,
        access: "alerts:read",
        description:
          "Alerts as they are raised, raised again (each at most once a second) and changed; with since, first those after that event",
        args: { since: t.arg({ type: "Long" }) },
        subscribe: (_root, { since }) => followAlerts(verbs, since ?? undefined),
        resolve: (changed: Alert) => alertView(changed),
      }),
    );
  };

type AlertRef = ReturnType<typeof alertType>;
type StateRef = ReturnType<typeof stateType>;
type ArgBuilder = Parameters<Parameters<GraphBuilder["queryFields"]>[0]>[0]["arg"];
/** As GraphQL gives it; the rest of what it holds is checked as REST checks it. */
type GivenFilter = Partial<Record<"since" | "until" | "openSince", Date | null | undefined>>;

const stateType = (builder: GraphBuilder) => builder.enumType("AlertState", { values: ALERT_STATES });

/** `HIGH` and `"HIGH"` both parse; `INFO` and `WARNING` map. */
function addSeverity(builder: GraphBuilder): void {
  const read = (value: unknown): string => {
    const severity = typeof value === "string" ? parseSeverity(value) : undefined;
    if (severity) return severity;
    throw new GraphQLError(`Severity is one of ${SEVERITIES.join(", ")}, INFO or WARNING.`);
  };
  builder.scalarType("Severity", {
    description:
      "LOW, MEDIUM, HIGH or CRITICAL, with or without quotes; INFO counts as LOW, WARNING as MEDIUM",
    serialize: (value) => value,
    parseValue: read,
    parseLiteral: (node) =>
      read(node.kind === Kind.STRING || node.kind === Kind.ENUM ? node.value : undefined),
  });
}

function alertType(builder: GraphBuilder, verbs: AlertVerbs) {
  const transition = builder.objectRef<model.TransitionView>("AlertTransition").implement({
    description: "A change of an alert's state or severity",
    fields: (t) => ({
      seq: t.exposeInt("seq"),
      from: t.exposeString("from", { nullable: true }),
      to: t.exposeString("to"),
      severity: t.expose("severity", { type: "Severity" }),
      at: t.expose("at", { type: "DateTime" }),
      by: t.exposeString("by"),
      note: t.exposeString("note"),
    }),
  });
  const notices = noticesType(builder);
  return builder.objectRef<model.AlertView>("Alert").implement({
    description: "Something that somebody should know",
    fields: (t) => ({
      id: t.exposeString("id"),
      type: t.exposeString("type"),
      severity: t.expose("severity", { type: "Severity" }),
      state: t.exposeString("state", { description: "firing, acknowledged, muted or resolved" }),
      message: t.exposeString("message"),
      labels: t.expose("labels", { type: "JSON" }),
      source: t.exposeString("source"),
      ruleId: t.exposeString("ruleId", { nullable: true }),
      occurrences: t.exposeInt("occurrences"),
      raisedAt: t.expose("raisedAt", { type: "DateTime" }),
      lastSeenAt: t.expose("lastSeenAt", { type: "DateTime" }),
      stateChangedAt: t.expose("stateChangedAt", { type: "DateTime" }),
      stateChangedBy: t.exposeString("stateChangedBy"),
      mutedUntil: t.expose("mutedUntil", { type: "DateTime", nullable: true }),
      timeline: t.field({
        type: [transition],
        resolve: async ({ id }) => (await showAlert(verbs, id)).timeline,
      }),
      notices: t.field({
        type: notices,
        description: "Who was told, with what result, and who is still to be told",
        resolve: ({ id }) => showNotices(verbs, id),
      }),
    }),
  });
}

function noticesType(builder: GraphBuilder) {
  const notice = builder.objectRef<model.NoticeView>("AlertNotice").implement({
    description: "What the people of a route were told of an alert, and what they are still to be told",
    fields: (t) => ({
      routeId: t.exposeString("routeId"),
      route: t.exposeString("route", { nullable: true }),
      told: t.exposeString("told", { nullable: true }),
      dueAt: t.expose("dueAt", { type: "DateTime", nullable: true }),
      heldBy: t.exposeString("heldBy", { nullable: true }),
      escalateAt: t.expose("escalateAt", { type: "DateTime", nullable: true }),
    }),
  });
  const message = builder.objectRef<model.MessageView>("AlertMessage").implement({
    description: "A message that named an alert",
    fields: (t) => ({
      deliveryId: t.exposeString("deliveryId"),
      at: t.expose("at", { type: "DateTime" }),
      reason: t.exposeString("reason", { description: "change or escalation" }),
      route: t.exposeString("route", { nullable: true }),
      channelId: t.exposeString("channelId"),
      channel: t.exposeString("channel", { nullable: true }),
      state: t.exposeString("state", { description: "waiting, leased, delivered, dead or forgotten" }),
      attempts: t.exposeInt("attempts"),
      settledAt: t.expose("settledAt", { type: "DateTime", nullable: true }),
      lastError: t.exposeString("lastError", { nullable: true }),
    }),
  });
  return builder.objectRef<model.NoticesView>("AlertNotices").implement({
    fields: (t) => ({
      notices: t.expose("notices", { type: [notice] }),
      messages: t.expose("messages", { type: [message] }),
    }),
  });
}

/** What chooses alerts, as both their lists take it. */
const filterArgs = (t: ArgBuilder, state: StateRef) => ({
  limit: t.int({ defaultValue: model.DEFAULT_PAGE }),
  severity: t({ type: "Severity" }),
  state: t({ type: [state] }),
  type: t.string(),
  ruleId: t.string(),
  since: t({ type: "DateTime" }),
  until: t({ type: "DateTime" }),
  openSince: t({ type: "DateTime" }),
  text: t.string(),
});

/** One page as REST answers it. @throws AppError `validation_failed`, `invalid_cursor` */
async function pageOfAlerts({ alerts }: AlertVerbs, given: GivenFilter): Promise<Page<model.AlertView>> {
  const moments = { since: given.since, until: given.until, openSince: given.openSince };
  const written = Object.entries(moments).map(([name, at]) => [name, at?.toISOString()]);
  const input = { ...given, ...Object.fromEntries(written) };
  const { limit, cursor, ...filter } = acceptedInput(model.AlertsQuery, input);
  const { items, nextCursor } = await alerts.list({ limit, cursor }, filterOf(filter));
  return { items: items.map(alertView), nextCursor };
}

function addQueries(builder: GraphBuilder, alert: AlertRef, verbs: AlertVerbs): void {
  const state = stateType(builder);
  const page = pageOf(builder, "Alert", alert);
  builder.queryFields((t) => ({
    alerts: t.field({
      type: [alert],
      access: "alerts:read",
      cost: WORK.search,
      description: "Alerts, the latest first; alertPage has the rest of them, too",
      args: filterArgs(t.arg, state),
      resolve: async (_root, args) => (await pageOfAlerts(verbs, args)).items,
    }),
    alertPage: t.field({
      type: page,
      access: "alerts:read",
      cost: WORK.search,
      description: "Alerts, the latest first",
      args: { ...filterArgs(t.arg, state), cursor: t.arg.string() },
      resolve: (_root, args) => pageOfAlerts(verbs, args),
    }),
    alert: t.field({
      type: alert,
      access: "alerts:read",
      args: { id: t.arg.string({ required: true }) },
      resolve: async (_root, { id }) => alertView(await verbs.alerts.get(id)),
    }),
    alertSummary: t.field({
      type: summaryType(builder),
      access: "alerts:read",
      description: "Counts by severity and state",
      resolve: async () => alertSummaryView(await verbs.alerts.summary()),
    }),
  }));
}

function summaryType(builder: GraphBuilder) {
  const counts = builder.objectRef<model.SummaryView["states"]>("AlertCounts").implement({
    fields: (t) => ({
      firing: t.exposeInt("firing"),
      acknowledged: t.exposeInt("acknowledged"),
      muted: t.exposeInt("muted"),
      resolved: t.exposeInt("resolved"),
    }),
  });
  return builder.objectRef<model.SummaryView>("AlertSummary").implement({
    fields: (t) => ({
      open: t.exposeInt("open", { description: "Those that are not resolved" }),
      states: t.expose("states", { type: counts }),
      low: t.field({ type: counts, resolve: ({ severities }) => severities.LOW }),
      medium: t.field({ type: counts, resolve: ({ severities }) => severities.MEDIUM }),
      high: t.field({ type: counts, resolve: ({ severities }) => severities.HIGH }),
      critical: t.field({ type: counts, resolve: ({ severities }) => severities.CRITICAL }),
    }),
  });
}

function addLife(builder: GraphBuilder, alert: AlertRef, verbs: AlertVerbs): void {
  const payload = builder.objectRef<model.Triggered>("TriggerAlertPayload").implement({
    fields: (t) => ({
      success: t.exposeBoolean("success"),
      alertId: t.exposeString("alertId"),
      isNew: t.exposeBoolean("isNew"),
    }),
  });
  builder.mutationField("triggerAlert", (t) =>
    t.field({
      type: payload,
      access: "alerts:write",
      description: "Raises an alert; one that is there already counts once more",
      args: {
        alertType: t.arg.string({ required: true }),
        severity: t.arg({ type: "Severity", required: true }),
        message: t.arg.string({ required: true }),
        labels: t.arg({ type: "JSON" }),
        dedupeKey: t.arg.string(),
      },
      resolve: (_root, args, context) => trigger(verbs, acceptedInput(model.TriggerBody, args), context),
    }),
  );
  const { alerts } = verbs;
  const verb = (
    name: string,
    description: string,
    act: (id: string, note: string, context: GraphContext) => ReturnType<typeof alerts.get>,
  ): void =>
    builder.mutationField(name, (t) =>
      t.field({
        type: alert,
        access: "alerts:write",
        description,
        args: { id: t.arg.string({ required: true }), note: t.arg.string() },
        resolve: async (_root, { id, note }, context) =>
          alertView(await act(id, acceptedInput(model.NoteBody, { note }).note, context)),
      }),
    );
  verb("acknowledgeAlert", "Says that somebody looks after it", (id, note, context) =>
    alerts.acknowledge(id, context, note),
  );
  verb("resolveAlert", "Says that it is over", (id, note, context) => alerts.resolve(id, context, note));
  verb("reopenAlert", "Takes an acknowledgement or a resolution back", (id, note, context) =>
    alerts.reopen(id, context, note),
  );
  verb("unmuteAlert", "Ends a mute before its time", (id, note, context) => alerts.unmute(id, context, note));
  builder.mutationField("muteAlert", (t) =>
    t.field({
      type: alert,
      access: "alerts:write",
      description: "Tells nobody of it for a while",
      args: { id: t.arg.string({ required: true }), seconds: t.arg.int(), note: t.arg.string() },
      resolve: async (_root, { id, ...args }, context) => {
        const { seconds, note } = acceptedInput(model.MuteBody, args);
        return alertView(await alerts.mute(id, seconds * MS_PER_SECOND, context, note));
      },
    }),
  );
}
