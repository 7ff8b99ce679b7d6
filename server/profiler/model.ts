import { Type } from "@sinclair/typebox";
import { type Static, t } from "elysia";
import {
  OPERATION_KIND_NAMES,
  STATISTICS_ORDERS,
  STATISTICS_WINDOWS,
} from "../../schema/rules/operations.ts";
import { IntegerParameter } from "../lib/integer-parameter.ts";
import { SUGGESTION_KINDS } from "./advice/suggestion.ts";
import { MAX_NAME_LENGTH, MAX_SOURCE_LENGTH } from "./operation.ts";

export const DEFAULT_PAGE = 100;
export const MAX_PAGE = 1_000;
export const DEFAULT_WINDOW = "24h";
export const DEFAULT_SLOW_LIMIT = 10;
/** Operations in one report. */
const MAX_REPORTED = 1_000;
const LONGEST_SECONDS = 30 * 86_400;
const MAX_ATTRIBUTES = 20;

const closed = { additionalProperties: false };
const Moment = t.String({ format: "date-time" });
/** What is left out is left out: by itself a UnionEnum puts its first value there. */
const CHOSEN = { default: undefined };
const Kind = t.UnionEnum(OPERATION_KIND_NAMES as [string, ...string[]] & typeof OPERATION_KIND_NAMES, CHOSEN);
const seconds = (description: string) => t.Number({ description: `${description}, in seconds` });
const nullable = (description: string) => t.Union([t.String(), t.Null()], { description });
const Window = t.UnionEnum(STATISTICS_WINDOWS, {
  default: DEFAULT_WINDOW,
  description: "How far back to look; up to 1h minute by minute, beyond it in whole hours",
});

const Service = t.String({
  minLength: 1,
  maxLength: MAX_SOURCE_LENGTH,
  description: "binnacle, or the application that reported it",
});

export const StatisticsQuery = t.Object(
  {
    window: Window,
    sort: t.UnionEnum(STATISTICS_ORDERS, { default: "total", description: "The largest first" }),
    kind: t.Optional(
      t.Array(Kind, { maxItems: OPERATION_KIND_NAMES.length, description: "Any of these kinds" }),
    ),
    operation: t.Optional(t.String({ minLength: 1, maxLength: MAX_NAME_LENGTH, description: "Its name" })),
    service: t.Optional(Service),
    text: t.Optional(
      t.String({ minLength: 1, maxLength: MAX_NAME_LENGTH, description: "Within its name or its service" }),
    ),
    course: t.Boolean({
      default: false,
      description: "Whether each shows its course over the window; a page has at most 200 then",
    }),
    limit: IntegerParameter({ minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE }),
    cursor: t.Optional(t.String({ maxLength: 512, description: "nextCursor of the page before" })),
  },
  closed,
);

const durations = {
  averageDuration: seconds("Mean"),
  minDuration: seconds("Shortest"),
  maxDuration: seconds("Longest"),
  p50Duration: seconds("Half took at most so long; exact to 1 %"),
  p95Duration: seconds("95 of 100 took at most so long; exact to 1 %"),
  p99Duration: seconds("99 of 100 took at most so long; exact to 1 %"),
};
const counts = {
  callCount: Type.Integer(),
  errorCount: Type.Integer({ description: "Those of them that failed" }),
  throughput: t.Number({ description: "Calls a second, over the window" }),
};
const identity = {
  operation: t.String({ description: "Its name" }),
  kind: Kind,
  service: t.String({ description: "binnacle, or the application that reported it" }),
};

export const StatisticsView = t.Object({
  id: Type.Integer(),
  ...identity,
  ...counts,
  ...durations,
  totalDuration: seconds("Sum of all"),
  lastSeenAt: Moment,
  course: t.Optional(
    t.Array(
      t.Object({
        at: Type.Integer({ description: "Epoch milliseconds" }),
        callCount: Type.Integer(),
        p95Duration: durations.p95Duration,
      }),
      { description: "Oldest first; where there were no calls there is no point" },
    ),
  ),
});
export type StatisticsView = Static<typeof StatisticsView>;

export const StatisticsPage = t.Object({
  items: t.Array(StatisticsView),
  nextCursor: t.Union([t.String(), t.Null()]),
  from: Moment,
  to: Moment,
  overflowed: Type.Integer({
    description: "Runs counted under (other) since the start, for there are too many names",
  }),
  droppedSlow: Type.Integer({
    description: "Slow operations that were not kept since the start, for they were too many",
  }),
});
export type StatisticsPage = Static<typeof StatisticsPage>;

