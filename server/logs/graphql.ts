import { type GraphBuilder, type GraphFeature, pageOf, WORK } from "../http/graphql-types.ts";
import { acceptedInput } from "../security/accepted-input.ts";
import type { LiveItem } from "./live.ts";
import type {
  LineContext,
  LineHistogram,
  LineView,
  LineWindow,
  LoggerStats,
  SourceView,
  WatchedFileView,
} from "./model.ts";
import * as model from "./model.ts";
import type { Logs } from "./service.ts";
import { lineView } from "./views.ts";

const MAX_FILTER_WORDS = 'All of these: words, begin*, "phrases", -without, field=value';

/** Log lines as a graph: the verbs and limits of the REST routes, and lines as they come in. */
export const logGraph =
  (logs: Logs): GraphFeature =>
  (builder) => {
    const line = lineType(builder);
    addQueries(builder, line, logs);
    addCounts(builder, line, logs);
    addSubscription(builder, line, logs);
  };

type LineRef = ReturnType<typeof lineType>;

const lineType = (builder: GraphBuilder) =>
  builder.objectRef<LineView>("LogLine").implement({
    description: "A line of a log",
    fields: (t) => ({
      id: t.expose("id", { type: "Long", description: "Grows in the order of arrival" }),
      at: t.expose("at", { type: "DateTime", description: "When it was written" }),
      level: t.exposeString("level", { description: "debug, info, warning or error" }),
      source: t.exposeString("source", { description: "Who wrote it" }),
      message: t.exposeString("message"),
      fields: t.expose("fields", { type: "JSON" }),
      correlationId: t.exposeString("correlationId", { nullable: true }),
      traceId: t.exposeString("traceId", { nullable: true }),
      spanId: t.exposeString("spanId", { nullable: true }),
    }),
  });

/** Which lines, as every question takes it. */
const filter = (builder: GraphBuilder) =>
  builder.args((arg) => ({
    level: arg.stringList({ description: "Any of debug, info, warning, error" }),
    source: arg.stringList(),
    text: arg.string({ description: MAX_FILTER_WORDS }),
    correlationId: arg.string(),
    traceId: arg.string(),
  }));

const rangeFilter = (builder: GraphBuilder) => ({
  ...filter(builder),
  ...builder.args((arg) => ({ from: arg.field({ type: "Moment" }), to: arg.field({ type: "Moment" }) })),
});

function addQueries(builder: GraphBuilder, line: LineRef, logs: Logs): void {
  const page = pageOf(builder, "LogLine", line);
  const stats = statsType(builder);
  builder.queryFields((t) => ({
    loggerStats: t.field({
      type: stats,
      access: "logs:read",
      description: "How collecting and keeping of log lines fares",
      resolve: () => logs.stats(),
    }),
    recentLogs: t.field({
      type: page,
      access: "logs:read",
      cost: WORK.search,
      description: "Log lines, newest first, that pass a filter",
      args: {
        ...rangeFilter(builder),
        limit: t.arg.int({ defaultValue: model.DEFAULT_PAGE }),
        cursor: t.arg.string(),
      },
      resolve: (_root, args) => logs.recent(acceptedInput(model.LinesQuery, withTexts(args))),
    }),
  }));
}

/** Moments as the texts that the other edges take. */
const withTexts = <Args extends { from?: unknown; to?: unknown }>(args: Args) => ({
  ...args,
  from: args.from === undefined || args.from === null ? undefined : String(args.from),
  to: args.to === undefined || args.to === null ? undefined : String(args.to),
});

function statsType(builder: GraphBuilder) {
  const file = builder.objectRef<WatchedFileView>("WatchedLogFile").implement({
    description: "A file whose lines are taken",
    fields: (t) => ({
      path: t.exposeString("path"),
      source: t.exposeString("source"),
      sizeBytes: t.expose("sizeBytes", { type: "Long" }),
      readBytes: t.expose("readBytes", { type: "Long", description: "How far it was read" }),
      problem: t.exposeString("problem", { nullable: true, description: "Why it is not read" }),
    }),
  });
  return builder.objectRef<LoggerStats>("LoggerStats").implement({
    description: "How collecting and keeping of log lines fares",
    fields: (t) => ({
      enabled: t.exposeBoolean("enabled"),
      level: t.exposeString("level", { description: "Least severe lines of Binnacle's own log" }),
      logDirectory: t.exposeString("logDirectory"),
      totalSizeBytes: t.expose("totalSizeBytes", {
        type: "Long",
        description: "Files of Binnacle's own log",
      }),
      logFileCount: t.exposeInt("logFileCount"),
      lines: t.expose("lines", { type: "Long", description: "Lines that can be searched" }),
      storedBytes: t.expose("storedBytes", { type: "Long" }),
      budgetBytes: t.expose("budgetBytes", { type: "Long" }),
      retentionDays: t.exposeInt("retentionDays"),
      oldestAt: t.expose("oldestAt", { type: "DateTime", nullable: true }),
      newestAt: t.expose("newestAt", { type: "DateTime", nullable: true }),
      isPaused: t.exposeBoolean("isPaused"),
      refusedLines: t.expose("refusedLines", { type: "Long" }),
      damagedBlocks: t.exposeInt("damagedBlocks"),
      liveReaders: t.exposeInt("liveReaders"),
      droppedLines: t.expose("droppedLines", { type: "Long" }),
      files: t.field({ type: [file], resolve: (stats) => stats.files }),
    }),
  });
}

