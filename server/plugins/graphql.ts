import type { Event } from "../events/event.ts";
import { parsePatterns } from "../events/pattern.ts";
import type { GraphBuilder, GraphFeature } from "../http/graphql-types.ts";
import { filtered } from "../lib/filtered.ts";
import { acceptedInput } from "../security/accepted-input.ts";
import type { PluginVerbs } from "./edge.ts";
import * as edge from "./edge.ts";
import type { LifeVerb } from "./life-verbs.ts";
import { followLog } from "./log-following.ts";
import * as model from "./model.ts";
import { type PluginChange, type PluginTypes, pluginTypes } from "./types/graphql.ts";
import { logLineView } from "./views.ts";

const CHANGES = parsePatterns(["plugin.*"]);
/** These say how often something happened, not that the plugin looks different. */
const NO_CHANGE: ReadonlySet<string> = new Set(["plugin.call_failed", "plugin.permission_denied"]);

/** Plugins as a graph: the verbs and limits of the REST routes, and what changes as subscriptions. */
export const pluginGraph =
  (verbs: PluginVerbs): GraphFeature =>
  (builder) => {
    const types = pluginTypes(builder, verbs);
    addQueries(builder, types, verbs);
    addLife(builder, types, verbs);
    addMutations(builder, types, verbs);
    addSubscriptions(builder, types, verbs);
  };

function addQueries(builder: GraphBuilder, types: PluginTypes, verbs: PluginVerbs): void {
  builder.queryFields((t) => ({
    plugins: t.field({
      type: [types.plugin],
      access: "plugins:read",
      description: "All plugins, by id",
      resolve: () => edge.listAllPlugins(verbs),
    }),
    plugin: t.field({
      type: types.plugin,
      access: "plugins:read",
      args: { id: t.arg.string({ required: true }) },
      resolve: (_root, args) => edge.showPlugin(verbs, acceptedInput(model.ById, args).id),
    }),
    pluginHealth: t.field({
      type: types.healthPage,
      access: "plugins:read",
      description: "What health checks found, the latest first",
      args: {
        id: t.arg.string({ required: true }),
        limit: t.arg.int({ required: false }),
        cursor: t.arg.string({ required: false }),
      },
      resolve: (_root, { id, ...query }) =>
        edge.showHealth(verbs, acceptedInput(model.ById, { id }).id, acceptedInput(model.HealthQuery, query)),
    }),
    pluginSummary: t.field({
      type: types.summary,
      access: "plugins:read",
      description: "All plugins in figures",
      resolve: () => edge.summarise(verbs),
    }),
    pluginApproval: t.field({
      type: types.approval,
      access: "plugins:read",
      description: "What a plugin asks for, and what has changed since it was approved",
      args: { id: t.arg.string({ required: true }) },
      resolve: (_root, args, context) =>
        edge.showApproval(verbs, acceptedInput(model.ById, args).id, context),
    }),
    pluginLogs: t.field({
      type: [types.line],
      access: "plugins:write",
      description: "What a plugin wrote lately, oldest first",
      args: { id: t.arg.string({ required: true }), limit: t.arg.int({ required: false }) },
      resolve: (_root, { id, ...query }) => {
        verbs.plugins.get(id);
        return verbs.logs.recent(id, acceptedInput(model.LogQuery, query).limit).map(logLineView);
      },
    }),
    removedPlugins: t.field({
      type: [types.removed],
      access: "plugins:read",
      description: "Plugins that can be brought back",
      resolve: () => edge.listRemoved(verbs),
    }),
  }));
}

/** `startPlugin(id)` and its likes. */
function addLife(builder: GraphBuilder, types: PluginTypes, verbs: PluginVerbs): void {
  const fields: Record<LifeVerb, string> = {
    enable: "Wishes that a plugin runs",
    disable: "Wishes that a plugin does not run; calls under way finish",
    start: "Starts its process",
    stop: "Ends its process once its calls are done",
    pause: "Lets no calls in until it is resumed",
    resume: "Lets calls in again",
    reload: "Exchanges its process without dropping a call",
    release: "Ends its quarantine",
  };
  for (const [verb, description] of Object.entries(fields) as [LifeVerb, string][]) {
    builder.mutationField(`${verb}Plugin`, (t) =>
      t.field({
        type: types.plugin,
        access: edge.scopeOf(verb),
        description,
        args: { id: t.arg.string({ required: true }) },
        resolve: (_root, args, context) => edge.act(verbs, acceptedInput(model.ById, args).id, verb, context),
      }),
    );
    builder.mutationField(`${verb}AllPlugins`, (t) =>
      t.field({
        type: [types.outcome],
        access: edge.scopeOf(verb),
        description: `${description}: every plugin whose state allows it`,
        resolve: async (_root, _args, context) =>
          edge.bulkView(await verbs.plugins.actOnAll(verb, context)).items,
      }),
    );
  }
}

