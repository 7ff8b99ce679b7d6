import { flag, int, oneOf, section, text } from "../setting-types.ts";

const MIB = 1_024 * 1_024;
const CACHE_BACKENDS = ["memory", "redis"] as const;

export const metrics = section("What is sampled and kept", {
  intervalSeconds: int(5, 1, 60, { description: "Time between two samples" }),
  rawDays: int(15, 1, 3_650, { description: "How long every sample is kept" }),
  minuteDays: int(90, 1, 3_650, { description: "How long the one-minute summary is kept" }),
  hourDays: int(730, 1, 36_500, { description: "How long the one-hour summary is kept" }),
  maxSeries: int(10_000, 100, 1_000_000, {
    description: "Most series; a further one is refused and counted",
  }),
  maxHistoricalPoints: int(500, 10, 5_000, { description: "Most points of one drawn series" }),
  budgetBytes: int(1_024 * MIB, 16 * MIB, 1_024 * 1_024 * MIB, {
    description: "Largest size of the samples file; the oldest go first",
  }),
});

export const storage = section("The data folder", {
  minFreePercent: int(5, 0, 50, { description: "Samples pause below this share of free disk" }),
  pooling: flag(true, {
    description: "Whether heavy reads run on reader workers of their own",
    env: ["CONNECTION_POOLING"],
    restart: true,
    planned: true,
  }),
  poolSize: int(2, 1, 64, {
    description: "Reader workers",
    env: ["CONNECTION_POOL_SIZE"],
    restart: true,
    planned: true,
  }),
  indexHotQueries: flag(false, {
    description: "Whether advised indexes of hot queries are created, and unused ones dropped",
    env: ["INDEX_HOT_QUERIES"],
    planned: true,
  }),
});

export const liveMetrics = section("The live-metrics socket", {
  defaultIntervalSeconds: int(5, 1, 60, {
    description: "Time between two deltas unless the reader asks otherwise",
    env: ["DASHBOARD_REFRESH"],
  }),
  maxConnections: int(20_000, 1, 200_000, { description: "Most sockets at once" }),
  resumeSeconds: int(120, 0, 3_600, {
    description: "How long a lost reader can come back without a gap",
  }),
});

export const queryCache = section("Cached answers of GraphQL queries", {
  ttlSeconds: int(300, 1, 86_400, { description: "Oldest answer served", env: ["QUERY_CACHE_TTL"] }),
  maxEntries: int(1_000, 1, 100_000, { description: "Most answers kept" }),
  backend: oneOf("memory", CACHE_BACKENDS, {
    description: "Where answers are kept",
    env: ["QUERY_CACHE_BACKEND"],
    restart: true,
    planned: true,
  }),
  redisUrl: text("", {
    description: "Address of Redis or Valkey for the backend redis",
    pattern: "^(rediss?://.+)?$",
    restart: true,
    secret: true,
    planned: true,
  }),
  keyPrefix: text("binnacle:", {
    description: "What the keys in Redis begin with",
    env: ["CACHE_KEY_PREFIX"],
    maxLength: 100,
    restart: true,
    planned: true,
  }),
});
