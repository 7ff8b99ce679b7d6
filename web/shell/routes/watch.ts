import { html } from "lit";
import type { Parts } from "../../compose.ts";
import type { Route } from "../router.ts";
import { withoutEmpty } from "./without-empty.ts";

/** Pages that show how the machine is. */
export const WATCH_ROUTES: readonly Route<Parts>[] = [
  {
    path: "/",
    title: "Overview",
    audience: "member",
    hasTime: true,
    load: () => import("../../pages/overview/bn-overview-page.ts"),
    render: ({
      live,
      time,
      metrics,
      attention,
      version,
      plugins,
      pluginWatch,
      session,
      alerts,
      alertWatch,
    }) =>
      html`<bn-overview-page
        .alerts=${alerts}
        .alertWatch=${alertWatch}
        .plugins=${plugins}
        .pluginWatch=${pluginWatch}
        .session=${session}
        .live=${live}
        .time=${time}
        .metrics=${metrics}
        .attention=${attention}
        .version=${version}
      ></bn-overview-page>`,
  },
  {
    path: "/metrics",
    title: "Metrics",
    audience: "member",
    hasTime: true,
    load: () => import("../../pages/metrics/bn-metrics-page.ts"),
    render: ({ live, time, metrics, router }, { query }) =>
      html`<bn-metrics-page
        .live=${live}
        .time=${time}
        .metrics=${metrics}
        .selected=${query.getAll("series")}
        @select=${(event: CustomEvent<string[]>) => router.setQuery({ series: event.detail })}
      ></bn-metrics-page>`,
  },
  {
    path: "/logs",
    title: "Logs",
    audience: "member",
    hasTime: true,
    load: () => import("../../pages/logs/bn-logs-page.ts"),
    render: ({ api, feeds, settings, session, time, toasts, router }, { query }) =>
      html`<bn-logs-page
        .api=${api}
        .feeds=${feeds}
        .settings=${settings}
        .session=${session}
        .time=${time}
        .toasts=${toasts}
        .query=${query}
        @address=${(event: CustomEvent<Parameters<typeof router.setQuery>[0]>) => router.setQuery(event.detail)}
      ></bn-logs-page>`,
  },
  {
    path: "/alerts",
    title: "Alerts",
    audience: "member",
    load: () => import("../../pages/alerts/bn-alerts-page.ts"),
    render: ({ alerts, alertWatch, metrics, plugins, live, session, toasts, router }, { query }) =>
      html`<bn-alerts-page
        .alerts=${alerts}
        .watch=${alertWatch}
        .metrics=${metrics}
        .plugins=${plugins}
        .live=${live}
        .session=${session}
        .toasts=${toasts}
        .query=${query}
        .now=${() => live.now()}
        @filter=${(event: CustomEvent<Record<string, string>>) => router.setQuery(withoutEmpty({ ...event.detail }))}
        @go=${(event: CustomEvent<string>) => router.navigate(event.detail)}
      ></bn-alerts-page>`,
  },
  {
    path: "/alerts/:id",
    title: "Alert",
    audience: "member",
    load: () => import("../../pages/alerts/bn-alert-page.ts"),
    render: ({ alerts, alertWatch, metrics, live, session, toasts }, { params }) =>
      html`<bn-alert-page
        .alerts=${alerts}
        .watch=${alertWatch}
        .metrics=${metrics}
        .session=${session}
        .toasts=${toasts}
        .now=${() => live.now()}
        .alertId=${params.id ?? ""}
      ></bn-alert-page>`,
  },
  {
    path: "/performance",
    title: "Performance",
    audience: "member",
    load: () => import("../../pages/performance/bn-performance-page.ts"),
    render: ({ operations, traces, live, router }, { query }) =>
      html`<bn-performance-page
        .operations=${operations}
        .traces=${traces}
        .live=${live}
        .query=${query}
        @filter=${(event: CustomEvent<string>) => router.navigate(event.detail)}
      ></bn-performance-page>`,
  },
  {
    path: "/performance/operations/:id",
    title: "Operation",
    audience: "member",
    hasTime: true,
    load: () => import("../../pages/performance/bn-operation-page.ts"),
    render: ({ operations, live, time }, { params }) =>
      html`<bn-operation-page
        .operations=${operations}
        .live=${live}
        .time=${time}
        .operationId=${params.id ?? ""}
      ></bn-operation-page>`,
  },
  {
    path: "/performance/traces/:traceId",
    title: "Trace",
    audience: "member",
    load: () => import("../../pages/performance/bn-trace-page.ts"),
    render: ({ traces, router }, { params, query }) =>
      html`<bn-trace-page
        .traces=${traces}
        .traceId=${params.traceId ?? ""}
        .chosen=${query.get("span") ?? ""}
        @choose=${(event: CustomEvent<string>) => router.setQuery({ span: event.detail }, { replace: true })}
      ></bn-trace-page>`,
  },
];
