import type { PluginManifest, PluginPanel } from "../../schema/plugin/manifest.ts";
import { PLUGIN_HEALTHS, PLUGIN_STATES } from "../../schema/rules/plugins.ts";
import type { Clock } from "../lib/clock.ts";
import type { DecisionCount } from "./broker/decisions.ts";
import type { PluginLogLine } from "./broker/log-lines.ts";
import { seriesPrefix } from "./broker/recorded-metrics.ts";
import type { Collections } from "./collection/collections.ts";
import type { Configurations } from "./configurations.ts";
import type { HealthChecks } from "./health/health-checks.ts";
import type {
  AnalyticsHealth,
  ConfigView,
  HealthRecordView,
  LogLineView,
  PanelView,
  PermissionView,
  Plugin,
  PluginDetail,
  SummaryView,
} from "./model.ts";
import { permissionTexts } from "./permissions.ts";
import type { LimitRules } from "./process-limits.ts";
import type { HealthRecord } from "./store/health-store.ts";
import type { Supervised } from "./supervision/supervisor.ts";
import type { UnitUsage } from "./usage-collector.ts";

const MS_PER_SECOND = 1_000;
const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_HOUR = 3_600;

/** What views read beside the plugins themselves. */
export interface ViewSources {
  clock: Clock;
  usageOf(id: string): UnitUsage | undefined;
  decisionsOf(id: string): DecisionCount[];
  collections: Pick<Collections, "intervalOf" | "lastOf">;
  configurations: Configurations;
  checks: Pick<HealthChecks, "lastOf">;
  limits: LimitRules;
  /** Versions that can be depended upon, by id; those that cannot run are not among them. */
  versions(): ReadonlyMap<string, string>;
  satisfies(version: string, range: string): boolean;
}

/** A plugin as lists show it. */
export function pluginView(supervised: Supervised, sources: ViewSources): Plugin {
  const { listing, unit } = supervised;
  const { stored, found } = listing;
  const manifest = manifestOf(supervised);
  const { statistics, process, standing } = unit;
  const usage = sources.usageOf(listing.id);
  const { clock } = sources;
  return {
    id: listing.id,
    name: manifest.name ?? listing.id,
    version: manifest.version,
    type: manifest.type,
    description: manifest.description ?? "",
    author: manifest.author ?? "",
    origin: found?.origin ?? stored.origin,
    state: unit.state,
    status: unit.status,
    enabled: standing.isEnabled,
    health: unit.health,
    healthCheckedAt: checkedAtOf(supervised, sources),
    block: unit.block ?? null,
    quarantine: standing.quarantine
      ? { reason: standing.quarantine.reason, at: iso(standing.quarantine.at) }
      : null,
    level: process?.level ?? null,
    pid: process?.pid ?? null,
    startedAt: process ? iso(process.startedAt) : null,
    uptimeSeconds: process ? Math.max(0, (clock.now() - process.startedAt) / MS_PER_SECOND) : 0,
    calls: statistics.calls,
    errors: statistics.errors,
    errorRate: statistics.errorRate(clock.monotonic()),
    lastError: statistics.lastError ? { ...statistics.lastError, at: iso(statistics.lastError.at) } : null,
    cpuPercent: usage?.cpuPercent ?? null,
    memoryBytes: usage ? Math.round(usage.memoryBytes) : null,
    callsUnderWay: unit.callsUnderWay,
    permissions: permissionViews(supervised),
    needsApproval: standing.needsApproval,
    capabilities: manifest.capabilities ?? [],
    collection: collectionView(listing.id, sources),
    hooks: (manifest.hooks ?? []).map(({ event, priority = 0 }) => ({
      event,
      priority,
      granted: unit.inForce !== undefined,
    })),
    panels: (manifest.panels ?? []).map((panel) => panelView(listing.id, panel)),
    dependencies: dependencyViews(manifest, sources),
    registeredBy: stored.registeredBy,
    registeredAt: iso(stored.registeredAt),
    changedBy: stored.changedBy,
    changedAt: iso(stored.changedAt),
    // What comes with the server goes with it.
    verbs: unit.verbs.filter((verb) => verb !== "remove" || stored.origin !== "bundled"),
  };
}

/** A plugin as its page shows it; what only those may see who can change it is left out for the others. */
export function pluginDetail(supervised: Supervised, sources: ViewSources, mayChange: boolean): PluginDetail {
  const { listing, unit } = supervised;
  const one = unit.inForce ?? listing.found;
  const manifest = manifestOf(supervised);
  const { license = "", homepage = "", contract_format: contractFormat = "native" } = manifest;
  return {
    ...pluginView(supervised, sources),
    license,
    homepage,
    contractFormat,
    activation: manifest.activation ?? "lazy",
    config: mayChange ? configView(supervised, sources.configurations) : null,
    limits: sources.limits.of(manifest),
    digest: one?.digest ?? "",
    signedBy: one?.signedBy ?? null,
    files: [...(one?.hashes ?? [])].map(([path, hash]) => ({ path, ...hash })),
    stderrTail: mayChange ? [...unit.stderrTail] : [],
    decisions: sources.decisionsOf(listing.id),
  };
}

