import { guard, routes } from "../http/guard.ts";
import { definitionRoutes } from "./definitions/rest.ts";
import { type AlertVerbs, filterOf, listStandings, showAlert, showNotices, trigger } from "./edge.ts";
import * as model from "./model.ts";
import { notificationRoutes } from "./notify/rest.ts";
import { alertSummaryView, alertView, transitionView } from "./views.ts";

const CREATED = 201;

/** Alerts, what becomes of them, and what is set up of them. */
export const alertRoutes = (verbs: AlertVerbs) =>
  readingRoutes(verbs).use(lifeRoutes(verbs)).use(notificationRoutes(verbs)).use(definitionRoutes(verbs));

const readingRoutes = (verbs: AlertVerbs) =>
  routes("alerts")
    .get(
      "/api/v3/alerts/recent",
      async ({ query: { limit, cursor, ...filter } }) => {
        const { items, nextCursor } = await verbs.alerts.list({ limit, cursor }, filterOf(filter));
        return { items: items.map(alertView), nextCursor };
      },
      guard("alerts:read", {
        summary: "Alerts, the latest first",
        query: model.AlertsQuery,
        response: model.AlertPage,
      }),
    )
    .get(
      "/api/v3/alerts/summary",
      async () => alertSummaryView(await verbs.alerts.summary()),
      guard("alerts:read", { summary: "Counts by severity and state", response: model.SummaryView }),
    )
    .get(
      "/api/v3/alerts/timeline",
      async ({ query: { since, ...page } }) => {
        const from = since === undefined ? undefined : Date.parse(since);
        const { items, nextCursor } = await verbs.alerts.timeline(page, from);
        return { items: items.map(transitionView), nextCursor };
      },
      guard("alerts:read", {
        summary: "What became of alerts, the latest first",
        query: model.TimelineQuery,
        response: model.TransitionPage,
      }),
    )
    .get(
      "/api/v3/alert-rules/standings",
      async () => ({ items: await listStandings(verbs), nextCursor: null }),
      guard("alerts:read", {
        summary: "How each rule stands: what it fired, and the series that it follows",
        response: model.StandingList,
      }),
    )
    .get(
      "/api/v3/alerts/:id/notices",
      ({ params: { id } }) => showNotices(verbs, id),
      guard("alerts:read", {
        summary: "Who was told of an alert, with what result, and who is still to be told",
        params: model.ById,
        response: model.NoticesView,
      }),
    )
    .get(
      "/api/v3/alerts/:id",
      ({ params: { id } }) => showAlert(verbs, id),
      guard("alerts:read", {
        summary: "One alert with its timeline",
        params: model.ById,
        response: model.AlertDetail,
      }),
    );

const lifeRoutes = (verbs: AlertVerbs) =>
  routes("alert-life")
    .post(
      "/api/v3/alerts/trigger",
      async ({ body, exchange, set }) => {
        const triggered = await trigger(verbs, body, exchange);
        if (triggered.isNew) set.status = CREATED;
        return triggered;
      },
      guard("alerts:write", {
        summary: "Raise an alert",
        body: model.TriggerBody,
        response: { 200: model.Triggered, [CREATED]: model.Triggered },
        tags: ["alerts"],
      }),
    )
    .put(
      "/api/v3/alerts/:id/acknowledgement",
      async ({ params: { id }, body: { note }, exchange }) =>
        alertView(await verbs.alerts.acknowledge(id, exchange, note)),
      guard("alerts:write", {
        summary: "Say that somebody looks after it",
        params: model.ById,
        body: model.NoteBody,
        response: model.AlertView,
        tags: ["alerts"],
      }),
    )
    .put(
      "/api/v3/alerts/:id/resolution",
      async ({ params: { id }, body: { note }, exchange }) =>
        alertView(await verbs.alerts.resolve(id, exchange, note)),
      guard("alerts:write", {
        summary: "Say that it is over",
        params: model.ById,
        body: model.NoteBody,
        response: model.AlertView,
        tags: ["alerts"],
      }),
    )
    .delete(
      "/api/v3/alerts/:id/acknowledgement",
      async ({ params: { id }, exchange }) => alertView(await verbs.alerts.reopen(id, exchange)),
      guard("alerts:write", {
        summary: "Take an acknowledgement back",
        params: model.ById,
        response: model.AlertView,
        tags: ["alerts"],
      }),
    )
    .delete(
      "/api/v3/alerts/:id/resolution",
      async ({ params: { id }, exchange }) => alertView(await verbs.alerts.reopen(id, exchange)),
      guard("alerts:write", {
        summary: "Take a resolution back: it fires again",
        params: model.ById,
        response: model.AlertView,
        tags: ["alerts"],
      }),
    )
    .put(
      "/api/v3/alerts/:id/mute",
      async ({ params: { id }, body: { seconds, note }, exchange }) =>
        alertView(await verbs.alerts.mute(id, seconds * MS_PER_SECOND, exchange, note)),
      guard("alerts:write", {
        summary: "Tell nobody of it for a while",
        params: model.ById,
        body: model.MuteBody,
        response: model.AlertView,
        tags: ["alerts"],
      }),
    )
    .delete(
      "/api/v3/alerts/:id/mute",
      async ({ params: { id }, exchange }) => alertView(await verbs.alerts.unmute(id, exchange)),
      guard("alerts:write", {
        summary: "End a mute before its time",
        params: model.ById,
        response: model.AlertView,
        tags: ["alerts"],
      }),
    );

const MS_PER_SECOND = 1_000;
