import type { CalledVerb } from "../../schema/plugin/author.ts";
import { covers } from "../../schema/rules/scopes.ts";
import { AppError } from "../errors/app-error.ts";
import type { Events } from "../events/events.ts";
import type { Clock } from "../lib/clock.ts";
import type { Caller } from "../security/caller.ts";
import type { Approvals } from "./approvals.ts";
import type { PluginLogs } from "./broker/log-lines.ts";
import type { HealthChecks } from "./health/health-checks.ts";
import type { Installations } from "./installations.ts";
import type { BulkOutcome, LifeVerb } from "./life-verbs.ts";
import type {
  AnalyticsHealth,
  ApprovalView,
  BulkView,
  ExecutionView,
  Plugin,
  PluginDetail,
  PluginHealthPage,
  RemovedView,
  SummaryView,
} from "./model.ts";
import { givenNow, permissionTexts } from "./permissions.ts";
import type { Plugins } from "./service.ts";
import {
  analyticsHealth,
  healthRecordView,
  pluginDetail,
  pluginView,
  summaryView,
  type ViewSources,
} from "./views.ts";

/** What the edges of the plugins call: the verbs, and their answers as everybody sees them. */
export interface PluginVerbs {
  plugins: Plugins;
  approvals: Approvals;
  logs: PluginLogs;
  checks: HealthChecks;
  views: ViewSources;
  clock: Clock;
  installations: Installations;
  sandbox: () => SummaryView["sandbox"];
  /** Reads events as they come. */
  follow: Events["follow"];
}

/** One plugin, or all of them. */
export interface Which {
  name?: string | undefined;
  all?: true | undefined;
}

const listPlugins = ({ plugins, views }: PluginVerbs): Plugin[] =>
  plugins.list().map((one) => pluginView(one, views));

/** With those that were put into the folder a moment ago. */
export async function listAllPlugins(verbs: PluginVerbs): Promise<Plugin[]> {
  await verbs.plugins.lookedAround();
  return listPlugins(verbs);
}

/** @throws AppError `plugin_not_found` */
export const showPlugin = ({ plugins, views }: PluginVerbs, id: string): Plugin =>
  pluginView(plugins.get(id), views);

/** Undefined when there is none. */
export function findPlugin({ plugins, views }: PluginVerbs, id: string): Plugin | undefined {
  const found = plugins.find(id);
  return found && pluginView(found, views);
}

/** With configuration and last words for those who may change it. @throws AppError `plugin_not_found` */
export async function showDetail(
  { plugins, views }: PluginVerbs,
  id: string,
  caller: Caller,
): Promise<PluginDetail> {
  return pluginDetail(await plugins.seek(id), views, covers(caller.principal.scopes, "plugins:write"));
}

export const summarise = (verbs: PluginVerbs): SummaryView =>
  summaryView(listPlugins(verbs), verbs.sandbox());

/** Does a verb and shows the plugin afterwards. @throws AppError as {@link Plugins.act} */
export async function act(verbs: PluginVerbs, id: string, verb: LifeVerb, caller: Caller): Promise<Plugin> {
  return pluginView(await verbs.plugins.act(id, verb, caller), verbs.views);
}

/** A verb on one plugin or on all of them. @throws AppError `validation_failed` unless exactly one is named */
export async function actOn(
  verbs: PluginVerbs,
  { name, all }: Which,
  verb: LifeVerb,
  caller: Caller,
): Promise<Plugin | BulkView> {
  if ((name === undefined) === (all === undefined)) {
    const message = "Name one plugin, or say all: true.";
    throw new AppError("validation_failed", message, { issues: [{ path: "name", message }] });
  }
  if (name !== undefined) return act(verbs, name, verb, caller);
  return bulkView(await verbs.plugins.actOnAll(verb, caller));
}

export const bulkView = (outcomes: readonly BulkOutcome[]): BulkView => ({
  items: outcomes.map(({ error, ...outcome }) => ({ ...outcome, error: error ?? null })),
});

