import { html } from "lit";
import type { Parts } from "../compose.ts";
import { AUDIT_FILTERS, type AuditFilter, readAuditFilter } from "../data/audit.ts";
import { navigationFor } from "./navigation.ts";
import type { Route } from "./router.ts";

/** Every page of the dashboard. A page gets the parts it needs and no others. */
export const ROUTES: readonly Route<Parts>[] = [
  {
    path: "/",
    title: "Overview",
    audience: "member",
    hasTime: true,
    load: () => import("../pages/overview/bn-overview-page.ts"),
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
    load: () => import("../pages/metrics/bn-metrics-page.ts"),
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
    load: () => import("../pages/logs/bn-logs-page.ts"),
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
    load: () => import("../pages/alerts/bn-alerts-page.ts"),
    render: ({ alerts, alertWatch, metrics, plugins, live, session, toasts, router }, { query }) =>
      html`<bn-alerts-page
        .alerts=${alerts}
        .watch=${alertWatch}
        .metrics=${metrics}
        .plugins=${plugins}
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
    load: () => import("../pages/alerts/bn-alert-page.ts"),
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
    path: "/plugins",
    title: "Plugins",
    audience: "member",
    load: () => import("../pages/plugins/bn-plugins-page.ts"),
    render: ({ plugins, pluginWatch, live, metrics, session, toasts, router }, { query }) =>
      html`<bn-plugins-page
        .plugins=${plugins}
        .watch=${pluginWatch}
        .live=${live}
        .metrics=${metrics}
        .session=${session}
        .toasts=${toasts}
        .query=${query}
        @filter=${(event: CustomEvent<Record<string, string>>) => router.setQuery(withoutEmpty({ ...event.detail }))}
      ></bn-plugins-page>`,
  },
  {
    path: "/plugins/:id",
    title: "Plugin",
    audience: "member",
    hasTime: true,
    load: () => import("../pages/plugins/bn-plugin-page.ts"),
    render: (
      { plugins, pluginWatch, pluginLog, live, metrics, time, session, toasts, router },
      { params, query },
    ) =>
      html`<bn-plugin-page
        .plugins=${plugins}
        .watch=${pluginWatch}
        .log=${pluginLog}
        .live=${live}
        .metrics=${metrics}
        .time=${time}
        .session=${session}
        .toasts=${toasts}
        .pluginId=${params.id ?? ""}
        tab=${query.get("tab") ?? "overview"}
        @removed=${() => router.navigate("/plugins")}
      ></bn-plugin-page>`,
  },
  {
    path: "/performance",
    title: "Performance",
    audience: "member",
    load: () => import("../pages/performance/bn-performance-page.ts"),
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
    load: () => import("../pages/performance/bn-operation-page.ts"),
    render: ({ operations }, { params, query }) =>
      html`<bn-operation-page
        .operations=${operations}
        .operationId=${params.id ?? ""}
        .query=${query}
      ></bn-operation-page>`,
  },
  {
    path: "/performance/traces/:traceId",
    title: "Trace",
    audience: "member",
    load: () => import("../pages/performance/bn-trace-page.ts"),
    render: ({ traces, router }, { params, query }) =>
      html`<bn-trace-page
        .traces=${traces}
        .traceId=${params.traceId ?? ""}
        .chosen=${query.get("span") ?? ""}
        @choose=${(event: CustomEvent<string>) => router.setQuery({ span: event.detail }, { replace: true })}
      ></bn-trace-page>`,
  },
  {
    path: "/configuration",
    title: "Configuration",
    audience: "member",
    load: () => import("../pages/configuration/bn-configuration-page.ts"),
    render: ({ settings, session, toasts, router }, { query }) =>
      html`<bn-configuration-page
        .settings=${settings}
        .session=${session}
        .toasts=${toasts}
        tab=${query.get("tab") ?? "settings"}
        search=${query.get("q") ?? ""}
        @search=${(event: CustomEvent<string>) => router.setQuery({ q: event.detail || undefined }, { replace: true })}
      ></bn-configuration-page>`,
  },
  {
    path: "/users",
    title: "Users and tokens",
    audience: "member",
    load: () => import("../pages/users/bn-users-page.ts"),
    render: ({ people, session, toasts }, { query }) =>
      html`<bn-users-page
        .people=${people}
        .session=${session}
        .toasts=${toasts}
        tab=${query.get("tab") ?? "users"}
      ></bn-users-page>`,
  },
  {
    path: "/events",
    title: "Events",
    audience: "member",
    load: () => import("../pages/events/bn-events-page.ts"),
    render: ({ events, eventTail, session, toasts, router }, { query }) =>
      html`<bn-events-page
        .events=${events}
        .tail=${eventTail}
        .session=${session}
        .toasts=${toasts}
        .query=${query}
        @filter=${(event: CustomEvent<Record<string, string>>) =>
          router.setQuery(withoutEmpty({ ...event.detail, event: "" }))}
      ></bn-events-page>`,
  },
  {
    path: "/errors",
    title: "Errors",
    audience: "member",
    load: () => import("../pages/errors/bn-errors-page.ts"),
    render: ({ incidents, session, toasts, router }, { query }) =>
      html`<bn-errors-page
        .incidents=${incidents}
        .session=${session}
        .toasts=${toasts}
        .query=${query}
        @search=${(event: CustomEvent<string>) => router.setQuery(withoutEmpty({ q: event.detail }))}
      ></bn-errors-page>`,
  },
  {
    path: "/secrets",
    title: "Secrets",
    audience: "member",
    load: () => import("../pages/secrets/bn-secrets-page.ts"),
    render: ({ vault, session, toasts }) =>
      html`<bn-secrets-page .vault=${vault} .session=${session} .toasts=${toasts}></bn-secrets-page>`,
  },
  {
    path: "/audit",
    title: "Audit",
    audience: "member",
    load: () => import("../pages/audit/bn-audit-page.ts"),
    render: ({ trail, session, toasts, router }, { query }) =>
      html`<bn-audit-page
        .trail=${trail}
        .session=${session}
        .toasts=${toasts}
        .filter=${readAuditFilter(query)}
        @filter=${(event: CustomEvent<AuditFilter>) =>
          router.setQuery(Object.fromEntries(AUDIT_FILTERS.map((name) => [name, event.detail[name]])))}
      ></bn-audit-page>`,
  },
  {
    path: "/account",
    title: "Account",
    audience: "member",
    load: () => import("../pages/account/bn-account-page.ts"),
    render: ({ people, session, toasts, preferences }, { query }) =>
      html`<bn-account-page
        refusal=${query.get("problem") ?? ""}
        .people=${people}
        .session=${session}
        .toasts=${toasts}
        .preferences=${preferences}
        .pages=${navigationFor(session, ({ isOutside }) => isOutside !== true).flatMap(({ items }) => items)}
      ></bn-account-page>`,
  },
  {
    path: "/sign-in",
    title: "Sign in",
    audience: "guest",
    load: () => import("../pages/sign-in/bn-sign-in-page.ts"),
    render: ({ session }, { query }) =>
      html`<bn-sign-in-page
        .session=${session}
        next=${query.get("next") ?? ""}
        refusal=${query.get("problem") ?? ""}
      ></bn-sign-in-page>`,
  },
  {
    path: "/reset-password",
    title: "Set a new password",
    audience: "anyone",
    load: () => import("../pages/sign-in/bn-reset-page.ts"),
    render: ({ session }, { hash }) =>
      html`<bn-reset-page
        .session=${session}
        .token=${new URLSearchParams(hash.slice(1)).get("token") ?? ""}
      ></bn-reset-page>`,
  },
  {
    path: "/setup",
    title: "Set up Binnacle",
    audience: "guest",
    load: () => import("../pages/sign-in/bn-setup-page.ts"),
    render: ({ session, vault }, { hash, query }) =>
      html`<bn-setup-page
        .session=${session}
        .vault=${vault}
        .token=${new URLSearchParams(hash.slice(1)).get("token") ?? query.get("token") ?? ""}
      ></bn-setup-page>`,
  },
];

/** An empty word leaves the address. */
const withoutEmpty = (words: Record<string, string>): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(words).map(([name, word]) => [name, word === "" ? undefined : word]));
