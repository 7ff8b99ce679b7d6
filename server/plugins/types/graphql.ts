import {
  PLUGIN_HEALTHS,
  PLUGIN_STATES,
  PLUGIN_STATUSES,
  PLUGIN_TYPES,
} from "../../../schema/rules/plugins.ts";
import { type GraphBuilder, pageOf } from "../../http/graphql-types.ts";
import type { PluginVerbs } from "../edge.ts";
import * as edge from "../edge.ts";
import type * as model from "../model.ts";

/** What happened to a plugin. */
export interface PluginChange {
  id: string;
  event: string;
  plugin: model.Plugin | undefined;
}

export type PluginTypes = ReturnType<typeof pluginTypes>;

/** The types of the graph that speak of plugins: the shapes of the REST answers. */
export function pluginTypes(builder: GraphBuilder, verbs: PluginVerbs) {
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
      healthCheckedAt: t.expose("healthCheckedAt", { type: "DateTime", nullable: true }),
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
      collection: t.field({ type: types.collection, nullable: true, resolve: (one) => one.collection }),
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
    collection: builder.objectRef<NonNullable<model.Plugin["collection"]>>("PluginCollection").implement({
      description: "When a monitor is asked to collect, and what the last time came to",
      fields: (t) => ({
        intervalSeconds: t.exposeInt("intervalSeconds"),
        lastAt: t.expose("lastAt", { type: "DateTime", nullable: true }),
        values: t.exposeInt("values", { description: "That the last collection brought" }),
        error: t.exposeString("error", { nullable: true, description: "Why the last one failed" }),
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
      revision: t.exposeString("revision", { description: "Send it back as expectedRevision" }),
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
        correlationId: t.exposeString("correlationId", {
          nullable: true,
          description: "Of the call that it was written in",
        }),
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
        permissions: t.expose("permissions", { type: "JSON", description: "kind, text, why, now, change" }),
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
