import { GraphQLError, Kind } from "graphql";
import { type GraphBuilder, type GraphFeature, pageOf, WORK } from "../http/graphql-types.ts";
import { INTERVAL_RANGE } from "./live/client-message.ts";
import {
  type CurrentMetrics,
  DEFAULT_PAGE,
  type MetricsStatus,
  type MetricView,
  type ProcessList,
  type ProcessView,
  type SeriesHistory,
  type SeriesView,
} from "./model.ts";
import type { Metrics } from "./service.ts";

const DEFAULT_INTERVAL_SECONDS = 5;
/** A drawn series changes with every stored sample; within this, many dashboards share one reading. */
const HISTORY_TTL_SECONDS = 2;

/** Metrics as a graph: the verbs and limits of the REST routes, and the live values as a subscription. */
export const metricGraph =
  (metrics: Metrics): GraphFeature =>
  (builder) => {
    addMoment(builder);
    const types = metricTypes(builder);
    addQueries(builder, types, metrics);
    addSubscription(builder, types, metrics);
  };

type MetricTypes = ReturnType<typeof metricTypes>;

interface Point {
  t: number;
  min: number | null;
  max: number | null;
  avg: number | null;
}

function addMoment(builder: GraphBuilder): void {
  const readMoment = (value: unknown): number | string => {
    if (typeof value === "number" || typeof value === "string") return value;
    throw new GraphQLError("Moment takes epoch milliseconds, an ISO 8601 text, now, or a text such as -90m.");
  };
  builder.scalarType("Moment", {
    description:
      "Epoch milliseconds, an ISO 8601 text with a zone, `now`, or relative such as `-90m` (s m h d w)",
    serialize: (value) => value,
    parseValue: readMoment,
    parseLiteral: (node) => {
      if (node.kind === Kind.STRING) return node.value;
      return readMoment(node.kind === Kind.INT ? Number(node.value) : undefined);
    },
  });
}

function metricTypes(builder: GraphBuilder) {
  const metric = builder.objectRef<MetricView & { at: number }>("Metric").implement({
    description: "The latest value of a series",
    fields: (t) => ({
      key: t.exposeString("key"),
      name: t.exposeString("name"),
      labels: t.expose("labels", { type: "JSON" }),
      unit: t.exposeString("unit"),
      value: t.exposeFloat("value"),
      at: t.expose("at", { type: "Long", description: "When it was sampled, epoch milliseconds" }),
    }),
  });
  const liveMetrics = builder.objectRef<CurrentMetrics>("LiveMetrics").implement({
    description: "One sampling",
    fields: (t) => ({
      at: t.expose("at", { type: "Long", description: "Epoch milliseconds" }),
      metrics: t.field({ type: [metric], resolve: withTime }),
    }),
  });
  const series = builder.objectRef<SeriesView>("Series").implement({
    description: "What is measured",
    fields: (t) => ({
      key: t.exposeString("key", { description: 'The name, or name{label="value",…}' }),
      name: t.exposeString("name"),
      labels: t.expose("labels", { type: "JSON" }),
      unit: t.exposeString("unit"),
      help: t.exposeString("help", { description: "What a value means" }),
      kind: t.exposeString("kind", { description: "gauge or counter" }),
      firstSeenAt: t.expose("firstSeenAt", { type: "DateTime" }),
      lastSeenAt: t.expose("lastSeenAt", { type: "DateTime" }),
    }),
  });
  return {
    metric,
    liveMetrics,
    seriesPage: pageOf(builder, "Series", series),
    history: historyType(builder),
    processList: processListType(builder),
    status: statusType(builder),
  };
}

function historyType(builder: GraphBuilder) {
  const point = builder.objectRef<Point>("MetricPoint").implement({
    description: "One point of a drawn series; nulls are a gap",
    fields: (t) => ({
      t: t.expose("t", { type: "Long", description: "Epoch milliseconds" }),
      min: t.exposeFloat("min", { nullable: true }),
      max: t.exposeFloat("max", { nullable: true }),
      avg: t.exposeFloat("avg", { nullable: true }),
    }),
  });
  return builder.objectRef<SeriesHistory>("MetricSeries").implement({
    description: "A drawn series: as points, or as columns of equal length, which cost a query less",
    fields: (t) => {
      const column = (name: "min" | "max" | "avg") =>
        t.field({ type: t.listRef("Float", { nullable: true }), resolve: (history) => history[name] });
      return {
        key: t.exposeString("key"),
        name: t.exposeString("name"),
        labels: t.expose("labels", { type: "JSON" }),
        unit: t.exposeString("unit"),
        resolution: t.exposeString("resolution", { description: "raw, 1m or 1h" }),
        stepMs: t.exposeFloat("stepMs", { description: "Distance of the samples, or width of the buckets" }),
        last: t.exposeFloat("last", { nullable: true, description: "The newest value of the range" }),
        points: t.field({ type: [point], resolve: pointsOf }),
        t: t.field({ type: ["Long"], resolve: (history) => history.t }),
        min: column("min"),
        max: column("max"),
        avg: column("avg"),
      };
    },
  });
}