function addMutations(builder: GraphBuilder, types: PluginTypes, verbs: PluginVerbs): void {
  builder.mutationFields((t) => ({
    executePlugin: t.field({
      type: types.execution,
      access: "plugins:write",
      description: "Calls a plugin by the verb of its type",
      args: {
        id: t.arg.string({ required: true }),
        input: t.arg({ type: "JSON", required: false }),
        timeoutMs: t.arg.int({ required: false }),
      },
      resolve: (_root, { id, input, ...options }, context) => {
        const body = acceptedInput(model.ExecuteBody, { name: id, ...options });
        return edge.execute(verbs, { ...body, input }, context, context.request.signal);
      },
    }),
    approvePlugin: t.field({
      type: types.plugin,
      access: "plugins:admin",
      description: "Approves exactly the files that were looked at, with what they ask for",
      args: {
        id: t.arg.string({ required: true }),
        digest: t.arg.string({ required: true }),
        permissions: t.arg.stringList({
          required: true,
          description: "Every kind that it asks for: seen, and agreed to",
        }),
      },
      resolve: async (_root, { id, ...body }, context) => {
        const { digest, permissions } = acceptedInput(model.ApprovalBody, body);
        await verbs.approvals.approve(id, digest, permissions, context);
        return edge.showPlugin(verbs, id);
      },
    }),
    configurePlugin: t.field({
      type: types.plugin,
      access: "plugins:write",
      description: "Sets a plugin's configuration; a secret that is left out stays, null removes it",
      args: {
        id: t.arg.string({ required: true }),
        values: t.arg({ type: "JSON", required: true }),
        expectedRevision: t.arg.string({ required: false }),
      },
      resolve: async (_root, { id, ...body }, context) => {
        const { values, expectedRevision } = acceptedInput(model.ConfigBody, body);
        await verbs.plugins.configure(id, values, context, expectedRevision);
        return edge.showPlugin(verbs, id);
      },
    }),
    copyPlugin: t.field({
      type: types.plugin,
      access: "plugins:admin",
      description: "Installs a copy of a plugin under another id, to be configured and approved by itself",
      args: {
        from: t.arg.string({ required: true }),
        id: t.arg.string({ required: true }),
        name: t.arg.string({ required: false }),
      },
      resolve: async (_root, { from, ...body }, context) => {
        const { id } = acceptedInput(model.ById, { id: from });
        const copy = acceptedInput(model.CopyBody, body);
        return edge.showPlugin(verbs, await verbs.installations.copy(id, copy, context));
      },
    }),
    removePlugin: t.boolean({
      access: "plugins:admin",
      description: "Removes a plugin; it can be brought back for 30 days",
      args: { id: t.arg.string({ required: true }) },
      resolve: async (_root, args, context) => {
        await verbs.installations.remove(acceptedInput(model.ById, args).id, context);
        return true;
      },
    }),
    restorePlugin: t.field({
      type: types.plugin,
      access: "plugins:admin",
      description: "Brings a removed plugin back",
      args: { id: t.arg.string({ required: true }) },
      resolve: async (_root, args, context) => {
        const { id } = acceptedInput(model.ById, args);
        await verbs.installations.restore(id, context);
        return edge.showPlugin(verbs, id);
      },
    }),
  }));
}

function addSubscriptions(builder: GraphBuilder, types: PluginTypes, verbs: PluginVerbs): void {
  builder.subscriptionFields((t) => ({
    pluginChanged: t.field({
      type: types.change,
      access: "plugins:read",
      description: "What happens to plugins, or to one of them",
      args: { id: t.arg.string({ required: false }) },
      subscribe: (_root, { id }) =>
        filtered(
          verbs.follow({ patterns: CHANGES }),
          (event) => !NO_CHANGE.has(event.type) && (!id || pluginIdOf(event) === id),
        ),
      resolve: (event: Event): PluginChange => {
        const changed = pluginIdOf(event);
        return { id: changed, event: event.type, plugin: edge.findPlugin(verbs, changed) };
      },
    }),
    pluginLogLines: t.field({
      type: types.line,
      access: "plugins:write",
      description: "What a plugin writes, as it is written",
      args: { id: t.arg.string({ required: true }) },
      subscribe: (_root, { id }) => {
        verbs.plugins.get(id);
        return followLog(verbs.logs, id);
      },
      resolve: logLineView,
    }),
  }));
}

function pluginIdOf({ payload }: Event): string {
  if (typeof payload !== "object" || payload === null || !("pluginId" in payload)) return "";
  return String(payload.pluginId);
}
