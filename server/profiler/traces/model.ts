import { Type } from "@sinclair/typebox";
import { type Static, t } from "elysia";
import { IntegerParameter } from "../../lib/integer-parameter.ts";

export const DEFAULT_PAGE = 50;
export const MAX_PAGE = 200;
const MAX_TEXT = 200;
const LONGEST_SECONDS = 30 * 86_400;
const closed = { additionalProperties: false };
const seconds = (description: string) => t.Number({ description: `${description}, in seconds` });

export const TracesQuery = t.Object(
  {
    limit: IntegerParameter({ minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE }),
    cursor: t.Optional(t.String({ maxLength: 512, description: "nextCursor of the page before" })),
    service: t.Optional(
      t.String({ minLength: 1, maxLength: MAX_TEXT, description: "Whose root span it is" }),
    ),
    name: t.Optional(t.String({ minLength: 1, maxLength: MAX_TEXT, description: "Of the root span" })),
    minDuration: t.Optional(
      t.Number({ minimum: 0, maximum: LONGEST_SECONDS, description: "At least so many seconds" }),
    ),
    failed: t.Optional(t.Boolean({ description: "Whether a span of it failed" })),
    since: t.Optional(t.String({ format: "date-time", description: "Begun at or after this moment" })),
  },
  closed,
);
export type TracesQuery = Static<typeof TracesQuery>;

const fields = {
  traceId: t.String(),
  name: t.String({ description: "Of the root span; until that comes, of the earliest" }),
  service: t.String(),
  startedAt: t.String({ format: "date-time" }),
  duration: seconds("From its first start to its last end"),
  spanCount: Type.Integer(),
  errorCount: Type.Integer({ description: "Spans that failed" }),
};
export const TraceView = t.Object(fields);
export type TraceView = Static<typeof TraceView>;
export const TracePage = t.Object({
  items: t.Array(TraceView),
  nextCursor: t.Union([t.String(), t.Null()]),
});

const Attributes = t.Record(t.String(), t.Union([t.String(), t.Number(), t.Boolean()]));
export const SpanView = t.Object({
  spanId: t.String(),
  parentId: t.Union([t.String(), t.Null()]),
  depth: Type.Integer({ description: "0 for a root, one more for each parent above it" }),
  name: t.String(),
  kind: t.String({ description: "internal, server, client, producer or consumer" }),
  service: t.String(),
  offset: seconds("From the beginning of the trace to that of the span"),
  duration: seconds("How long it took"),
  moved: seconds(
    "How far it is shown from where its sender's clock put it, as that clock goes differently; 0 for most",
  ),
  failed: t.Boolean(),
  message: t.String({ description: "What it says of its failure" }),
  attributes: Attributes,
  events: t.Array(
    t.Object({
      name: t.String(),
      offset: seconds("From the beginning of the span to it"),
      attributes: Attributes,
    }),
    { description: "What happened within it" },
  ),
});
export type SpanView = Static<typeof SpanView>;

export const TraceDetail = t.Object({
  ...fields,
  spans: t.Array(SpanView, {
    description: "As a waterfall draws them: parents before children, siblings by their start",
  }),
});
export type TraceDetail = Static<typeof TraceDetail>;

export const ByTraceId = t.Object({ traceId: t.String({ pattern: "^[0-9a-f]{32}$" }) });
