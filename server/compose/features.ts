import type { Base } from "./base.ts";

/** Modules of features that are switched on: what is off is never evaluated. */
export async function loadFeatures({ configuration }: Base) {
  const { features } = configuration.settings;
  return {
    alerts: features.alerts ? await import("./alerts.ts") : undefined,
    graphql: features.graphql ? await import("../http/graphql/door.ts") : undefined,
    liveMetrics: features.liveMetrics ? await loadLiveMetrics() : undefined,
    logger: features.logger ? await import("./logs.ts") : undefined,
    plugins: features.plugins ? await import("./plugins.ts") : undefined,
    profiler: features.profiler ? await import("./profiler.ts") : undefined,
    queryCache: features.queryCache ? await import("../cache/rest.ts") : undefined,
  };
}

async function loadLiveMetrics() {
  const [{ LiveMetrics }, { liveMetricsSocket }] = await Promise.all([
    import("../metrics/live.ts"),
    import("../metrics/socket.ts"),
  ]);
  return { LiveMetrics, liveMetricsSocket };
}

export type Features = Awaited<ReturnType<typeof loadFeatures>>;
