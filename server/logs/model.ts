import { Type } from "@sinclair/typebox";
import { type Static, t } from "elysia";
import { LOG_LEVELS } from "../../schema/rules/log-levels.ts";
import { IntegerParameter } from "../lib/integer-parameter.ts";
import { MAX_QUERY_LENGTH } from "./text-query.ts";

const MAX_CURSOR_LENGTH = 512;
export const DEFAULT_PAGE = 100;
const MAX_PAGE = 500;
export const DEFAULT_CONTEXT = 20;
const MAX_CONTEXT = 200;
export const DEFAULT_BUCKETS = 60;
const MAX_BUCKETS = 500;
const MAX_NAMES = 20;
const closed = { additionalProperties: false };

const Moment = (description: string) =>
  t.Optional(
    t.String({ maxLength: 40, description: `${description}: epoch milliseconds, ISO 8601, or such as -90m` }),
  );

/** What lines are chosen by, on every edge alike. */
const Filter = {
  level: t.Optional(
    t.Array(t.UnionEnum([...LOG_LEVELS]), {
      description: "Any of these levels",
      maxItems: LOG_LEVELS.length,
    }),
  ),
  source: t.Optional(
    t.Array(t.String({ minLength: 1, maxLength: 100 }), {
      description: "Any of these sources",
      maxItems: MAX_NAMES,
    }),
  ),
  text: t.Optional(
    t.String({
      maxLength: MAX_QUERY_LENGTH,
      description: 'All of these: words, begin*, "phrases", -without, field=value',
    }),
  ),
  correlationId: t.Optional(t.String({ minLength: 1, maxLength: 128, description: "Lines of one request" })),
  traceId: t.Optional(t.String({ minLength: 1, maxLength: 128, description: "Lines of one trace" })),
  from: Moment("Not before"),
  to: Moment("Not after"),
};

export const LinesQuery = t.Object(
  {
    ...Filter,
    limit: IntegerParameter({ minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE }),
    cursor: t.Optional(
      t.String({ maxLength: MAX_CURSOR_LENGTH, description: "nextCursor of the page before" }),
    ),
  },
  closed,
);
export type LinesQuery = Static<typeof LinesQuery>;
export type FilterQuery = Partial<Omit<LinesQuery, "limit" | "cursor">>;

export const LineView = t.Object({
  id: Type.Integer({ description: "Grows in the order of arrival" }),
  at: t.String({ format: "date-time", description: "When it was written" }),
  level: t.UnionEnum([...LOG_LEVELS]),
  source: t.String({ description: "Who wrote it" }),
  message: t.String(),
  fields: t.Record(t.String(), t.Unknown(), { description: "What it carries beside, under dotted keys" }),
  correlationId: t.Union([t.String(), t.Null()]),
  traceId: t.Union([t.String(), t.Null()]),
  spanId: t.Union([t.String(), t.Null()]),
});
export type LineView = Static<typeof LineView>;

export const LinePage = t.Object({
  items: t.Array(LineView),
  nextCursor: t.Union([t.String(), t.Null()], {
    description: "Where to go on; a page may be short, even empty, when looking for more took too long",
  }),
});
export type LinePage = Static<typeof LinePage>;

export const WindowQuery = t.Object(
  {
    ...Filter,
    start: t.Optional(
      IntegerParameter({ minimum: 0, description: "Number of a line; after the newest unless given" }),
    ),
    before: IntegerParameter({
      minimum: 0,
      maximum: MAX_PAGE,
      default: DEFAULT_PAGE,
      description: "Lines before start",
    }),
    after: IntegerParameter({
      minimum: 0,
      maximum: MAX_PAGE,
      default: 0,
      description: "Lines from start on",
    }),
  },
  closed,
);
export type WindowQuery = Static<typeof WindowQuery>;
const Place = (description: string) => t.Union([Type.Integer(), t.Null()], { description });
export const LineWindow = t.Object({
  items: t.Array(LineView, { description: "Oldest first" }),
  olderStart: Place("The start to ask for lines before these; null when there are none, or before was 0"),
  newerStart: Place("The start to ask for lines after these; null when there are none yet, or after was 0"),
  firstId: Place("Number of the oldest line that is kept, of the range of time"),
  lastId: Place("Number of the newest"),
});
export type LineWindow = Static<typeof LineWindow>;

