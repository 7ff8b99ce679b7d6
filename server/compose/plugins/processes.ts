import { GroupCommit } from "../../database/group-commit.ts";
import { newId } from "../../lib/ids.ts";
import { defineSeries } from "../../metrics/series.ts";
import { findDisplay } from "../../plugins/broker/browser/display.ts";
import { openBrowsers } from "../../plugins/broker/browser/open-browsers.ts";
import { Decisions } from "../../plugins/broker/decisions.ts";
import { CallGraph } from "../../plugins/broker/executions.ts";
import { configPathsOf, type ResolvedGrants, resolveGrants } from "../../plugins/broker/grants.ts";
import { PluginLogs } from "../../plugins/broker/log-lines.ts";
import { PluginMetrics } from "../../plugins/broker/recorded-metrics.ts";
import { type BrokerParts, openBrokerSession } from "../../plugins/broker/session.ts";
import { PluginState } from "../../plugins/broker/state.ts";
import { PluginStateStore } from "../../plugins/broker/state-store.ts";
import { LargeAnswers } from "../../plugins/channel/large-answers.ts";
import { Configurations } from "../../plugins/configurations.ts";
import { launchJail } from "../../plugins/jail/launch.ts";
import { selfCommand } from "../../plugins/jail/self-command.ts";
import { USERS, UserPool } from "../../plugins/jail/user-pool.ts";
import { createStartPlugin } from "../../plugins/process/start-plugin.ts";
import type { Plugins } from "../../plugins/service.ts";
import type { PluginStore } from "../../plugins/store/plugin-store.ts";
import type { Launch } from "../../plugins/supervision/launcher.ts";
import type { Setting } from "../../plugins/supervision/setting.ts";
import type { PluginPackage } from "../../plugins/trust/plugin-package.ts";
import type { PluginBase, PluginGround } from "./ground.ts";

export type Processes = ReturnType<typeof composeProcesses>;

/**
 * What a plugin's process is started with, and what serves it.
 * @param plugins those that a plugin may call, once they are there
 */
export function composeProcesses(
  base: PluginBase,
  ground: PluginGround,
  store: PluginStore,
  plugins: () => Pick<Plugins, "execute">,
) {
  const { clock, audit, events, incidents, secrets, outbound, redactor } = base;
  const { settings, limits, forbiddenPaths, policy } = ground;
  const database = base.databases.state;
  const configurations = new Configurations({
    database,
    plugins: store,
    secrets,
    audit,
    clock,
    fixed: ground.fixedConfig,
    resolveText: (text) => base.configuration.resolveText(text),
  });
  const logs = new PluginLogs({ log: base.log.child("plugins"), clock, scrub: redactor.scrub });
  const decisions = new Decisions({ audit, events, clock, report: incidents.record });
  const recorded = new PluginMetrics(defineSeries, clock);
  const commits = new GroupCommit(database, clock);
  const state = new PluginState({ commits, store: new PluginStateStore(database), clock });
  const broker: BrokerParts = {
    clock,
    decisions,
    outbound,
    commits,
    state,
    secrets,
    environment: process.env,
    logs,
    metrics: recorded,
    events,
    execute: (id, input, options) =>
      plugins().execute(id, input, { ...options, takesText: true, correlationId: newId() }),
    calls: new CallGraph(),
    forbiddenPaths,
    run: { launcher: selfCommand, users: policy.isRoot ? new UserPool(USERS.programs) : undefined },
    openBrowser: openBrowsers({
      clock,
      outbound,
      display: () => findDisplay(process.env, settings().visibleBrowser),
    }),
  };
  const largeAnswers = new LargeAnswers(clock);
  /** Without what stands in the secret store: for the kinds whose grants name no host and no path. */
  const plainGrants = (one: PluginPackage) =>
    resolveGrants(one.permissions, configurations.resolvedOf(one), forbiddenPaths);
  const settingOf = (one: PluginPackage): Setting => {
    const config = configurations.openedOf(one);
    return { config, grants: resolveGrants(one.permissions, config, forbiddenPaths) };
  };
  const openBroker = (one: PluginPackage, grants: ResolvedGrants) =>
    openBrokerSession(
      {
        pluginId: one.manifest.id,
        grants,
        dependencies: Object.keys(one.manifest.dependencies ?? {}),
        configuration: configurations.placeOf(one),
        configSchema: one.manifest.config,
        lockedConfigPaths: configPathsOf(one.permissions),
      },
      broker,
    );
  const launch: Launch = async (one, { config, grants }, signal) => {
    const { id, version, main } = one.manifest;
    for (const { text, reason } of grants.refused) {
      logs.write(id, {
        source: "server",
        level: "warning",
        message: `It asks for ${text}, which gives it nothing. ${reason}`,
      });
    }
    const start = createStartPlugin({
      clock,
      launchJail,
      largeAnswers,
      openBroker: () => openBroker(one, grants),
      isSandboxRequired: () => one.origin !== "bundled" && settings().sandbox === "required",
      maxLandlockAbi: () => settings().maxLandlockAbi,
    });
    const { allowedImports } = settings();
    const program = { id, version, main, files: one.files, config, allowedImports };
    return start(program, limits.of(one.manifest), signal);
  };
  return { configurations, logs, decisions, recorded, state, plainGrants, settingOf, launch };
}
