import { flag, oneOf, section } from "../setting-types.ts";

/** A switch decides at the start which modules are loaded at all: it never changes while running. */
const feature = (value: boolean, description: string, ...env: string[]) =>
  flag(value, { description, restart: true, ...(env.length > 0 ? { env } : {}) });

/** The switch of a module that a later version brings. */
const planned = (value: boolean, description: string, ...env: string[]) =>
  flag(value, { description, restart: true, planned: true, ...(env.length > 0 ? { env } : {}) });

/** The key that answers for every switch nobody has set. */
export const FEATURES_DEFAULT_KEY = "features.default";
export const FEATURES_PREFIX = "features.";

export const features = section("What is switched on", {
  default: oneOf("on", ["on", "off"], {
    description: "What a switch that nobody has set counts as: on for its own default, off for off",
    spellings: { true: "on", false: "off" },
    restart: true,
  }),
  dashboard: feature(true, "The dashboard", "ENABLE_ADVANCED_DASHBOARD"),
  graphql: feature(true, "The GraphQL endpoint", "ENABLE_GRAPHQL_API"),
  liveMetrics: feature(true, "The live-metrics socket", "ENABLE_LIVE_METRICS"),
  queryCache: feature(true, "Caching of query answers", "ENABLE_QUERY_OPTIMIZATION", "QUERY_CACHE_ENABLED"),
  queryOptimization: planned(true, "The hot-query report and its index advice", "ENABLE_QUERY_OPTIMIZATION"),
  analytics: planned(true, "Anomalies, trends and reliability scores", "ENABLE_ADVANCED_METRICS"),
  plugins: feature(true, "Plugins", "ENABLE_PLUGIN_SYSTEM"),
  scheduler: planned(true, "Jobs on a schedule"),
  queries: planned(true, "Saved queries, datasources and dashboards"),
  logger: feature(true, "Collecting and searching of logs"),
  alerts: feature(true, "Alert rules and notifications"),
  checks: planned(true, "Checks of what should be up"),
  backups: planned(true, "Backups"),
  recovery: planned(true, "Integrity checks and repair"),
  profiler: feature(true, "Timing of operations"),
  upstreams: planned(true, "Pools of upstream services"),
  webhooks: planned(false, "Webhooks, in and out"),
  metricsExport: planned(false, "Pushing of metrics to other systems"),
  gateway: planned(false, "The streaming proxy to upstreams"),
  llm: planned(false, "Calls to LLM providers"),
  statsd: planned(false, "The StatsD listener"),
});