const EXPORT_FORMATS = ["ndjson", "csv", "text"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
export const ExportQuery = t.Object(
  { ...Filter, format: t.UnionEnum([...EXPORT_FORMATS], { default: "ndjson" }) },
  closed,
);
export type ExportQuery = Static<typeof ExportQuery>;
export const FollowQuery = t.Object(Filter, closed);

export const ByLineId = t.Object({ id: IntegerParameter({ minimum: 1 }) });
export const ContextQuery = t.Object(
  {
    before: IntegerParameter({ minimum: 0, maximum: MAX_CONTEXT, default: DEFAULT_CONTEXT }),
    after: IntegerParameter({ minimum: 0, maximum: MAX_CONTEXT, default: DEFAULT_CONTEXT }),
    everySource: t.Boolean({ default: false, description: "Lines of other sources too" }),
  },
  closed,
);
export type ContextQuery = Static<typeof ContextQuery>;
export const LineContext = t.Object({
  before: t.Array(LineView, { description: "Oldest first" }),
  line: LineView,
  after: t.Array(LineView, { description: "Oldest first" }),
});
export type LineContext = Static<typeof LineContext>;

export const HistogramQuery = t.Object(
  { ...Filter, buckets: IntegerParameter({ minimum: 1, maximum: MAX_BUCKETS, default: DEFAULT_BUCKETS }) },
  closed,
);
export type HistogramQuery = Static<typeof HistogramQuery>;
const Counts = {
  debug: Type.Integer(),
  info: Type.Integer(),
  warning: Type.Integer(),
  error: Type.Integer(),
};
export const LineHistogram = t.Object({
  from: Type.Integer({ description: "Epoch milliseconds" }),
  to: Type.Integer({ description: "Epoch milliseconds" }),
  stepMs: Type.Integer(),
  isComplete: t.Boolean({ description: "Whether everything was looked at; else older bars may lack lines" }),
  buckets: t.Array(
    t.Object({ at: Type.Integer({ description: "Where it begins, epoch milliseconds" }), ...Counts }),
  ),
});
export type LineHistogram = Static<typeof LineHistogram>;

export const SourceView = t.Object({
  name: t.String(),
  lines: Type.Integer({ description: "Lines ever taken" }),
  firstSeenAt: t.String({ format: "date-time" }),
  lastSeenAt: t.String({ format: "date-time" }),
});
export type SourceView = Static<typeof SourceView>;
export const SourceList = t.Object({ items: t.Array(SourceView), nextCursor: t.Null() });

export const WatchedFileView = t.Object({
  path: t.String(),
  source: t.String(),
  sizeBytes: Type.Integer(),
  readBytes: Type.Integer({ description: "How far it was read" }),
  problem: t.Union([t.String(), t.Null()], { description: "Why it is not read" }),
});
export type WatchedFileView = Static<typeof WatchedFileView>;

export const LoggerStats = t.Object({
  enabled: t.Boolean(),
  level: t.UnionEnum([...LOG_LEVELS], { description: "Least severe lines of Binnacle's own log" }),
  logDirectory: t.String(),
  totalSizeBytes: Type.Integer({ description: "Files of Binnacle's own log, rotated ones included" }),
  logFileCount: Type.Integer(),
  lines: Type.Integer({ description: "Lines that can be searched" }),
  storedBytes: Type.Integer({ description: "Size of the database they are in" }),
  budgetBytes: Type.Integer(),
  retentionDays: Type.Integer(),
  oldestAt: t.Union([t.String({ format: "date-time" }), t.Null()]),
  newestAt: t.Union([t.String({ format: "date-time" }), t.Null()]),
  isPaused: t.Boolean({ description: "Lines are not taken, because the disk is nearly full" }),
  refusedLines: Type.Integer(),
  damagedBlocks: Type.Integer(),
  liveReaders: Type.Integer(),
  droppedLines: Type.Integer({ description: "Lines that live readers were too slow for" }),
  files: t.Array(WatchedFileView),
});
export type LoggerStats = Static<typeof LoggerStats>;
