import { type Static, type TProperties, type TSchema, Type } from "@sinclair/typebox";
import { LOG_LEVELS } from "../../schema/rules/log-levels.ts";

/** Keywords of ours beside the JSON Schema ones. */
export interface SettingOptions {
  /** One sentence: what it does. */
  description: string;
  /** It takes effect at the next start only. */
  restart?: boolean;
  /** Environment names honoured beside `BINNACLE_SECTION__KEY`. */
  env?: string[];
}

const section = <P extends TProperties>(description: string, properties: P) =>
  Type.Object(properties, { description, additionalProperties: false, default: {} });
const int = (value: number, minimum: number, maximum: number, options: SettingOptions) =>
  Type.Integer({ default: value, minimum, maximum, ...options });
const flag = (value: boolean, options: SettingOptions) => Type.Boolean({ default: value, ...options });
const text = (value: string, options: SettingOptions & { maxLength?: number; pattern?: string }) =>
  Type.String({ default: value, maxLength: 1_024, ...options });
const list = (options: SettingOptions) =>
  Type.Array(Type.String({ maxLength: 255 }), { default: [], maxItems: 100, ...options });
const oneOf = <T extends string>(value: T, values: readonly T[], options: SettingOptions) =>
  // TypeBox checks the pattern; `enum` is what editors and error messages read.
  Type.Unsafe<T>(
    Type.String({ enum: values, pattern: `^(?:${values.join("|")})$`, default: value, ...options }),
  );

const bucket = (perMinute: number, burst: number, description: string) =>
  section(description, {
    perMinute: int(perMinute, 1, 10_000_000, { description: "Requests a minute, sustained" }),
    burst: int(burst, 1, 10_000_000, { description: "Requests at once before the sustained rate counts" }),
  });

const HOUR = 3_600;
const MIB = 1_024 * 1_024;

/** All settings: their types, limits, defaults and words. Validates, documents and types; the one source of each. */
export const SettingsSchema = Type.Object(
  {
    server: section("Where and how the server answers", {
      host: text("127.0.0.1", { description: "Address to listen on", restart: true }),
      port: int(8000, 0, 65_535, { description: "Port to listen on; 0 takes a free one", restart: true }),
      publicUrl: text("", {
        description:
          "The address people use, when a proxy stands before Binnacle; feeds every link that leaves",
        pattern: "^(https?://[^/?#]+)?/?$",
      }),
      allowedHosts: list({
        description: "Host names to answer under, beside loopback, the listening address and publicUrl",
      }),
      bodyLimitBytes: int(MIB, 1_024, 64 * MIB, { description: "Largest request body" }),
      drainSeconds: int(8, 0, 60, {
        description: "How long requests under way may take once the server stops",
      }),
    }),
    log: section("Binnacle's own log", {
      level: oneOf("info", LOG_LEVELS, { description: "The least severe lines that are kept" }),
    }),
    session: section("Signed-in browsers", {
      idleSeconds: int(24 * HOUR, 60, 90 * 24 * HOUR, {
        description: "A session ends after this time without a request",
      }),
      absoluteSeconds: int(14 * 24 * HOUR, 60, 365 * 24 * HOUR, {
        description: "A session ends after this time in any case",
      }),
    }),
    limits: section("Request rates; each class of caller has its own", {
      api: bucket(600, 40, "REST by token"),
      graphql: bucket(100, 100, "GraphQL by token"),
      dashboard: bucket(6_000, 600, "Signed-in dashboard"),
      anonymous: bucket(1_200, 200, "Assets and open paths, a client address"),
      login: bucket(10, 10, "Sign-in and set-up attempts, a client address"),
      sockets: bucket(600, 120, "WebSocket upgrades, a client"),
    }),
    graphql: section("The GraphQL endpoint", {
      introspection: flag(true, {
        description: "Whether the schema can be asked for",
        env: ["GRAPHQL_INTROSPECTION"],
      }),
      maxDepth: int(10, 1, 50, { description: "Deepest nesting of fields" }),
      maxComplexity: int(1_000, 10, 1_000_000, {
        description: "Largest cost; a field costs one, lists multiply",
      }),
      maxAliases: int(30, 0, 1_000, { description: "Most aliases in one operation" }),
      maxTokens: int(2_000, 50, 100_000, { description: "Most tokens in one document" }),
    }),
    metrics: section("What is sampled and kept", {
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
    }),
    storage: section("The data folder", {
      minFreePercent: int(5, 0, 50, { description: "Samples pause below this share of free disk" }),
    }),
    liveMetrics: section("The live-metrics socket", {
      defaultIntervalSeconds: int(5, 1, 60, {
        description: "Time between two deltas unless the reader asks otherwise",
      }),
      maxConnections: int(20_000, 1, 200_000, { description: "Most sockets at once" }),
      resumeSeconds: int(120, 0, 3_600, {
        description: "How long a lost reader can come back without a gap",
      }),
    }),
    queryCache: section("Cached answers of GraphQL queries", {
      ttlSeconds: int(300, 1, 86_400, { description: "Oldest answer served", env: ["QUERY_CACHE_TTL"] }),
      maxEntries: int(1_000, 1, 100_000, { description: "Most answers kept" }),
    }),
    features: section("What is switched on", {
      dashboard: flag(true, {
        description: "The dashboard",
        env: ["ENABLE_ADVANCED_DASHBOARD"],
        restart: true,
      }),
      graphql: flag(true, {
        description: "The GraphQL endpoint",
        env: ["ENABLE_GRAPHQL_API"],
        restart: true,
      }),
      liveMetrics: flag(true, {
        description: "The live-metrics socket",
        env: ["ENABLE_LIVE_METRICS"],
        restart: true,
      }),
      queryCache: flag(true, {
        description: "Caching of query answers",
        env: ["QUERY_CACHE_ENABLED", "ENABLE_QUERY_OPTIMIZATION"],
        restart: true,
      }),
    }),
  },
  { additionalProperties: false, default: {} },
);

/** Every setting with its value. */
export type Settings = Static<typeof SettingsSchema>;

/** One leaf of the schema: its dotted key and its JSON Schema. */
export interface SettingDefinition {
  key: string;
  schema: TSchema & Partial<SettingOptions>;
}

export const ENVIRONMENT_PREFIX = "BINNACLE_";

/** `limits.api.perMinute` → `BINNACLE_LIMITS__API__PER_MINUTE`. */
export function environmentName(key: string): string {
  const name = key.replace(/([a-z])([A-Z])/g, "$1_$2").replaceAll(".", "__");
  return `${ENVIRONMENT_PREFIX}${name.toUpperCase()}`;
}

/** The leaves in the order of the schema. */
export const SETTINGS: readonly SettingDefinition[] = leaves(SettingsSchema, "");

function leaves(schema: TSchema, prefix: string): SettingDefinition[] {
  const properties: Record<string, TSchema> = schema.properties ?? {};
  return Object.entries(properties).flatMap(([name, child]) => {
    const key = prefix ? `${prefix}.${name}` : name;
    return child.type === "object" ? leaves(child, key) : [{ key, schema: child }];
  });
}
