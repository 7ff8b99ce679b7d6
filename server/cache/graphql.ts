import type { GraphFeature } from "../http/graphql-types.ts";
import type { Cache, CacheStatistics } from "./cache.ts";

/** `cacheStats` and `clearCache`. */
export const cacheGraph =
  (answers: Cache<string>): GraphFeature =>
  (builder) => {
    const statistics = builder.objectRef<CacheStatistics>("CacheStats").implement({
      description: "How the cache of query answers does; counters run since the start",
      fields: (t) => ({
        entries: t.exposeInt("entries"),
        sizeBytes: t.expose("sizeBytes", { type: "Long" }),
        hits: t.expose("hits", { type: "Long" }),
        misses: t.expose("misses", { type: "Long" }),
        shared: t.expose("shared", {
          type: "Long",
          description: "Asked while the same answer was being made: served by that",
        }),
        invalidations: t.expose("invalidations", { type: "Long" }),
      }),
    });
    builder.queryField("cacheStats", (t) =>
      t.field({ type: statistics, access: "cache:read", resolve: () => answers.statistics }),
    );
    builder.mutationField("clearCache", (t) =>
      t.field({
        type: statistics,
        access: "cache:write",
        description: "Empties the cache of query answers",
        resolve: () => {
          answers.clear();
          return answers.statistics;
        },
      }),
    );
  };