export const ById = t.Object({ id: IntegerParameter({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) });
export const HistoryQuery = t.Object(
  {
    window: Window,
    from: t.Optional(
      t.String({
        format: "date-time",
        description:
          "Instead of a window, from this moment; minute by minute within the last two hours, beyond it in whole hours, at most 1,000 of them",
      }),
    ),
    to: t.Optional(t.String({ format: "date-time", description: "With from: until this moment, else now" })),
  },
  closed,
);
export const HistoryView = t.Object({
  ...StatisticsView.properties,
  from: Moment,
  to: Moment,
  windowSeconds: Type.Integer({ description: "How wide a point is" }),
  points: t.Array(
    t.Object({ at: Type.Integer({ description: "Epoch milliseconds" }), ...counts, ...durations }),
    {
      description: "Oldest first; where there were no calls there is no point",
    },
  ),
  distribution: t.Array(t.Object({ from: seconds("Above"), to: seconds("Up to"), count: Type.Integer() }), {
    description: "How its durations are spread; each column is wider than the one before by the same factor",
  }),
});
export type HistoryView = Static<typeof HistoryView>;

export const SlowQuery = t.Object(
  {
    threshold: t.Optional(
      t.Number({ minimum: 0, maximum: LONGEST_SECONDS, description: "At least so many seconds" }),
    ),
    limit: IntegerParameter({ minimum: 1, maximum: MAX_PAGE, default: DEFAULT_SLOW_LIMIT }),
    kind: t.Optional(Kind),
    operation: t.Optional(t.String({ minLength: 1, maxLength: MAX_NAME_LENGTH })),
    service: t.Optional(Service),
    since: t.Optional(t.String({ format: "date-time", description: "Ended at or after this moment" })),
    until: t.Optional(t.String({ format: "date-time", description: "Ended before this moment" })),
  },
  closed,
);

export const SlowView = t.Object({
  id: Type.Integer(),
  ...identity,
  duration: seconds("How long it took"),
  threshold: seconds("From when it counted as slow"),
  failed: t.Boolean(),
  at: t.String({ format: "date-time", description: "When it ended" }),
  correlationId: nullable("Joins it with log lines and errors"),
  traceId: nullable("W3C trace id"),
  principal: nullable("Who asked"),
  attributes: t.Record(t.String(), t.String()),
});
export type SlowView = Static<typeof SlowView>;
export const SlowList = t.Object({ items: t.Array(SlowView), nextCursor: t.Null() });

const HEX_32 = "^(?!0{32})[0-9a-f]{32}$";
export const ReportBody = t.Object(
  {
    operations: t.Array(
      t.Object(
        {
          operation: t.String({ minLength: 1, maxLength: MAX_NAME_LENGTH }),
          service: t.Optional(
            t.String({ minLength: 1, maxLength: MAX_SOURCE_LENGTH, description: "application unless given" }),
          ),
          duration: t.Number({ minimum: 0, maximum: LONGEST_SECONDS, description: "In seconds" }),
          failed: t.Optional(t.Boolean()),
          at: t.Optional(t.String({ format: "date-time", description: "When it ended; now unless given" })),
          correlationId: t.Optional(t.String({ pattern: "^[A-Za-z0-9._-]{1,128}$" })),
          traceId: t.Optional(t.String({ pattern: HEX_32 })),
          attributes: t.Optional(
            t.Record(
              t.String({ minLength: 1, maxLength: 100 }),
              t.Union([t.String({ maxLength: 500 }), t.Number(), t.Boolean()]),
              { maxProperties: MAX_ATTRIBUTES },
            ),
          ),
        },
        closed,
      ),
      { minItems: 1, maxItems: MAX_REPORTED },
    ),
  },
  closed,
);
export type ReportBody = Static<typeof ReportBody>;
const SuggestionView = t.Object({
  kind: t.UnionEnum(SUGGESTION_KINDS, CHOSEN),
  subject: t.String({ description: "The operation, table or plugin it is about" }),
  finding: t.String({ description: "What was seen" }),
  action: t.String({ description: "What to do about it" }),
  evidence: t.Record(t.String(), t.Union([t.String(), t.Number()])),
});
export const SuggestionList = t.Object({ items: t.Array(SuggestionView), nextCursor: t.Null() });

export const ReportAnswer = t.Object({ accepted: Type.Integer() });
