import { OPERATION_KIND_NAMES, STATISTICS_ORDERS } from "../../schema/rules/operations.ts";
import { type GraphBuilder, type GraphFeature, WORK } from "../http/graphql-types.ts";
import type { Suggestion } from "./advice/suggestion.ts";
import { DEFAULT_PAGE, DEFAULT_SLOW_LIMIT, MAX_PAGE, type SlowView, type StatisticsView } from "./model.ts";
import { type ProfilerVerbs, slowest } from "./rest.ts";
import { statisticsView } from "./views.ts";

/** GraphQL names do not begin with a digit. */
const WINDOW_NAMES = {
  MINUTES_15: { value: "15m" },
  HOUR_1: { value: "1h" },
  HOURS_6: { value: "6h" },
  HOURS_24: { value: "24h" },
  DAYS_7: { value: "7d" },
} as const;

/** The profiler as a graph: the verbs and limits of the REST routes. */
export const profilerGraph =
  ({ profiler, advice, slowSeconds }: ProfilerVerbs): GraphFeature =>
  (builder) => {
    const kind = builder.enumType("OperationKind", { values: OPERATION_KIND_NAMES });
    const order = builder.enumType("OperationOrder", { values: STATISTICS_ORDERS });
    const window = builder.enumType("OperationWindow", { values: WINDOW_NAMES });
    const statistics = statisticsType(builder);
    const slow = slowType(builder);
    const suggestion = suggestionType(builder);
    builder.queryFields((t) => ({
      operationStats: t.field({
        type: [statistics],
        access: "profiler:read",
        cost: WORK.search,
        description: "How long operations took, how often they ran and failed",
        args: {
          operation: t.arg.string({ description: "Only those of exactly this name" }),
          kind: t.arg({ type: kind }),
          window: t.arg({ type: window, defaultValue: "24h" }),
          sort: t.arg({ type: order, defaultValue: "total" }),
          limit: t.arg.int({ defaultValue: DEFAULT_PAGE }),
        },
        resolve: async (_root, args) => {
          const { items, from, to } = await profiler.statistics({
            operation: args.operation ?? undefined,
            kinds: args.kind ? [args.kind] : undefined,
            window: args.window ?? "24h",
            sort: args.sort ?? "total",
            limit: within(args.limit, DEFAULT_PAGE),
          });
          return items.map((one) => statisticsView(one, to - from));
        },
      }),
      optimizationSuggestions: t.field({
        type: [suggestion],
        access: "profiler:read",
        cost: WORK.search,
        description: "What could be better, and what shows it",
        resolve: () => advice.suggestions(),
      }),
      slowOperations: t.field({
        type: [slow],
        access: "profiler:read",
        cost: WORK.search,
        description: "The slowest of the operations kept as slow",
        args: {
          threshold: t.arg.float({ description: "At least so many seconds" }),
          limit: t.arg.int({ defaultValue: DEFAULT_SLOW_LIMIT }),
          kind: t.arg({ type: kind }),
          operation: t.arg.string(),
        },
        resolve: (_root, args) =>
          slowest(profiler, {
            threshold: args.threshold ?? slowSeconds(),
            limit: within(args.limit, DEFAULT_SLOW_LIMIT),
            kind: args.kind ?? undefined,
            operation: args.operation ?? undefined,
          }),
      }),
    }));
  };

const within = (limit: number | null | undefined, usual: number): number =>
  Math.min(MAX_PAGE, Math.max(1, limit ?? usual));

function statisticsType(builder: GraphBuilder) {
  return builder.objectRef<StatisticsView>("OperationStats").implement({
    description: "How one operation went; durations are in seconds",
    fields: (t) => ({
      id: t.exposeInt("id"),
      operation: t.exposeString("operation"),
      kind: t.exposeString("kind"),
      service: t.exposeString("service"),
      callCount: t.expose("callCount", { type: "Long" }),
      errorCount: t.expose("errorCount", { type: "Long" }),
      throughput: t.exposeFloat("throughput", { description: "Calls a second" }),
      averageDuration: t.exposeFloat("averageDuration"),
      minDuration: t.exposeFloat("minDuration"),
      maxDuration: t.exposeFloat("maxDuration"),
      p50Duration: t.exposeFloat("p50Duration", {
        description: "Exact to 1 %, as are the other percentiles",
      }),
      p95Duration: t.exposeFloat("p95Duration"),
      p99Duration: t.exposeFloat("p99Duration"),
      totalDuration: t.exposeFloat("totalDuration"),
      lastSeenAt: t.expose("lastSeenAt", { type: "DateTime" }),
    }),
  });
}

function suggestionType(builder: GraphBuilder) {
  return builder.objectRef<Suggestion>("OptimizationSuggestion").implement({
    fields: (t) => ({
      kind: t.exposeString("kind", { description: "Which rule found it" }),
      subject: t.exposeString("subject", { description: "The operation, table or plugin it is about" }),
      finding: t.exposeString("finding"),
      action: t.exposeString("action"),
      evidence: t.expose("evidence", { type: "JSON" }),
    }),
  });
}

function slowType(builder: GraphBuilder) {
  return builder.objectRef<SlowView>("SlowOperation").implement({
    description: "An operation that took longer than it should; durations are in seconds",
    fields: (t) => ({
      id: t.exposeInt("id"),
      operation: t.exposeString("operation"),
      kind: t.exposeString("kind"),
      service: t.exposeString("service"),
      duration: t.exposeFloat("duration"),
      threshold: t.exposeFloat("threshold"),
      failed: t.exposeBoolean("failed"),
      at: t.expose("at", { type: "DateTime" }),
      correlationId: t.exposeString("correlationId", { nullable: true }),
      traceId: t.exposeString("traceId", { nullable: true }),
      principal: t.exposeString("principal", { nullable: true }),
      attributes: t.expose("attributes", { type: "JSON" }),
    }),
  });
}
