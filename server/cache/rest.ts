import { guard, routes } from "../http/guard.ts";
import type { Cache } from "./cache.ts";
import { CacheStatisticsView } from "./model.ts";

/** How the cache of query answers does, and how to empty it. */
export const cacheRoutes = (answers: Cache<string>) =>
  routes("cache")
    .get(
      "/api/v3/cache",
      () => answers.statistics,
      guard("cache:read", { summary: "How the cache of query answers does", response: CacheStatisticsView }),
    )
    .delete(
      "/api/v3/cache",
      () => answers.clear(),
      guard("cache:write", { summary: "Empty the cache of query answers" }),
    );
