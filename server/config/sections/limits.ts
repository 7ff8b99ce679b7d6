import { flag, int, section } from "../setting-types.ts";

const bucket = (perMinute: number, burst: number, description: string) =>
  section(description, {
    perMinute: int(perMinute, 1, 10_000_000, { description: "Requests a minute, sustained" }),
    burst: int(burst, 1, 10_000_000, { description: "Requests at once before the sustained rate counts" }),
  });

export const limits = section("Request rates; each class of caller has its own", {
  api: bucket(600, 40, "REST by token"),
  graphql: bucket(100, 100, "GraphQL by token"),
  dashboard: bucket(6_000, 600, "Signed-in dashboard"),
  anonymous: bucket(1_200, 200, "Assets and open paths, a client address"),
  login: bucket(10, 10, "Sign-in and set-up attempts, a client address"),
  ingest: bucket(60_000, 2_000, "Telemetry that applications send, by token"),
  sockets: bucket(600, 120, "WebSocket upgrades, a client"),
});

export const graphql = section("The GraphQL endpoint", {
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
});
