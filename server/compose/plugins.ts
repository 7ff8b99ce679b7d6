import { join } from "node:path";
import semver from "semver";
import type { GraphFeature } from "../http/graphql-types.ts";
import { BUILD } from "../lib/build-facts.ts";
import { defineSeries } from "../metrics/series.ts";
import { Approvals } from "../plugins/approvals.ts";
import { openBrowsers } from "../plugins/broker/browser/open-browsers.ts";
import { Decisions } from "../plugins/broker/decisions.ts";
import { CallGraph } from "../plugins/broker/executions.ts";
import { covers } from "../plugins/broker/grants/coverage.ts";
import { configPathsOf, grantsOf, resolveGrants } from "../plugins/broker/grants.ts";
import { PluginLogs } from "../plugins/broker/log-lines.ts";
import { PluginMetrics } from "../plugins/broker/recorded-metrics.ts";
import { ProgramUsers } from "../plugins/broker/run/program-users.ts";
import { type BrokerParts, openBrokerSession } from "../plugins/broker/session.ts";
import { PluginState } from "../plugins/broker/state.ts";
import { PluginStateStore } from "../plugins/broker/state-store.ts";
import { PluginCatalogue } from "../plugins/catalogue.ts";
import { Chronicle } from "../plugins/chronicle.ts";
import { Configurations } from "../plugins/configurations.ts";
import { BundledPlugins } from "../plugins/discovery/bundled.ts";
import { ContentStore } from "../plugins/discovery/content-store.ts";
import { PluginDiscovery } from "../plugins/discovery/discovery.ts";
import { PluginInstaller } from "../plugins/discovery/install/installer.ts";
import type { PluginVerbs } from "../plugins/edge.ts";
import { FolderWatch } from "../plugins/folder-watch.ts";
import { HealthChecks } from "../plugins/health/health-checks.ts";
import { Hooks } from "../plugins/hooks/hooks.ts";
import { Installations } from "../plugins/installations.ts";
import { launchJail } from "../plugins/jail/launch.ts";
import { probeSandbox } from "../plugins/jail/level.ts";
import { selfCommand } from "../plugins/jail/self-command.ts";
import { startPluginJobs } from "../plugins/jobs.ts";
import { RequestSteps } from "../plugins/middleware/request-steps.ts";
import { createStartPlugin } from "../plugins/process/start-plugin.ts";
import { LimitRules } from "../plugins/process-limits.ts";
import { pluginRoutes } from "../plugins/rest.ts";
import { Plugins } from "../plugins/service.ts";
import { ApprovalStore } from "../plugins/store/approval-store.ts";
import { HealthStore } from "../plugins/store/health-store.ts";
import { PluginStore } from "../plugins/store/plugin-store.ts";
import { type Launch, Launcher } from "../plugins/supervision/launcher.ts";
import { Supervisor } from "../plugins/supervision/supervisor.ts";
import type { PluginUnit } from "../plugins/supervision/unit.ts";
import type { PluginPackage } from "../plugins/trust/plugin-package.ts";
import { PluginTrust } from "../plugins/trust/plugin-trust.ts";
import { letGoOfRemoved } from "../plugins/upkeep.ts";
import { UsageCollector } from "../plugins/usage-collector.ts";
import type { Redactor } from "../secrets/redactor.ts";
import type { Secrets } from "../secrets/service.ts";
import type { Audit } from "../security/audit.ts";
import type { Base } from "./base.ts";
import type { Delivery } from "./delivery.ts";

/** What plugins stand on besides the base. */
interface PluginBase extends Base, Pick<Delivery, "events" | "outbound"> {
  audit: Audit;
  secrets: Secrets;
  redactor: Redactor;
  /** Paths of the configuration files that exist or could. */
  configurationFiles: readonly string[];
}

const CONTENT_FOLDER = "plugin-store";
const PLUGINS_FOLDER = "plugins";
const MS_PER_SECOND = 1_000;

