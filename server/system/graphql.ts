import type { GraphFeature } from "../http/graphql-types.ts";
import type { SystemStatus, SystemView } from "./model.ts";
import type { System } from "./service.ts";

/** `systemStatus` and `system`. */
export const systemGraph =
  (system: System): GraphFeature =>
  (builder) => {
    const status = builder.objectRef<SystemStatus>("SystemStatus").implement({
      description: "Which features are on",
      fields: (t) => ({
        timestamp: t.expose("timestamp", { type: "DateTime" }),
        loggerEnabled: t.exposeBoolean("loggerEnabled"),
        alertsEnabled: t.exposeBoolean("alertsEnabled"),
        backupsEnabled: t.exposeBoolean("backupsEnabled"),
        profilerEnabled: t.exposeBoolean("profilerEnabled"),
        recoveryEnabled: t.exposeBoolean("recoveryEnabled"),
        dashboardEnabled: t.exposeBoolean("dashboardEnabled"),
        graphqlEnabled: t.exposeBoolean("graphqlEnabled"),
        liveMetricsEnabled: t.exposeBoolean("liveMetricsEnabled"),
        queryCacheEnabled: t.exposeBoolean("queryCacheEnabled"),
      }),
    });
    const machine = builder.objectRef<SystemView>("System").implement({
      description: "This machine, and the Binnacle on it",
      fields: (t) => ({
        hostname: t.exposeString("hostname"),
        os: t.exposeString("os"),
        kernel: t.exposeString("kernel"),
        arch: t.exposeString("arch"),
        cpuModel: t.exposeString("cpuModel"),
        cores: t.exposeInt("cores"),
        memoryBytes: t.expose("memoryBytes", { type: "Long" }),
        bootedAt: t.expose("bootedAt", { type: "DateTime" }),
        version: t.exposeString("version"),
        commit: t.exposeString("commit"),
        builtAt: t.exposeString("builtAt"),
        startedAt: t.expose("startedAt", { type: "DateTime" }),
        dataFolder: t.exposeString("dataFolder"),
      }),
    });
    builder.queryFields((t) => ({
      systemStatus: t.field({ type: status, access: "system:read", resolve: () => system.status() }),
      system: t.field({ type: machine, access: "system:read", resolve: () => system.describe() }),
    }));
  };
