/** What an operation can be, and what a person reads beside it. */
export const OPERATION_KINDS = {
  http: "HTTP route",
  control: "Command on the control socket",
  graphql: "GraphQL operation",
  resolver: "GraphQL field resolver, sampled",
  plugin: "Plugin call",
  timer: "Recurring task",
  delivery: "Delivery of the outbox",
  write: "Unit of work of a database",
  config: "Reload of the configuration",
  app: "Operation of an application",
} as const;

export type OperationKind = keyof typeof OPERATION_KINDS;
export const OPERATION_KIND_NAMES = Object.keys(OPERATION_KINDS) as OperationKind[];

/** How far back statistics look. */
export const STATISTICS_WINDOWS = ["15m", "1h", "6h", "24h", "7d"] as const;
export type StatisticsWindow = (typeof STATISTICS_WINDOWS)[number];

/** What statistics can be sorted by; the largest first, names from A to Z. */
export const STATISTICS_ORDERS = [
  "total",
  "calls",
  "errors",
  "average",
  "max",
  "p95",
  "p99",
  "lastSeen",
  "name",
] as const;
export type StatisticsOrder = (typeof STATISTICS_ORDERS)[number];
