import { PLUGIN_HEALTHS, PLUGIN_STATES, PLUGIN_STATUSES, PLUGIN_TYPES } from "../../schema/rules/plugins.ts";
import type { Event } from "../events/event.ts";
import { parsePatterns } from "../events/pattern.ts";
import { type GraphBuilder, type GraphFeature, pageOf } from "../http/graphql-types.ts";
import { filtered } from "../lib/filtered.ts";
import { acceptedInput } from "../security/accepted-input.ts";
import type { PluginVerbs } from "./edge.ts";
import * as edge from "./edge.ts";
import { followLog } from "./log-following.ts";
import * as model from "./model.ts";
import type { LifeVerb } from "./service.ts";
import { logLineView } from "./views.ts";

type PluginTypes = ReturnType<typeof pluginTypes>;
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

/** What happened to a plugin. */
interface PluginChange {
  id: string;
  event: string;
  plugin: model.Plugin | undefined;
}

function addQueries(builder: GraphBuilder, types: PluginTypes, verbs: PluginVerbs): void {
  builder.queryFields((t) => ({
    plugins: t.field({
      type: [types.plugin],
      access: "plugins:read",
      description: "All plugins, by id",
      resolve: () => edge.listPlugins(verbs),
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
      resolve: (_root, args) => edge.showApproval(verbs, acceptedInput(model.ById, args).id),
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
      args: { id: t.arg.string({ required: true }), values: t.arg({ type: "JSON", required: true }) },
      resolve: async (_root, { id, values }, context) => {
        await verbs.plugins.configure(id, acceptedInput(model.ConfigBody, { values }).values, context);
        return edge.showPlugin(verbs, id);
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

function pluginTypes(builder: GraphBuilder, verbs: PluginVerbs) {
  const detail = detailType(builder);
  const plugin = pluginType(builder, detail, verbs);
  const change = builder.objectRef<PluginChange>("PluginChange").implement({
    description: "Something happened to a plugin",
    fields: (t) => ({
      id: t.exposeString("id"),
      event: t.exposeString("event", { description: "Type of the event" }),
      plugin: t.field({
        type: plugin,
        nullable: true,
        description: "As it is now; null when it is gone",
        resolve: (one) => one.plugin ?? null,
      }),
    }),
  });
  return { plugin, change, ...resultTypes(builder) };
}

function pluginType(builder: GraphBuilder, detail: ReturnType<typeof detailType>, verbs: PluginVerbs) {
  const types = partTypes(builder);
  const moment = { type: "DateTime", nullable: true } as const;
  return builder.objectRef<model.Plugin>("Plugin").implement({
    description: "A plugin",
    fields: (t) => ({
      id: t.exposeString("id"),
      name: t.exposeString("name"),
      version: t.exposeString("version"),
      type: t.expose("type", { type: types.type }),
      description: t.exposeString("description"),
      author: t.exposeString("author"),
      origin: t.exposeString("origin"),
      state: t.expose("state", { type: types.state, description: "How far it has come" }),
      status: t.expose("status", { type: types.status, description: "What its process does" }),
      enabled: t.exposeBoolean("enabled"),
      health: t.expose("health", { type: types.health }),
      block: t.field({ type: types.block, nullable: true, resolve: (one) => one.block }),
      quarantine: t.field({ type: types.quarantine, nullable: true, resolve: (one) => one.quarantine }),
      level: t.exposeString("level", { nullable: true, description: "How strongly the kernel holds it" }),
      pid: t.exposeInt("pid", { nullable: true }),
      startedAt: t.expose("startedAt", moment),
      uptimeSeconds: t.exposeFloat("uptimeSeconds"),
      calls: t.expose("calls", { type: "Long" }),
      errors: t.expose("errors", { type: "Long" }),
      errorRate: t.exposeFloat("errorRate"),
      lastError: t.field({ type: types.failure, nullable: true, resolve: (one) => one.lastError }),
      cpuPercent: t.exposeFloat("cpuPercent", { nullable: true }),
      memoryBytes: t.expose("memoryBytes", { type: "Long", nullable: true }),
      callsUnderWay: t.exposeInt("callsUnderWay"),
      permissions: t.field({ type: [types.permission], resolve: (one) => one.permissions }),
      needsApproval: t.exposeBoolean("needsApproval"),
      capabilities: t.exposeStringList("capabilities"),
      hooks: t.field({ type: [types.hook], resolve: (one) => one.hooks }),
      panels: t.field({ type: [types.panel], resolve: (one) => one.panels }),
      dependencies: t.field({ type: [types.dependency], resolve: (one) => one.dependencies }),
      registeredBy: t.exposeString("registeredBy"),
      registeredAt: t.expose("registeredAt", { type: "DateTime" }),
      changedBy: t.exposeString("changedBy"),
      changedAt: t.expose("changedAt", { type: "DateTime" }),
      verbs: t.exposeStringList("verbs", { description: "What can be done with it now" }),
      detail: t.field({
        type: detail,
        description: "What its page shows beside it",
        resolve: ({ id }, _args, context) => edge.showDetail(verbs, id, context),
      }),
    }),
  });
}

function partTypes(builder: GraphBuilder) {
  return {
    permission: builder.objectRef<model.PermissionView>("PluginPermission").implement({
      fields: (t) => ({
        kind: t.exposeString("kind"),
        text: t.exposeString("text"),
        why: t.exposeString("why"),
        granted: t.exposeBoolean("granted"),
      }),
    }),
    panel: builder.objectRef<model.PanelView>("PluginPanel").implement({
      fields: (t) => ({
        id: t.exposeString("id"),
        title: t.exposeString("title"),
        kind: t.exposeString("kind"),
        series: t.exposeStringList("series"),
        input: t.expose("input", { type: "JSON", nullable: true }),
        columns: t.expose("columns", { type: "JSON" }),
        schema: t.expose("schema", { type: "JSON", nullable: true }),
        place: t.exposeString("place"),
      }),
    }),
    hook: builder.objectRef<model.Plugin["hooks"][number]>("PluginHook").implement({
      fields: (t) => ({
        event: t.exposeString("event"),
        priority: t.exposeInt("priority"),
        granted: t.exposeBoolean("granted"),
      }),
    }),
    dependency: builder.objectRef<model.Plugin["dependencies"][number]>("PluginDependency").implement({
      fields: (t) => ({
        id: t.exposeString("id"),
        range: t.exposeString("range"),
        satisfied: t.exposeBoolean("satisfied"),
      }),
    }),
    block: builder.objectRef<NonNullable<model.Plugin["block"]>>("PluginBlock").implement({
      description: "Why a plugin, or its newest build, does not run although it is wished to",
      fields: (t) => ({ code: t.exposeString("code"), message: t.exposeString("message") }),
    }),
    quarantine: builder.objectRef<NonNullable<model.Plugin["quarantine"]>>("PluginQuarantine").implement({
      fields: (t) => ({ reason: t.exposeString("reason"), at: t.expose("at", { type: "DateTime" }) }),
    }),
    failure: builder.objectRef<NonNullable<model.Plugin["lastError"]>>("PluginFailure").implement({
      fields: (t) => ({
        code: t.exposeString("code"),
        message: t.exposeString("message"),
        at: t.expose("at", { type: "DateTime" }),
        correlationId: t.exposeString("correlationId"),
      }),
    }),
    type: builder.enumType("PluginType", { values: PLUGIN_TYPES }),
    state: builder.enumType("PluginState", { values: PLUGIN_STATES }),
    status: builder.enumType("PluginStatus", { values: PLUGIN_STATUSES }),
    health: builder.enumType("PluginHealthStatus", { values: PLUGIN_HEALTHS }),
  };
}

function detailType(builder: GraphBuilder) {
  const limits = builder.objectRef<model.PluginDetail["limits"]>("PluginLimits").implement({
    fields: (t) => ({
      timeoutMs: t.exposeInt("timeoutMs"),
      memoryBytes: t.expose("memoryBytes", { type: "Long" }),
      concurrency: t.exposeInt("concurrency"),
      outputBytes: t.expose("outputBytes", { type: "Long" }),
    }),
  });
  const file = builder.objectRef<model.PluginDetail["files"][number]>("PluginFile").implement({
    fields: (t) => ({
      path: t.exposeString("path"),
      sha256: t.exposeString("sha256"),
      sizeBytes: t.expose("sizeBytes", { type: "Long" }),
    }),
  });
  const decision = builder.objectRef<model.PluginDetail["decisions"][number]>("PluginDecisions").implement({
    description: "How often its broker granted and refused requests of a kind",
    fields: (t) => ({
      kind: t.exposeString("kind"),
      allowed: t.expose("allowed", { type: "Long" }),
      denied: t.expose("denied", { type: "Long" }),
    }),
  });
  const config = builder.objectRef<model.ConfigView>("PluginConfig").implement({
    fields: (t) => ({
      schema: t.expose("schema", { type: "JSON", nullable: true }),
      values: t.expose("values", { type: "JSON", description: "In force, without secrets" }),
      secrets: t.expose("secrets", { type: "JSON", description: "Write-only fields: path, isSet" }),
      locked: t.expose("locked", { type: "JSON", description: "Held by the server's configuration" }),
    }),
  });
  return builder.objectRef<model.PluginDetail>("PluginDetail").implement({
    description: "What a plugin's page shows beside the plugin itself",
    fields: (t) => ({
      license: t.exposeString("license"),
      homepage: t.exposeString("homepage"),
      contractFormat: t.exposeString("contractFormat"),
      activation: t.exposeString("activation"),
      config: t.field({
        type: config,
        nullable: true,
        description: "Null for those who may not change it",
        resolve: (one) => one.config,
      }),
      limits: t.field({ type: limits, resolve: (one) => one.limits }),
      digest: t.exposeString("digest"),
      signedBy: t.exposeString("signedBy", { nullable: true }),
      files: t.field({ type: [file], resolve: (one) => one.files }),
      stderrTail: t.exposeStringList("stderrTail"),
      decisions: t.field({ type: [decision], resolve: (one) => one.decisions }),
    }),
  });
}

function resultTypes(builder: GraphBuilder) {
  const healthRecord = builder.objectRef<model.HealthRecordView>("PluginHealthRecord").implement({
    fields: (t) => ({
      at: t.expose("at", { type: "DateTime" }),
      status: t.exposeString("status"),
      responseMs: t.exposeFloat("responseMs", { nullable: true }),
      message: t.exposeString("message"),
      dependencies: t.expose("dependencies", { type: "JSON", description: "name, status, responseMs" }),
    }),
  });
  return {
    healthPage: pageOf(builder, "PluginHealth", healthRecord),
    line: builder.objectRef<model.LogLineView>("PluginLogLine").implement({
      fields: (t) => ({
        seq: t.expose("seq", { type: "Long" }),
        at: t.expose("at", { type: "DateTime" }),
        level: t.exposeString("level"),
        source: t.exposeString("source", { description: "plugin, stderr or server" }),
        message: t.exposeString("message"),
        fields: t.expose("fields", { type: "JSON" }),
      }),
    }),
    summary: builder.objectRef<model.SummaryView>("PluginSummary").implement({
      fields: (t) => ({
        total: t.exposeInt("total"),
        enabled: t.exposeInt("enabled"),
        states: t.expose("states", { type: "JSON" }),
        healths: t.expose("healths", { type: "JSON" }),
        needsApproval: t.exposeInt("needsApproval"),
        blocked: t.exposeInt("blocked"),
        quarantined: t.exposeInt("quarantined"),
        calls: t.expose("calls", { type: "Long" }),
        errors: t.expose("errors", { type: "Long" }),
        memoryBytes: t.expose("memoryBytes", { type: "Long" }),
        cpuPercent: t.exposeFloat("cpuPercent"),
        sandbox: t.expose("sandbox", { type: "JSON", description: "level, isRequired, message" }),
      }),
    }),
    approval: builder.objectRef<model.ApprovalView>("PluginApproval").implement({
      description: "What a plugin asks for, and what has changed since it was approved",
      fields: (t) => ({
        id: t.exposeString("id"),
        version: t.exposeString("version"),
        digest: t.exposeString("digest"),
        isNeeded: t.exposeBoolean("isNeeded"),
        permissions: t.expose("permissions", { type: "JSON", description: "kind, text, why, change" }),
        files: t.expose("files", { type: "JSON", description: "path, sha256, sizeBytes, change" }),
        signedBy: t.exposeString("signedBy", { nullable: true }),
        approved: t.expose("approved", {
          type: "JSON",
          nullable: true,
          description: "version, digest, by, at of what is approved now",
        }),
      }),
    }),
    execution: builder.objectRef<model.ExecutionView>("PluginExecution").implement({
      fields: (t) => ({
        name: t.exposeString("name"),
        result: t.expose("result", { type: "JSON", nullable: true }),
        durationMs: t.exposeFloat("durationMs"),
      }),
    }),
    outcome: builder.objectRef<model.BulkView["items"][number]>("PluginOutcome").implement({
      description: "What became of a verb on one of all plugins",
      fields: (t) => ({
        id: t.exposeString("id"),
        outcome: t.exposeString("outcome", { description: "done, skipped or failed" }),
        error: t.expose("error", { type: "JSON", nullable: true, description: "code, message" }),
      }),
    }),
    removed: builder.objectRef<model.RemovedView>("RemovedPlugin").implement({
      fields: (t) => ({
        id: t.exposeString("id"),
        version: t.exposeString("version"),
        removedAt: t.expose("removedAt", { type: "DateTime" }),
        removedBy: t.exposeString("removedBy"),
      }),
    }),
  };
}
