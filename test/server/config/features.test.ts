import { describe, expect, test } from "bun:test";
import { parseLayer } from "../../../server/config/config-file.ts";
import { Configuration } from "../../../server/config/configuration.ts";
import { environmentLayer } from "../../../server/config/environment.ts";
import type { SettingKey } from "../../../server/config/schema.ts";

const written = (environment: Record<string, string>, key: SettingKey): unknown =>
  new Configuration([environmentLayer(environment)]).merged.written.get(key);

describe("feature switches", () => {
  test("what a dropped binary needs is on; what speaks to the outside is off", () => {
    const { features } = new Configuration([]).settings;
    const off = Object.entries(features).filter(([, value]) => value === false);
    expect(off.map(([name]) => name)).toEqual(["webhooks", "metricsExport", "gateway", "llm", "statsd"]);
  });

  test("with the default off nothing is on but what is switched on by itself", () => {
    const configuration = new Configuration([
      parseLayer("features:\n  default: off\n  graphql: on\n", "binnacle.yaml", "file"),
    ]);
    const { default: _default, ...switches } = configuration.settings.features;
    expect(Object.entries(switches).filter(([, value]) => value)).toEqual([["graphql", true]]);
    expect(configuration.origins.get("features.dashboard")).toBe("features.default (binnacle.yaml)");
    expect(written({ BINNACLE_FEATURES__DEFAULT: "false" }, "features.plugins")).toBe(false);
  });
});

describe("the names of existing manifests", () => {
  test.each([
    ["ENABLE_GRAPHQL_API", "false", "features.graphql", false],
    ["ENABLE_PLUGIN_SYSTEM", "0", "features.plugins", false],
    ["AUTO_LOAD_PLUGINS", "no", "plugins.autoLoad", false],
    ["ENABLE_ADVANCED_DASHBOARD", "off", "features.dashboard", false],
    ["ENABLE_LIVE_METRICS", "False", "features.liveMetrics", false],
    ["ENABLE_QUERY_OPTIMIZATION", "false", "features.queryOptimization", false],
    ["QUERY_CACHE_ENABLED", "false", "features.queryCache", false],
    ["ENABLE_ADVANCED_METRICS", "FALSE", "features.analytics", false],
    ["PLUGINS_DIR", "/srv/plugins", "plugins.folder", "/srv/plugins"],
    ["PLUGIN_TIMEOUT", "30", "plugins.timeoutSeconds", 30],
    ["PLUGIN_MEMORY_LIMIT", "512", "plugins.memoryLimitMib", 512],
    ["PLUGIN_MEMORY_LIMIT", "512MB", "plugins.memoryLimitMib", 512],
    ["PLUGIN_MEMORY_LIMIT", "1Gi", "plugins.memoryLimitMib", 1_024],
    ["PLUGIN_SANDBOX", "false", "plugins.sandbox", "best-effort"],
    ["PLUGIN_SANDBOX", "true", "plugins.sandbox", "required"],
    ["PLUGIN_SANDBOX", "best-effort", "plugins.sandbox", "best-effort"],
    ["PLUGIN_ALLOWED_CAPABILITIES", "net, read", "plugins.allowedCapabilities", ["net", "read"]],
    ["PLUGIN_ALLOWED_IMPORTS", "node:path", "plugins.allowedImports", ["node:path"]],
    ["CONNECTION_POOLING", "false", "storage.pooling", false],
    ["CONNECTION_POOL_SIZE", "8", "storage.poolSize", 8],
    ["QUERY_CACHE_TTL", "60", "queryCache.ttlSeconds", 60],
    ["CACHE_KEY_PREFIX", "ops:", "queryCache.keyPrefix", "ops:"],
    ["INDEX_HOT_QUERIES", "true", "storage.indexHotQueries", true],
    ["GRAPHQL_INTROSPECTION", "false", "graphql.introspection", false],
    ["DASHBOARD_AUTH", "false", "dashboard.auth", false],
    ["DASHBOARD_REFRESH", "10", "liveMetrics.defaultIntervalSeconds", 10],
  ] as const)("%s=%s is %s", (name, text, key, value) => {
    expect(written({ [name]: text }, key)).toEqual(value);
  });

  test("the query cache follows the optimization as a whole, unless it is switched by itself", () => {
    expect(written({ ENABLE_QUERY_OPTIMIZATION: "false" }, "features.queryCache")).toBe(false);
    const both = { ENABLE_QUERY_OPTIMIZATION: "false", QUERY_CACHE_ENABLED: "true" };
    expect(written(both, "features.queryCache")).toBe(true);
    expect(written({ ...both, BINNACLE_FEATURES__QUERY_CACHE: "false" }, "features.queryCache")).toBe(false);
  });

  test("redis as the backend of the cache asks for its address", () => {
    expect(() => new Configuration([environmentLayer({ QUERY_CACHE_BACKEND: "redis" })])).toThrow(/redisUrl/);
  });

  test("an empty variable says nothing, except where empty is a value", () => {
    expect(written({ PLUGIN_TIMEOUT: "", ENABLE_GRAPHQL_API: " " }, "plugins.timeoutSeconds")).toBe(300);
    expect(written({ CACHE_KEY_PREFIX: "" }, "queryCache.keyPrefix")).toBe("");
  });
});