function processListType(builder: GraphBuilder) {
  const process = builder.objectRef<ProcessView>("Process").implement({
    fields: (t) => ({
      pid: t.exposeInt("pid"),
      name: t.exposeString("name"),
      command: t.exposeString("command", { description: "The whole command, secrets left out" }),
      user: t.exposeString("user"),
      cpuPercent: t.exposeFloat("cpuPercent", { description: "Share of all cores, 0 to 100" }),
      memoryBytes: t.expose("memoryBytes", { type: "Long", description: "Resident memory" }),
      threads: t.exposeInt("threads"),
      startedAt: t.expose("startedAt", { type: "DateTime" }),
    }),
  });
  return builder.objectRef<ProcessList>("ProcessList").implement({
    description: "The processes that use the most",
    fields: (t) => ({
      at: t.expose("at", { type: "Long", description: "When they were read, epoch milliseconds" }),
      items: t.field({ type: [process], resolve: (list) => list.items }),
    }),
  });
}

function statusType(builder: GraphBuilder) {
  return builder.objectRef<MetricsStatus>("MetricsStatus").implement({
    description: "How sampling, storing and live reading fare",
    fields: (t) => ({
      intervalSeconds: t.exposeInt("intervalSeconds", { description: "Time between stored samples" }),
      samplingSeconds: t.exposeInt("samplingSeconds", { description: "Time between samplings now" }),
      seriesCount: t.exposeInt("seriesCount"),
      storedSeriesCount: t.exposeInt("storedSeriesCount"),
      lastSampleAt: t.expose("lastSampleAt", { type: "Long", nullable: true }),
      lastSampleAgeMs: t.exposeFloat("lastSampleAgeMs", { nullable: true }),
      pausedReason: t.exposeString("pausedReason", {
        nullable: true,
        description: "Why samples are not being stored",
      }),
      droppedSamplings: t.exposeInt("droppedSamplings"),
      refusedSamples: t.expose("refusedSamples", { type: "Long" }),
      failingCollectors: t.exposeStringList("failingCollectors"),
      sizeBytes: t.expose("sizeBytes", { type: "Long" }),
      liveReaders: t.exposeInt("liveReaders"),
      droppedReaders: t.exposeInt("droppedReaders"),
    }),
  });
}

function addQueries(builder: GraphBuilder, types: MetricTypes, metrics: Metrics): void {
  builder.queryFields((t) => ({
    metrics: t.field({
      type: [types.metric],
      access: "metrics:read",
      description: "The latest value of every series, or of those named",
      args: {
        names: t.arg.stringList({ description: "Names or keys of series" }),
        search: t.arg.string({ description: "Words that the key contains, all of them" }),
      },
      resolve: (_root, { names, search }) => withTime(metrics.current(names ?? [], search ?? "")),
    }),
    series: t.field({
      type: types.seriesPage,
      access: "metrics:read",
      description: "The series there are, by key",
      args: {
        search: t.arg.string({ description: "Words that the key or the description contains, all of them" }),
        limit: t.arg.int({ defaultValue: DEFAULT_PAGE }),
        cursor: t.arg.string(),
      },
      resolve: (_root, { search, limit, cursor }) =>
        metrics.listSeries({
          limit: limit ?? DEFAULT_PAGE,
          ...(search ? { search } : {}),
          ...(cursor ? { cursor } : {}),
        }),
    }),
    metricSeries: t.field({
      type: [types.history],
      access: "metrics:read",
      cost: WORK.search,
      cache: { tags: ["metrics"], ttlSeconds: HISTORY_TTL_SECONDS },
      description: "Draws up to 20 series over a range; those without samples are left out",
      args: {
        series: t.arg.stringList({ required: true, description: "Keys of series" }),
        from: t.arg({ type: "Moment", description: "An hour before the end unless given" }),
        to: t.arg({ type: "Moment", description: "Now unless given" }),
        points: t.arg.int({ description: "Most points of each series" }),
      },
      resolve: async (_root, args) => (await metrics.query(args)).series,
    }),
    metricsStatus: t.field({
      type: types.status,
      access: "metrics:read",
      resolve: () => metrics.status(),
    }),
    processes: t.field({
      type: types.processList,
      access: "metrics:read",
      resolve: () => metrics.processes(),
    }),
  }));
}

function addSubscription(builder: GraphBuilder, types: MetricTypes, metrics: Metrics): void {
  builder.subscriptionField("liveMetrics", (t) =>
    t.field({
      type: types.liveMetrics,
      access: "metrics:read",
      description: "All values at each interval, the latest at once",
      args: {
        intervalSeconds: t.arg.int({ defaultValue: DEFAULT_INTERVAL_SECONDS, description: INTERVAL_RANGE }),
        series: t.arg.stringList({ description: "Names or keys of series" }),
      },
      subscribe: (_root, { intervalSeconds, series }) =>
        metrics.watch(intervalSeconds ?? DEFAULT_INTERVAL_SECONDS, series ?? []),
      resolve: (sample) => sample,
    }),
  );
}

const withTime = ({ at, items }: CurrentMetrics): (MetricView & { at: number })[] =>
  items.map((item) => ({ ...item, at }));

const pointsOf = ({ t, min, max, avg }: SeriesHistory): Point[] =>
  t.map((at, i) => ({ t: at, min: min[i] ?? null, max: max[i] ?? null, avg: avg[i] ?? null }));
