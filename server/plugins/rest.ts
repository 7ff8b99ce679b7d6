import { guard, readBytes, routes } from "../http/guard.ts";
import { requireScope } from "../security/principal.ts";
import { MAX_ARCHIVE_BYTES } from "./discovery/source-tree.ts";
import type { PluginVerbs } from "./edge.ts";
import * as edge from "./edge.ts";
import * as model from "./model.ts";
import { logLineView } from "./views.ts";

const NO_PAGE = { nextCursor: null };
const CREATED = 201;
const ARCHIVE_TYPES = [
  "application/zip",
  "application/gzip",
  "application/x-gzip",
  "application/x-tar",
  "application/octet-stream",
];

/** Plugins: what there is, what they do, and what can be done with them. */
export const pluginRoutes = (verbs: PluginVerbs) =>
  routes("plugins")
    .use(lookRoutes(verbs))
    .use(verbRoutes(verbs))
    .use(fixedRoutes(verbs))
    .use(analyticsRoutes(verbs));

const lookRoutes = (verbs: PluginVerbs) =>
  routes("plugins")
    .get(
      "/api/v3/plugins/list",
      async () => ({ items: await edge.listAllPlugins(verbs), ...NO_PAGE }),
      guard("plugins:read", { summary: "All plugins, by id", response: model.PluginList }),
    )
    .get(
      "/api/v3/plugins/removed",
      async () => ({ items: await edge.listRemoved(verbs), ...NO_PAGE }),
      guard("plugins:read", {
        summary: "Plugins that were removed and can be brought back",
        response: model.RemovedList,
      }),
    )
    .get(
      "/api/v3/plugins/:id",
      ({ params, exchange }) => edge.showDetail(verbs, params.id, exchange),
      guard("plugins:read", {
        summary: "One plugin; configuration and last words for those who may change it",
        params: model.ById,
        response: model.PluginDetail,
      }),
    )
    .get(
      "/api/v3/plugins/:id/health",
      ({ params, query }) => edge.showHealth(verbs, params.id, query),
      guard("plugins:read", {
        summary: "What health checks found, the latest first",
        params: model.ById,
        query: model.HealthQuery,
        response: model.PluginHealthPage,
      }),
    )
    .get(
      "/api/v3/plugins/:id/logs",
      ({ params, query }) => {
        verbs.plugins.get(params.id);
        return { items: verbs.logs.recent(params.id, query.limit).map(logLineView), ...NO_PAGE };
      },
      guard("plugins:write", {
        summary: "What a plugin wrote lately, oldest first",
        params: model.ById,
        query: model.LogQuery,
        response: model.LogLines,
      }),
    )
    .get(
      "/api/v3/plugins/:id/approval",
      ({ params, exchange }) => edge.showApproval(verbs, params.id, exchange),
      guard("plugins:read", {
        summary: "What a plugin asks for, and what has changed since it was approved",
        params: model.ById,
        response: model.ApprovalView,
      }),
    );

const verbRoutes = (verbs: PluginVerbs) =>
  routes("plugins")
    .put(
      "/api/v3/plugins/:id/approval",
      async ({ params: { id }, body, exchange }) => {
        await verbs.approvals.approve(id, body.digest, body.permissions, exchange);
        return edge.showPlugin(verbs, id);
      },
      guard("plugins:admin", {
        summary: "Approve exactly the files that were looked at, with what they ask for",
        params: model.ById,
        body: model.ApprovalBody,
        response: model.Plugin,
      }),
    )
    .put(
      "/api/v3/plugins/:id/config",
      async ({ params: { id }, body, exchange }) => {
        await verbs.plugins.configure(id, body.values, exchange, body.expectedRevision);
        return edge.showDetail(verbs, id, exchange);
      },
      guard("plugins:write", {
        summary: "Set a plugin's configuration",
        params: model.ById,
        body: model.ConfigBody,
        response: model.PluginDetail,
      }),
    )
    .put(
      "/api/v3/plugins/:id/activation",
      ({ params: { id }, body: { state }, exchange }) => {
        requireScope(exchange.principal, edge.scopeOf(state));
        return edge.act(verbs, id, state, exchange);
      },
      guard("plugins:write", {
        summary: "Start, stop, pause, resume, reload or release a plugin",
        params: model.ById,
        body: model.ActivationBody,
        response: model.Plugin,
      }),
    )
    .put(
      "/api/v3/plugins/activation",
      async ({ body: { state }, exchange }) => {
        requireScope(exchange.principal, edge.scopeOf(state));
        return edge.bulkView(await verbs.plugins.actOnAll(state, exchange));
      },
      guard("plugins:write", {
        summary: "The same for every plugin whose state allows it",
        body: model.BulkActivationBody,
        response: model.BulkView,
      }),
    )
    .post(
      "/api/v3/plugins/enable",
      ({ body, exchange }) => edge.actOn(verbs, body, "enable", exchange),
      guard("plugins:write", {
        summary: "Wish that a plugin, or all of them, run",
        body: model.WhichBody,
        response: model.PluginOrBulk,
      }),
    )
    .post(
      "/api/v3/plugins/disable",
      ({ body, exchange }) => edge.actOn(verbs, body, "disable", exchange),
      guard("plugins:write", {
        summary: "Wish that a plugin, or all of them, do not run; calls under way finish",
        body: model.WhichBody,
        response: model.PluginOrBulk,
      }),
    )
    .post(
      "/api/v3/plugins/execute",
      ({ body, exchange }) => edge.execute(verbs, body, exchange, exchange.request.signal),
      guard("plugins:write", {
        summary: "Call a plugin by the verb of its type",
        body: model.ExecuteBody,
        response: model.ExecutionView,
      }),
    )
    .post(
      "/api/v3/plugins/install",
      async ({ exchange, set }) => {
        const read = () => readBytes(exchange, ARCHIVE_TYPES);
        const id = await verbs.installations.install(read, exchange);
        set.status = CREATED;
        return edge.showPlugin(verbs, id);
      },
      guard("plugins:admin", {
        summary: "Install a plugin: the body is a .zip, .tar or .tar.gz archive of at most 24 MiB",
        bodyLimitBytes: MAX_ARCHIVE_BYTES,
        response: { 201: model.Plugin },
      }),
    )
    .post(
      "/api/v3/plugins/:id/copies",
      async ({ params, body, exchange, set }) => {
        const id = await verbs.installations.copy(params.id, body, exchange);
        set.status = CREATED;
        return edge.showPlugin(verbs, id);
      },
      guard("plugins:admin", {
        summary: "Install a copy of a plugin under another id, to be configured and approved by itself",
        params: model.ById,
        body: model.CopyBody,
        response: { 201: model.Plugin },
      }),
    )
    .delete(
      "/api/v3/plugins/:id",
      ({ params, exchange }) => verbs.installations.remove(params.id, exchange),
      guard("plugins:admin", {
        summary: "Remove a plugin; it can be brought back for 30 days",
        params: model.ById,
      }),
    )
    .put(
      "/api/v3/plugins/:id/restoration",
      async ({ params: { id }, exchange }) => {
        await verbs.installations.restore(id, exchange);
        return edge.showPlugin(verbs, id);
      },
      guard("plugins:admin", {
        summary: "Bring a removed plugin back",
        params: model.ById,
        response: model.Plugin,
      }),
    );