function addCounts(builder: GraphBuilder, line: LineRef, logs: Logs): void {
  const context = builder.objectRef<LineContext>("LogContext").implement({
    description: "The lines around one, oldest first",
    fields: (t) => ({
      before: t.field({ type: [line], resolve: (around) => around.before }),
      line: t.field({ type: line, resolve: (around) => around.line }),
      after: t.field({ type: [line], resolve: (around) => around.after }),
    }),
  });
  const source = builder.objectRef<SourceView>("LogSource").implement({
    description: "Who writes log lines",
    fields: (t) => ({
      name: t.exposeString("name"),
      lines: t.expose("lines", { type: "Long", description: "Lines ever taken" }),
      firstSeenAt: t.expose("firstSeenAt", { type: "DateTime" }),
      lastSeenAt: t.expose("lastSeenAt", { type: "DateTime" }),
    }),
  });
  const histogram = histogramType(builder);
  const window = builder.objectRef<LineWindow>("LogWindow").implement({
    description: "Lines around a place, oldest first",
    fields: (t) => ({
      items: t.field({ type: [line], resolve: ({ items }) => items }),
      olderStart: t.expose("olderStart", { type: "Long", nullable: true }),
      newerStart: t.expose("newerStart", { type: "Long", nullable: true }),
      firstId: t.expose("firstId", { type: "Long", nullable: true, description: "Oldest that is kept" }),
      lastId: t.expose("lastId", { type: "Long", nullable: true }),
    }),
  });
  builder.queryFields((t) => ({
    logWindow: t.field({
      type: window,
      access: "logs:read",
      cost: WORK.search,
      description: "The lines before and after a place that pass a filter",
      args: {
        ...rangeFilter(builder),
        start: t.arg({ type: "Long" }),
        before: t.arg.int({ defaultValue: model.DEFAULT_PAGE }),
        after: t.arg.int({ defaultValue: 0 }),
      },
      resolve: (_root, args) => logs.window(acceptedInput(model.WindowQuery, withTexts(args))),
    }),
    logSources: t.field({ type: [source], access: "logs:read", resolve: () => logs.sources() }),
    logContext: t.field({
      type: context,
      access: "logs:read",
      cost: WORK.search,
      args: {
        id: t.arg({ type: "Long", required: true }),
        before: t.arg.int({ defaultValue: model.DEFAULT_CONTEXT }),
        after: t.arg.int({ defaultValue: model.DEFAULT_CONTEXT }),
        everySource: t.arg.boolean({ defaultValue: false }),
      },
      resolve: (_root, { id, ...args }) => logs.context(id, acceptedInput(model.ContextQuery, args)),
    }),
    logHistogram: t.field({
      type: histogram,
      access: "logs:read",
      cost: WORK.scan,
      description: "Lines of each level over time; the last hour unless a range is given",
      args: {
        ...rangeFilter(builder),
        buckets: t.arg.int({ defaultValue: model.DEFAULT_BUCKETS }),
      },
      resolve: (_root, args) => logs.histogram(acceptedInput(model.HistogramQuery, withTexts(args))),
    }),
  }));
}

function histogramType(builder: GraphBuilder) {
  const bucket = builder.objectRef<LineHistogram["buckets"][number]>("LogHistogramBucket").implement({
    fields: (t) => ({
      at: t.expose("at", { type: "Long", description: "Where it begins, epoch milliseconds" }),
      debug: t.exposeInt("debug"),
      info: t.exposeInt("info"),
      warning: t.exposeInt("warning"),
      error: t.exposeInt("error"),
    }),
  });
  return builder.objectRef<LineHistogram>("LogHistogram").implement({
    description: "Lines of each level over time",
    fields: (t) => ({
      from: t.expose("from", { type: "Long" }),
      to: t.expose("to", { type: "Long" }),
      stepMs: t.expose("stepMs", { type: "Long" }),
      isComplete: t.exposeBoolean("isComplete", { description: "Else older bars may lack lines" }),
      buckets: t.field({ type: [bucket], resolve: (counted) => counted.buckets }),
    }),
  });
}

function addSubscription(builder: GraphBuilder, line: LineRef, logs: Logs): void {
  const item = builder.objectRef<LiveItem>("LiveLogLine").implement({
    description: "A line as it comes in, or how many the reader was too slow for",
    fields: (t) => ({
      line: t.field({
        type: line,
        nullable: true,
        resolve: (given) => ("line" in given ? lineView(given.line) : null),
      }),
      dropped: t.int({ resolve: (given) => ("dropped" in given ? given.dropped : 0) }),
    }),
  });
  builder.subscriptionField("logLines", (t) =>
    t.field({
      type: item,
      access: "logs:read",
      description: "Log lines as they come in, filtered by the server",
      args: filter(builder),
      subscribe: (_root, args) => logs.follow(acceptedInput(model.FollowQuery, args)),
      resolve: (given) => given,
    }),
  );
}
