import { Type } from "@sinclair/typebox";
import { type Static, t } from "elysia";
import { IntegerParameter } from "../lib/integer-parameter.ts";

/** The most `metrics.maxHistoricalPoints` can be set to. */
const MAX_POINTS = 5_000;
const MAX_MOMENT_LENGTH = 40;
export const MAX_SEARCH_LENGTH = 200;
const MAX_CURSOR_LENGTH = 512;
export const DEFAULT_PAGE = 100;
export const MAX_PAGE = 500;

const closed = { additionalProperties: false };
const EpochMs = (description: string) => t.Number({ description: `${description}, epoch milliseconds` });
const OptionalNumber = t.Union([t.Number(), t.Null()]);
/** Bounded where the list is read: the query parser splits keys at their commas, so that neither pieces nor their number say anything. */
const SeriesParameter = t.Optional(
  t.Array(t.String(), { description: "Names or keys of series; repeated, or as a comma list" }),
);
const Moment = (description: string) =>
  t.Optional(
    t.Union([t.Number(), t.String({ maxLength: MAX_MOMENT_LENGTH })], {
      description: `${description}: epoch milliseconds, ISO 8601, now, or relative such as -90m (s m h d w)`,
    }),
  );

const seriesIdentity = {
  key: t.String({ description: 'The name, or name{label="value",…} with labels in order' }),
  name: t.String(),
  labels: t.Record(t.String(), t.String()),
  unit: t.String(),
};

const Search = t.Optional(
  t.String({ maxLength: MAX_SEARCH_LENGTH, description: "Words to look for, all of them" }),
);

export const CurrentQuery = t.Object({ series: SeriesParameter, search: Search }, closed);

export const MetricView = t.Object({ ...seriesIdentity, value: t.Number() });
export type MetricView = Static<typeof MetricView>;

export const CurrentMetrics = t.Object({ at: EpochMs("When it was sampled"), items: t.Array(MetricView) });
export type CurrentMetrics = Static<typeof CurrentMetrics>;

export const SeriesListQuery = t.Object(
  {
    search: Search,
    limit: IntegerParameter({ minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE }),
    cursor: t.Optional(
      t.String({ maxLength: MAX_CURSOR_LENGTH, description: "nextCursor of the page before" }),
    ),
  },
  closed,
);
export type SeriesListQuery = Static<typeof SeriesListQuery>;

export const SeriesView = t.Object({
  ...seriesIdentity,
  help: t.String({ description: "What a value means" }),
  kind: t.UnionEnum(["gauge", "counter"]),
  firstSeenAt: t.String({ format: "date-time" }),
  lastSeenAt: t.String({ format: "date-time" }),
});
export type SeriesView = Static<typeof SeriesView>;
export const SeriesPage = t.Object({
  items: t.Array(SeriesView),
  nextCursor: t.Union([t.String(), t.Null()]),
});

export const HistoryQuery = t.Object(
  {
    series: SeriesParameter,
    from: Moment("Beginning; an hour before the end unless given"),
    to: Moment("End; now unless given"),
    points: t.Optional(
      IntegerParameter({ minimum: 2, maximum: MAX_POINTS, description: "Most points of each series" }),
    ),
  },
  closed,
);

const Column = (description: string) => t.Array(OptionalNumber, { description });
export const SeriesHistory = t.Object({
  ...seriesIdentity,
  resolution: t.UnionEnum(["raw", "1m", "1h"]),
  stepMs: t.Number({ description: "Distance of the samples, or width of the buckets" }),
  t: t.Array(t.Number(), { description: "Epoch milliseconds of each point" }),
  min: Column("Least value of each point; null is a gap"),
  max: Column("Greatest value of each point; null is a gap"),
  avg: Column("Mean of each point; null is a gap"),
  last: OptionalNumber,
});
export type SeriesHistory = Static<typeof SeriesHistory>;

export const MetricHistory = t.Object({
  from: EpochMs("Beginning of the range"),
  to: EpochMs("End of the range"),
  series: t.Array(SeriesHistory, { description: "In the order asked for; unknown ones are left out" }),
});
export type MetricHistory = Static<typeof MetricHistory>;

export const ExportQuery = t.Object(
  {
    format: t.UnionEnum(["csv", "json"], { default: "csv" }),
    series: SeriesParameter,
    from: Moment("Beginning; an hour before the end unless given"),
    to: Moment("End; now unless given"),
    resolution: t.UnionEnum(["raw", "1m", "1h"], {
      default: "raw",
      description: "Every sample, or the summary of each minute or hour",
    }),
  },
  closed,
);

export const ProcessView = t.Object({
  pid: Type.Integer(),
  name: t.String(),
  command: t.String({ description: "The whole command, secrets left out" }),
  user: t.String(),
  cpuPercent: t.Number({ description: "Share of all cores, 0 to 100" }),
  memoryBytes: t.Number({ description: "Resident memory" }),
  threads: Type.Integer(),
  startedAt: t.String({ format: "date-time" }),
});
export type ProcessView = Static<typeof ProcessView>;
export const ProcessList = t.Object({ at: EpochMs("When they were read"), items: t.Array(ProcessView) });
export type ProcessList = Static<typeof ProcessList>;

export const MetricsStatus = t.Object({
  intervalSeconds: t.Number({ description: "Time between stored samples" }),
  samplingSeconds: t.Number({
    description: "Time between samplings now: shorter while live readers want that",
  }),
  seriesCount: Type.Integer({ description: "Series of the latest sampling" }),
  storedSeriesCount: Type.Integer({ description: "Series with samples in the store" }),
  lastSampleAt: t.Union([t.Number(), t.Null()], { description: "Epoch milliseconds" }),
  lastSampleAgeMs: OptionalNumber,
  pausedReason: t.Union([t.String(), t.Null()], {
    description: "Why samples are not being stored; null while they are",
  }),
  droppedSamplings: Type.Integer({ description: "Samplings that were not stored since the start" }),
  refusedSamples: Type.Integer({ description: "Single samples the store refused since the start" }),
  failingCollectors: t.Array(t.String(), { description: "Collectors that failed since the start" }),
  sizeBytes: t.Number({ description: "The samples file with its log" }),
  liveReaders: Type.Integer({ description: "Live-metrics sockets" }),
  droppedReaders: Type.Integer({
    description: "Live readers dropped since the start because they did not keep up",
  }),
});
export type MetricsStatus = Static<typeof MetricsStatus>;