/** The short paths. */
const fixedRoutes = (verbs: PluginVerbs) => {
  const app = routes("plugins")
    .get(
      "/api/plugins",
      async () => ({ items: await edge.listAllPlugins(verbs), ...NO_PAGE }),
      guard("plugins:read", { summary: "All plugins, by id", response: model.PluginList }),
    )
    .get(
      "/api/plugins/summary",
      () => edge.summarise(verbs),
      guard("plugins:read", { summary: "All plugins in figures", response: model.SummaryView }),
    );
  for (const verb of ["start", "stop", "pause", "resume"] as const) {
    app.post(
      `/api/plugins/:name/${verb}`,
      ({ params, exchange }) => edge.act(verbs, params.name, verb, exchange),
      guard("plugins:write", {
        summary: `${verb.charAt(0).toUpperCase()}${verb.slice(1)} a plugin`,
        params: model.ByName,
        response: model.Plugin,
      }),
    );
  }
  return app;
};

const analyticsRoutes = (verbs: PluginVerbs) =>
  routes("plugins")
    .get(
      "/api/analytics/v1/plugins",
      async () => ({ items: await edge.listAllPlugins(verbs), ...NO_PAGE }),
      guard("plugins:read", { summary: "All plugins, by id", response: model.PluginList }),
    )
    .get(
      "/api/analytics/v1/plugins/:id",
      ({ params }) => edge.showPlugin(verbs, params.id),
      guard("plugins:read", { summary: "One plugin", params: model.ById, response: model.Plugin }),
    )
    .get(
      "/api/analytics/v1/plugins/:id/health",
      ({ params }) => edge.showAnalyticsHealth(verbs, params.id),
      guard("plugins:read", {
        summary: "Health of a plugin and of what it depends on",
        params: model.ById,
        response: model.AnalyticsHealth,
      }),
    )
    .post(
      "/api/analytics/v1/plugins/:id/reload",
      ({ params, exchange }) => edge.act(verbs, params.id, "reload", exchange),
      guard("plugins:admin", {
        summary: "Exchange a plugin's process without dropping a call",
        params: model.ById,
        response: model.Plugin,
      }),
    )
    .put(
      "/api/analytics/v1/plugins/:id/enable",
      ({ params, exchange }) => edge.act(verbs, params.id, "enable", exchange),
      guard("plugins:write", {
        summary: "Wish that a plugin runs",
        params: model.ById,
        response: model.Plugin,
      }),
    )
    .put(
      "/api/analytics/v1/plugins/:id/disable",
      ({ params, exchange }) => edge.act(verbs, params.id, "disable", exchange),
      guard("plugins:write", {
        summary: "Wish that a plugin does not run; calls under way finish",
        params: model.ById,
        response: model.Plugin,
      }),
    )
    .delete(
      "/api/analytics/v1/plugins/:id",
      ({ params, exchange }) => verbs.installations.remove(params.id, exchange),
      guard("plugins:admin", {
        summary: "Remove a plugin; it can be brought back for 30 days",
        params: model.ById,
      }),
    );
