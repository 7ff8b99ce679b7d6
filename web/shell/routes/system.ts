import { html } from "lit";
import type { Parts } from "../../compose.ts";
import { AUDIT_FILTERS, type AuditFilter, readAuditFilter } from "../../data/audit.ts";
import type { Route } from "../router.ts";
import { withoutEmpty } from "./without-empty.ts";

/** Pages of Binnacle itself: what happened, and how it is set. */
export const SYSTEM_ROUTES: readonly Route<Parts>[] = [
  {
    path: "/configuration",
    title: "Configuration",
    audience: "member",
    load: () => import("../../pages/configuration/bn-configuration-page.ts"),
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
    load: () => import("../../pages/users/bn-users-page.ts"),
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
    load: () => import("../../pages/events/bn-events-page.ts"),
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
    load: () => import("../../pages/errors/bn-errors-page.ts"),
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
    load: () => import("../../pages/secrets/bn-secrets-page.ts"),
    render: ({ vault, session, toasts }) =>
      html`<bn-secrets-page .vault=${vault} .session=${session} .toasts=${toasts}></bn-secrets-page>`,
  },
  {
    path: "/audit",
    title: "Audit",
    audience: "member",
    load: () => import("../../pages/audit/bn-audit-page.ts"),
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
];
