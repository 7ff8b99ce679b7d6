import type { GraphFeature } from "../http/graphql-types.ts";
import { BUILD } from "../lib/build-facts.ts";
import { semver } from "../lib/semver.ts";
import { defineSeries } from "../metrics/series.ts";
import { Approvals } from "../plugins/approvals.ts";
import { covers } from "../plugins/broker/grants/coverage.ts";
import { grantsOf } from "../plugins/broker/grants.ts";
import { Chronicle } from "../plugins/chronicle.ts";
import { Collections } from "../plugins/collection/collections.ts";
import { collectIntervalSeconds } from "../plugins/collection/interval.ts";
import type { PluginVerbs } from "../plugins/edge.ts";
import { HealthChecks } from "../plugins/health/health-checks.ts";
import { Hooks } from "../plugins/hooks/hooks.ts";
import { Installations } from "../plugins/installations.ts";
import { probeSandbox } from "../plugins/jail/level.ts";
import { RequestSteps } from "../plugins/middleware/request-steps.ts";
import { pluginRoutes } from "../plugins/rest.ts";
import { Plugins } from "../plugins/service.ts";
import { Launcher } from "../plugins/supervision/launcher.ts";
import { Supervisor } from "../plugins/supervision/supervisor.ts";
import type { PluginUnit } from "../plugins/supervision/unit.ts";
import { UsageCollector } from "../plugins/usage-collector.ts";
import { type PluginBase, type PluginGround, pluginGround } from "./plugins/ground.ts";
import { composeLibrary, type Library } from "./plugins/library.ts";
import { lifeOf } from "./plugins/life.ts";
import { composeProcesses, type Processes } from "./plugins/processes.ts";

/**
 * Everything of plugins, joined. This module, and with it every module of theirs, is evaluated only when
 * `features.plugins` is on. Nothing runs yet.
 */
export async function composePlugins(base: PluginBase) {
  const { clock, audit, events, databases } = base;
  const database = databases.state;
  const ground = pluginGround(base);
  const library = await composeLibrary(base, ground);
  const processes = composeProcesses(base, ground, library.store, () => plugins);
  const supervision = supervise(base, ground, library, processes);
  const { supervisor, hooks, checks, collections, steps, usage } = supervision;
  const { configurations, decisions } = processes;
  const { store, healthHistory, installer, trust } = library;
  const { limits, settings, fixedWish } = ground;
  const approvals = new Approvals({ database, audit, events, trust, supervisor });
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
    probe: base.probe,
    noticed: () => life.noticed(),
  });
  const life = lifeOf(base, ground.pluginsFolder, { supervisor, hooks }, library, processes);
  const verbs: PluginVerbs = {
    plugins,
    approvals,
    installations,
    logs: processes.logs,
    checks,
    clock,
    sandbox: () => {
      const { level, missing } = probeSandbox();
      return { level, isRequired: settings().sandbox === "required", message: missing.join(" ") };
    },
    follow: (options) => events.follow(options),
    views: {
      clock,
      usageOf: (id) => usage.usageOf(id),
      decisionsOf: (id) => decisions.countsOf(id),
      collections,
      configurations,
      checks,
      limits,
      versions: () => versionsOf(supervisor.units()),
      satisfies: (version, range) => semver().satisfies(version, range),
    },
  };
  return {
    verbs,
    /** Milliseconds that a call of the plugin may take; undefined when it has no version that may run. */
    callLimitMs(id: string): number | undefined {
      const inForce = supervisor.find(id)?.unit.inForce;
      return inForce && limits.of(inForce.manifest).timeoutMs;
    },
    steps,
    graph: async (): Promise<GraphFeature> => (await import("../plugins/graphql.ts")).pluginGraph(verbs),
    collectors: [processes.recorded, usage],
    routes: () => pluginRoutes(verbs),
    ...life,
  };
}

export type PluginSystem = Awaited<ReturnType<typeof composePlugins>>;

/** The units, and what follows them: health, hooks, steps of requests, figures, and the telling of it all. */
function supervise(base: PluginBase, ground: PluginGround, library: Library, processes: Processes) {
  const { clock, timers, audit, events, redactor, incidents } = base;
  const { catalogue, store, healthHistory } = library;
  const { configurations, plainGrants, settingOf, launch, logs, decisions, recorded } = processes;
  const { limits, settings, fixedWish } = ground;
  const database = base.databases.state;
  const build = `${BUILD.version} ${BUILD.commit}`;
  const steps = new RequestSteps(clock);
  const hooks = new Hooks({
    events,
    report: incidents.record,
    isGranted: ({ inForce }, event) =>
      inForce !== undefined &&
      grantsOf(plainGrants(inForce), "hooks").some((held) => covers(held, { kind: "hooks", event })),
  });
  const mayLook = ({ inForce }: PluginUnit) =>
    inForce !== undefined && grantsOf(plainGrants(inForce), "middleware").length > 0;
  const chronicle: Chronicle = new Chronicle({
    database,
    clock,
    events,
    audit,
    store,
    logs,
    report: incidents.record,
    countRecovery: incidents.countRecovery.bind(incidents),
    build,
    changed: (unit) => {
      checks.follow(unit);
      collections.follow(unit);
      steps.follow(unit, mayLook(unit));
      hooks.follow(unit);
    },
  });
  const checks = new HealthChecks({
    clock,
    timers,
    database,
    store: healthHistory,
    scrub: redactor.scrub,
    changed: (unit, change) => chronicle.healthChanged(unit, change),
    complaintOf: (id) => collections.complaintOf(id),
  });
  const collections = new Collections({
    clock,
    timers,
    probe: base.probe,
    recorded,
    intervalOf: ({ inForce }) =>
      inForce?.manifest.type === "monitor"
        ? collectIntervalSeconds(inForce.manifest, configurations.resolvedOf(inForce))
        : undefined,
    latest: () => base.samples.last,
    turned: (unit) => checks.check(unit),
    scrub: redactor.scrub,
  });
  const usage = new UsageCollector(() => supervisor.units(), clock, defineSeries);
  const supervisor: Supervisor = new Supervisor({
    clock,
    launcher: new Launcher(clock, launch),
    concurrencyOf: ({ manifest }) => limits.of(manifest).concurrency,
    graceMsOf: ({ manifest }) => limits.graceMs(manifest),
    settingOf,
    catalogue,
    build,
    fixedWish,
    configurationFault: (one) => configurations.faultOf(one),
    autoLoad: () => settings().autoLoad,
    take: ({ id, config }) => configurations.take(id, config),
    hear: (unit, occurrence) => chronicle.hear(unit, occurrence),
    forget: (id) => {
      for (const memory of [checks, collections, hooks, chronicle, usage, decisions, logs, recorded])
        memory.forget(id);
    },
    publish: (event) => events.publishLater(event),
    settled: () => chronicle.settled(),
    release: (stored, reason) => chronicle.release(stored, reason),
  });
  return { supervisor, hooks, checks, collections, steps, usage };
}

const versionsOf = (units: readonly PluginUnit[]): ReadonlyMap<string, string> =>
  new Map(
    units.flatMap(({ id, inForce, standing }) =>
      inForce && standing.isEnabled ? [[id, inForce.manifest.version] as const] : [],
    ),
  );