/** What is shown of a manifest: the one in force, else the one found, else what is remembered. */
function manifestOf({ listing: { id, stored, found }, unit }: Supervised): PluginManifest {
  const { type, version } = stored;
  return unit.inForce?.manifest ?? found?.manifest ?? { id, type, version, main: "" };
}

/** What the newest asks for; granted is what the version in force holds. */
function permissionViews({ listing, unit }: Supervised): PermissionView[] {
  const held = new Set(permissionTexts(unit.inForce?.permissions ?? {}).map(keyOf));
  const wanted = permissionTexts((listing.found ?? unit.inForce)?.permissions ?? {});
  return wanted.map((one) => ({ ...one, granted: held.has(keyOf(one)) }));
}

function checkedAtOf({ listing, unit }: Supervised, { checks }: ViewSources): string | null {
  const last = unit.health === "unknown" ? undefined : checks.lastOf(listing.id);
  return last ? iso(last.at) : null;
}

const keyOf = ({ kind, text }: { kind: string; text: string }): string => `${kind} ${text}`;

function panelView(pluginId: string, panel: PluginPanel): PanelView {
  const { id, title, kind, series = [], input = null, columns = [], schema, place = "plugin" } = panel;
  const names = series.map((name) => `${seriesPrefix(pluginId)}${name}`);
  return { id, title, kind, series: names, input, columns, schema: schema ?? null, place };
}

function collectionView(id: string, { collections }: ViewSources): Plugin["collection"] {
  const intervalSeconds = collections.intervalOf(id);
  if (intervalSeconds === undefined) return null;
  const last = collections.lastOf(id);
  return {
    intervalSeconds,
    lastAt: last ? iso(last.at) : null,
    values: last?.values ?? 0,
    error: last?.error ?? null,
  };
}

function dependencyViews(
  { dependencies = {} }: PluginManifest,
  sources: ViewSources,
): Plugin["dependencies"] {
  const versions = sources.versions();
  return Object.entries(dependencies).map(([id, range]) => {
    const version = versions.get(id);
    return { id, range, satisfied: version !== undefined && sources.satisfies(version, range) };
  });
}

function configView({ listing, unit }: Supervised, configurations: Configurations): ConfigView {
  const one = listing.found ?? unit.inForce;
  if (!one) return { revision: "", schema: null, values: {}, secrets: [], locked: [] };
  return {
    revision: configurations.revisionOf(one),
    schema: one.manifest.config ?? null,
    values: configurations.valuesOf(one),
    secrets: configurations.secretsOf(one),
    locked: configurations.lockedOf(listing.id),
  };
}

export const healthRecordView = ({
  at,
  responseMs,
  dependencies,
  ...rest
}: HealthRecord): HealthRecordView => ({
  ...rest,
  at: iso(at),
  responseMs: responseMs ?? null,
  dependencies: dependencies.map(({ responseMs: took, ...one }) => ({ ...one, responseMs: took ?? null })),
});

export const logLineView = ({ at, fields, correlationId, ...line }: PluginLogLine): LogLineView => ({
  ...line,
  correlationId: correlationId ?? null,
  at: iso(at),
  fields: { ...fields },
});

/** Health in the words of `/api/analytics/v1`. */
export function analyticsHealth(plugin: Plugin, last: HealthRecord | undefined): AnalyticsHealth {
  return {
    status: plugin.health,
    plugin_id: plugin.id,
    version: plugin.version,
    uptime: hoursAndMinutes(plugin.uptimeSeconds),
    queries_executed: plugin.calls,
    error_rate: plugin.errorRate,
    last_error: plugin.lastError?.message ?? null,
    dependencies: (last?.dependencies ?? []).map(({ name, status, responseMs }) => ({
      name,
      status,
      response_time: responseMs ?? null,
    })),
  };
}

/** `72h15m`. */
function hoursAndMinutes(seconds: number): string {
  const hours = Math.floor(seconds / SECONDS_PER_HOUR);
  return `${hours}h${Math.floor((seconds % SECONDS_PER_HOUR) / SECONDS_PER_MINUTE)}m`;
}

/** All plugins in figures. */
export function summaryView(plugins: readonly Plugin[], sandbox: SummaryView["sandbox"]): SummaryView {
  const count = (test: (plugin: Plugin) => boolean): number => plugins.filter(test).length;
  const sum = (value: (plugin: Plugin) => number): number =>
    plugins.reduce((total, plugin) => total + value(plugin), 0);
  return {
    total: plugins.length,
    enabled: count(({ enabled }) => enabled),
    states: Object.fromEntries(PLUGIN_STATES.map((state) => [state, count((one) => one.state === state)])),
    healths: Object.fromEntries(
      PLUGIN_HEALTHS.map((health) => [health, count((one) => one.health === health)]),
    ),
    needsApproval: count(({ needsApproval }) => needsApproval),
    blocked: count(({ block, enabled }) => block !== null && enabled),
    quarantined: count(({ state }) => state === "quarantined"),
    calls: sum(({ calls }) => calls),
    errors: sum(({ errors }) => errors),
    memoryBytes: sum(({ memoryBytes }) => memoryBytes ?? 0),
    cpuPercent: sum(({ cpuPercent }) => cpuPercent ?? 0),
    sandbox,
  };
}

const iso = (at: number): string => new Date(at).toISOString();
