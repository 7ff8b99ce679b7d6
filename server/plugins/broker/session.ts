import type { BrokerMethod } from "../../../schema/plugin/rpc.ts";
import { freeSpace } from "../../database/data-folder.ts";
import type { GroupCommit } from "../../database/group-commit.ts";
import { AppError } from "../../errors/app-error.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Outbound } from "../../outbound/outbound.ts";
import type { TlsPolicy } from "../../outbound/policy.ts";
import type { BrokerSession } from "./broker.ts";
import type { OpenBrowserBroker } from "./browser-broker.ts";
import { BrowserPlace } from "./browser-place.ts";
import { type ConfigurationPlace, configMethods } from "./config.ts";
import { Connections } from "./connect.ts";
import { type Decisions, PluginDecisions } from "./decisions.ts";
import { eventMethods, type PluginEventBus } from "./events.ts";
import { type CallGraph, type ExecutePlugin, executionMethods } from "./executions.ts";
import { fetchMethods } from "./fetch.ts";
import type { FreeSpace } from "./files/file-streams.ts";
import { fileMethods } from "./files.ts";
import type { ResolvedGrants } from "./grants.ts";
import { logMethods } from "./log.ts";
import type { PluginLogs } from "./log-lines.ts";
import { metricMethods } from "./metrics.ts";
import type { PluginMetrics } from "./recorded-metrics.ts";
import { Programs, type RunParts } from "./run.ts";
import { type SecretSource, secretMethods } from "./secrets.ts";
import type { ServedMethod } from "./served-method.ts";
import { type PluginState, stateMethods } from "./state.ts";

/** What all sessions share. */
export interface BrokerParts {
  clock: Clock;
  decisions: Decisions;
  outbound: Outbound;
  /** What plugins write of state and events, of all of them together. */
  commits: GroupCommit;
  state: PluginState;
  secrets: SecretSource;
  /** Variables of the server's own environment. */
  environment: Readonly<Record<string, string | undefined>>;
  logs: PluginLogs;
  metrics: PluginMetrics;
  events: PluginEventBus;
  execute: ExecutePlugin;
  calls: CallGraph;
  /** Folders and files that no grant of files reaches, whatever it says: data folder, plugins folder, configuration. */
  forbiddenPaths: readonly string[];
  /** Of a file system; the machine's own unless a test brings another. */
  freeSpace?: FreeSpace;
  run: RunParts;
  openBrowser?: OpenBrowserBroker | undefined;
  /** How certificates are judged; the built-in authorities unless said. */
  tls?: TlsPolicy | undefined;
}

/** One running plugin, as its broker knows it. */
export interface BrokerSessionOptions {
  pluginId: string;
  /** Of the approved permissions with the configuration in force; see `resolveGrants`. */
  grants: ResolvedGrants;
  /** Ids of plugins that the manifest depends on. */
  dependencies: readonly string[];
  configuration: ConfigurationPlace;
  /** JSON Schema of the configuration; undefined when the manifest declares none. */
  configSchema?: Record<string, unknown> | undefined;
  /** Paths of the configuration that permissions read; see `configPathsOf`. */
  lockedConfigPaths: readonly string[];
}

/** Begins to serve a plugin. The session lives as long as its process: grants that change need a new one. */
export function openBrokerSession(options: BrokerSessionOptions, parts: BrokerParts): BrokerSession {
  const { pluginId, grants } = options;
  const { clock } = parts;
  const ending = new AbortController();
  const decisions = new PluginDecisions(parts.decisions, pluginId);
  const connections = new Connections(parts, grants, decisions, ending.signal);
  const programs = new Programs(parts.run, grants, parts.forbiddenPaths, decisions, clock);
  const browser = new BrowserPlace(parts.openBrowser, grants, decisions);
  const rules = { schema: options.configSchema, lockedPaths: options.lockedConfigPaths };
  const methods: Record<BrokerMethod, ServedMethod> = {
    ...configMethods(options.configuration, rules, decisions, clock),
    ...stateMethods(parts.state, pluginId, clock),
    ...secretMethods(parts.secrets, parts.environment, grants, decisions),
    ...logMethods(parts.logs, pluginId),
    ...metricMethods(parts.metrics, pluginId, clock),
    ...eventMethods(parts.events, parts.commits, decisions, clock),
    ...executionMethods(parts, options.dependencies, decisions),
    ...fetchMethods(parts, grants, decisions, ending.signal),
    ...connections.methods,
    ...fileMethods(
      grants,
      [...parts.forbiddenPaths, process.execPath],
      decisions,
      ending.signal,
      parts.freeSpace ?? freeSpace,
    ),
    ...programs.methods,
    ...browser.methods,
  };
  return {
    async serve(name, params, streams, signal) {
      if (ending.signal.aborted) throw new AppError("cancelled", "The plugin's process is ending.");
      if (!Object.hasOwn(methods, name)) throw new AppError("invalid_request", "There is no such method.");
      return methods[name](params, { streams, signal });
    },
    async close() {
      ending.abort(new AppError("cancelled", "The plugin's process is ending."));
      connections.close();
      await Promise.all([programs.close(), browser.close()]);
    },
  };
}