/** Everything of plugins, joined. This module, and with it every module of theirs, is evaluated only when `features.plugins` is on. */
export async function composePlugins(base: PluginBase) {
  const { configuration, folder, clock, log, timers, audit, events, redactor, incidents, databases } = base;
  const database = databases.state;
  const settings = () => configuration.settings.plugins;
  const pluginsFolder = settings().folder || join(folder.paths.root, PLUGINS_FOLDER);
  const forbiddenPaths = [folder.paths.root, pluginsFolder, ...base.configurationFiles];
  const store = new PluginStore(database);
  const approvalStore = new ApprovalStore(database);
  const healthHistory = new HealthStore(database);
  const content = new ContentStore(join(folder.paths.root, CONTENT_FOLDER));
  const limits = new LimitRules(settings);
  const rules = () => ({
    limits: { maxTimeoutMs: settings().maxTimeoutMs, forbiddenPaths },
    trustedKeys: settings().trustedKeys,
  });
  const policy = { isRoot: process.geteuid?.() === 0 };
  const bundled = await BundledPlugins.load();
  const trust = new PluginTrust({
    approvals: approvalStore,
    content,
    clock,
    settings,
    limits: () => rules().limits,
  });
  const catalogue = new PluginCatalogue({
    database,
    clock,
    discovery: new PluginDiscovery(),
    content,
    plugins: store,
    approvals: approvalStore,
    trust,
    places: () => ({
      folder: pluginsFolder,
      paths: settings().items.flatMap(({ path }) => path ?? []),
      bundled: bundled.under(rules()),
      rules: rules(),
      policy,
    }),
  });
  const itemOf = (id: string) => settings().items.find((item) => item.id === id);
  const fixedWish = (id: string) => itemOf(id)?.enabled;
  const configurations = new Configurations({
    database,
    plugins: store,
    secrets: base.secrets,
    audit,
    clock,
    fixed: (id) => {
      const values = itemOf(id)?.config;
      return values && { values, origin: configuration.origins.get("plugins.items") ?? "configuration" };
    },
  });
  const logs = new PluginLogs({ log: log.child("plugins"), clock, scrub: redactor.scrub });
  const decisions = new Decisions({ audit, events, clock, report: incidents.record });
  const recorded = new PluginMetrics(defineSeries, clock);
  const state = new PluginState({ database, store: new PluginStateStore(database), clock });
  const broker: BrokerParts = {
    clock,
    decisions,
    outbound: base.outbound,
    state,
    secrets: base.secrets,
    environment: process.env,
    logs,
    metrics: recorded,
    events,
    execute: (id, input, options) =>
      plugins.execute(id, input, { ...options, correlationId: crypto.randomUUID() }),
    calls: new CallGraph(),
    forbiddenPaths,
    run: { launcher: selfCommand, users: policy.isRoot ? new ProgramUsers() : undefined },
    openBrowser: openBrowsers({ clock, outbound: base.outbound }),
  };
  const grantsFor = (one: PluginPackage) =>
    resolveGrants(one.permissions, configurations.valuesOf(one), forbiddenPaths);
  const launch: Launch = async (one, signal) => {
    const { manifest, files } = one;
    const start = createStartPlugin({
      clock,
      launchJail,
      openBroker: () =>
        openBrokerSession(
          {
            pluginId: manifest.id,
            grants: grantsFor(one),
            dependencies: Object.keys(manifest.dependencies ?? {}),
            configuration: configurations.placeOf(one),
            configSchema: manifest.config,
            lockedConfigPaths: configPathsOf(one.permissions),
          },
          broker,
        ),
      isSandboxRequired: () => one.origin !== "bundled" && settings().sandbox === "required",
    });
    const { id, version, main } = manifest;
    const { allowedImports } = settings();
    const config = configurations.openedOf(one);
    return start({ id, version, main, files, config, allowedImports }, limits.of(manifest), signal);
  };
  const build = `${BUILD.version} ${BUILD.commit}`;
  const steps = new RequestSteps(clock);
  const isGranted = ({ inForce }: PluginUnit, event: string) =>
    inForce !== undefined &&
    grantsOf(grantsFor(inForce), "hooks").some((held) => covers(held, { kind: "hooks", event }));
  const hooks = new Hooks({ events, isGranted });
  const chronicle = new Chronicle({
    database,
    clock,
    events,
    audit,
    store,
    logs,
    report: incidents.record,
    build,
    changed: (unit) => {
      checks.follow(unit);
      steps.follow(unit, mayStep(unit));
    },
  });
  const mayStep = ({ inForce }: PluginUnit) =>
    inForce !== undefined && grantsOf(grantsFor(inForce), "middleware").length > 0;
  const checks = new HealthChecks({
    clock,
    timers,
    database,
    store: healthHistory,
    scrub: redactor.scrub,
    changed: (unit, change) => chronicle.healthChanged(unit, change),
  });
  const usage = new UsageCollector(() => supervisor.units(), clock, defineSeries);
  const supervisor: Supervisor = new Supervisor({
    clock,
    launcher: new Launcher(clock, launch),
    concurrencyOf: ({ manifest }) => limits.of(manifest).concurrency,
    graceMsOf: ({ manifest }) => limits.graceMs(manifest),
    catalogue,
    build,
    fixedWish,
    autoLoad: () => settings().autoLoad,
    take: ({ id, config }) => configurations.take(id, config),
    hear: (unit, occurrence) => chronicle.hear(unit, occurrence),
    follow: (unit) => hooks.follow(unit),
    forget: (id) => {
      for (const memory of [checks, chronicle, usage, decisions, logs, recorded]) memory.forget(id);
    },
    publish: (event) => events.publishLater(event),
    release: (stored, reason) => chronicle.release(stored, reason),
  });
  const approvals = new Approvals({ database, audit, events, trust, supervisor });
  const installer = new PluginInstaller({ folder: () => pluginsFolder, rules, policy, clock });
  const installations = new Installations({ database, clock, audit, events, installer, store, supervisor });
  const plugins: Plugins = new Plugins({
    database,
    clock,
    audit,
    events,
    store,
    healthHistory,
    supervisor,
    approvals,
    configurations,
    fixedWish,
  });
  const sandbox = () => {
    const { level, missing } = probeSandbox();
    return { level, isRequired: settings().sandbox === "required", message: missing.join(" ") };
  };
  const verbs: PluginVerbs = {
    plugins,
    approvals,
    installations,
    logs,
    checks,
    clock,
    sandbox,
    follow: (options) => events.follow(options),
    views: {
      clock,
      usageOf: (id) => usage.usageOf(id),
      decisionsOf: (id) => decisions.countsOf(id),
      configurations,
      limits,
      versions: () =>
        new Map(
          supervisor
            .units()
            .flatMap(({ id, inForce, standing }) =>
              inForce && standing.isEnabled ? [[id, inForce.manifest.version] as const] : [],
            ),
        ),
      satisfies: (version, range) => semver.satisfies(version, range),
    },
  };
  const look = async (): Promise<void> => {
    await supervisor.refresh();
    watch.follow(supervisor.folders);
  };
  const watch = new FolderWatch(clock, () => {
    look().catch((error: unknown) => incidents.record(error, { where: "the plugins folder" }));
  });
  const graph: GraphFeature | undefined = configuration.settings.features.graphql
    ? (await import("../plugins/graphql.ts")).pluginGraph(verbs)
    : undefined;
  const upkeep = () =>
    letGoOfRemoved({
      database,
      clock,
      installer,
      content,
      plugins: store,
      approvals: approvalStore,
      health: healthHistory,
      state,
    });
  let beginning: Promise<void> = Promise.resolve();
  return {
    verbs,
    steps,
    graph,
    collectors: [recorded, usage],
    routes: () => pluginRoutes(verbs),
    /** Looks what there is now, and puts it in force. */
    look,
    /** Begins: looks what there is, and starts what runs from the start. Nobody waits for a slow plugin. */
    begin(): void {
      const begin = async (): Promise<void> => {
        await installer.recover();
        await look();
        startPluginJobs(timers, { look, upkeep });
      };
      beginning = begin().catch((error: unknown) =>
        incidents.record(error, { where: "the start of plugins", isUrgent: true }),
      );
    },
    /** Settles once everything that runs from the start is up, or known not to come up. */
    get ready(): Promise<void> {
      return beginning;
    },
    /** Ends every process; calls under way may finish within the server's time for that. */
    async stop(): Promise<void> {
      watch.stop();
      await beginning;
      await supervisor.close(configuration.settings.server.drainSeconds * MS_PER_SECOND);
    },
  };
}

export type PluginSystem = Awaited<ReturnType<typeof composePlugins>>;