/** What can be brought back. */
export async function listRemoved({ installations }: PluginVerbs): Promise<RemovedView[]> {
  return (await installations.listRemoved()).map(({ id, version, removedAt, changedBy }) => ({
    id,
    version,
    removedAt: new Date(removedAt ?? 0).toISOString(),
    removedBy: changedBy,
  }));
}

/** What a change of activation needs: exchanging code is an administrator's. */
export const scopeOf = (state: LifeVerb): "plugins:write" | "plugins:admin" =>
  state === "reload" ? "plugins:admin" : "plugins:write";

/** @throws AppError as {@link Plugins.executeFor} */
export async function execute(
  { plugins, clock }: PluginVerbs,
  { name, input, ...options }: { name: string; input?: unknown; timeoutMs?: number; verb?: CalledVerb },
  caller: Caller,
  signal: AbortSignal,
): Promise<ExecutionView> {
  const startedMs = clock.monotonic();
  const result = await plugins.executeFor(name, input ?? null, caller, {
    ...options,
    takesText: true,
    signal,
  });
  return { name, result: result ?? null, durationMs: clock.monotonic() - startedMs };
}

export async function showHealth(
  { plugins }: PluginVerbs,
  id: string,
  query: { limit: number; cursor?: string | undefined },
): Promise<PluginHealthPage> {
  const { items, nextCursor } = await plugins.healthOf(id, { limit: query.limit, cursor: query.cursor });
  return { status: plugins.get(id).unit.health, items: items.map(healthRecordView), nextCursor };
}

export const showAnalyticsHealth = (verbs: PluginVerbs, id: string): AnalyticsHealth =>
  analyticsHealth(showPlugin(verbs, id), verbs.checks.lastOf(id));

/**
 * What somebody has to look at before a plugin may use what it asks for; what placeholders stand for now is for those
 * who may see the configuration.
 * @throws AppError `plugin_not_found`, `plugin_invalid`
 */
export async function showApproval(
  { plugins, views }: PluginVerbs,
  id: string,
  caller: Caller,
): Promise<ApprovalView> {
  const { found, approval, decision, block } = (await plugins.seek(id)).listing;
  if (!found) throw new AppError("plugin_invalid", block?.message);
  const { manifest, digest, hashes, signedBy, permissions } = found;
  const now = covers(caller.principal.scopes, "plugins:write")
    ? givenNow(permissions, views.configurations.valuesOf(found))
    : undefined;
  return {
    id,
    version: manifest.version,
    digest,
    isNeeded: decision?.kind === "waits",
    permissions: changes(
      permissionTexts(approval?.permissions ?? {}),
      permissionTexts(permissions),
      ({ kind, text }) => `${kind} ${text}`,
      () => true,
    ).map(({ one, change }) => ({
      ...one,
      now: now?.get(`${one.kind} ${one.text}`) ?? null,
      change: change === "changed" ? "same" : change,
    })),
    files: changes(
      [...(approval?.files ?? [])].map(([path, hash]) => ({ path, ...hash })),
      [...hashes].map(([path, hash]) => ({ path, ...hash })),
      ({ path }) => path,
      (before, after) => before.sha256 === after.sha256,
    ).map(({ one, change }) => ({ ...one, change })),
    signedBy: signedBy ?? null,
    approved: approval
      ? {
          version: approval.version,
          digest: approval.digest,
          by: approval.approvedBy,
          at: new Date(approval.approvedAt).toISOString(),
        }
      : null,
  };
}

type Change = "same" | "added" | "changed" | "removed";

function changes<T>(
  before: readonly T[],
  after: readonly T[],
  keyOf: (one: T) => string,
  isSame: (before: T, after: T) => boolean,
): { one: T; change: Change }[] {
  const old = new Map(before.map((one) => [keyOf(one), one]));
  const kept = new Set(after.map(keyOf));
  const now = after.map((one): { one: T; change: Change } => {
    const was = old.get(keyOf(one));
    if (was === undefined) return { one, change: "added" };
    return { one, change: isSame(was, one) ? "same" : "changed" };
  });
  const gone = before.filter((one) => !kept.has(keyOf(one)));
  return [...now, ...gone.map((one) => ({ one, change: "removed" as const }))];
}
