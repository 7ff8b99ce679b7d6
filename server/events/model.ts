import { Type } from "@sinclair/typebox";
import { type Static, t } from "elysia";
import { IntegerParameter } from "../lib/integer-parameter.ts";

const MAX_CURSOR_LENGTH = 512;
const MAX_PATTERNS_LENGTH = 2_000;
const MAX_CORRELATION_LENGTH = 128;
const MAX_DESCRIPTION_LENGTH = 500;
export const DEFAULT_PAGE = 100;
const MAX_PAGE = 500;
const closed = { additionalProperties: false };

const Paging = {
  limit: IntegerParameter({ minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE }),
  cursor: t.Optional(
    t.String({ maxLength: MAX_CURSOR_LENGTH, description: "nextCursor of the page before" }),
  ),
};
const NextCursor = t.Union([t.String(), t.Null()]);
const Name = t.String({ minLength: 1, maxLength: 200 });

export const EventsQuery = t.Object(
  {
    ...Paging,
    types: t.Optional(
      t.Array(t.String({ maxLength: MAX_PATTERNS_LENGTH }), {
        description: "Patterns of types: alert.raised, alert.*, alert.**; repeated, or as a comma list",
        maxItems: 100,
      }),
    ),
    source: t.Optional(Name),
    correlationId: t.Optional(
      t.String({ minLength: 1, maxLength: MAX_CORRELATION_LENGTH, description: "Events of one request" }),
    ),
    since: t.Optional(
      IntegerParameter({ minimum: 0, description: "Only events after this number, oldest first" }),
    ),
  },
  closed,
);
export type EventsQuery = Static<typeof EventsQuery>;

export const EventView = t.Object({
  seq: Type.Integer({ description: "Its place among all events; give it as since to go on after it" }),
  id: t.String(),
  type: t.String(),
  time: t.String({ format: "date-time" }),
  source: t.String({ description: "Who speaks; binnacle, or app/… for what came from outside" }),
  correlationId: t.String(),
  payload: t.Unknown(),
});
export type EventView = Static<typeof EventView>;
export const EventPage = t.Object({ items: t.Array(EventView), nextCursor: NextCursor });

export const PublishBody = t.Object(
  {
    events: t.Array(
      t.Object(
        {
          type: t.String({ description: "Lower-case words, joined by dots: download_complete" }),
          payload: t.Unknown({ description: "Any JSON; checked when the type is registered" }),
          source: t.Optional(
            t.String({ description: "Who speaks; app/ is put before it. The caller's name when absent" }),
          ),
          correlationId: t.Optional(t.String()),
        },
        closed,
      ),
      { minItems: 1, maxItems: 100 },
    ),
  },
  closed,
);
export const PublishedEvents = t.Object({ items: t.Array(EventView) });

export const ByTypeName = t.Object({ name: Name });
export const EventTypeBody = t.Object(
  {
    description: t.String({ minLength: 1, maxLength: MAX_DESCRIPTION_LENGTH }),
    schema: t.Record(t.String(), t.Unknown(), {
      description: "JSON Schema of the payload, without references and patterns",
    }),
  },
  closed,
);
export const EventTypeView = t.Object({
  name: t.String(),
  description: t.String(),
  schema: t.Record(t.String(), t.Unknown()),
  origin: t.UnionEnum(["binnacle", "registered"]),
});
export const EventTypeList = t.Object({ items: t.Array(EventTypeView), nextCursor: t.Null() });

export const BusView = t.Object({
  ring: t.Object({
    oldestSeq: Type.Integer(),
    newestSeq: Type.Integer(),
    events: Type.Integer(),
    sizeBytes: Type.Integer(),
  }),
  subscribers: t.Array(
    t.Object({
      id: t.String(),
      name: t.String(),
      pattern: t.String(),
      queued: Type.Integer(),
      delivered: Type.Integer(),
      dropped: Type.Integer(),
      failures: Type.Integer(),
      timeouts: Type.Integer(),
    }),
  ),
  durable: t.Array(
    t.Object({
      name: t.String(),
      pattern: t.String(),
      cursor: Type.Integer(),
      lag: Type.Integer({ description: "Events behind the newest" }),
      delivered: Type.Integer(),
      failures: Type.Integer(),
      missed: Type.Integer(),
      backlog: t.Array(t.Object({ source: t.String(), attempts: Type.Integer(), message: t.String() })),
    }),
  ),
});

export const ParkedQuery = t.Object({ ...Paging, subscriber: t.Optional(Name) }, closed);
export const ById = t.Object({ id: t.String({ maxLength: 36 }) });
export const ParkedView = t.Object({
  id: t.String(),
  subscriber: t.String(),
  event: EventView,
  attempts: Type.Integer(),
  message: t.String({ description: "The last failure" }),
  parkedAt: t.String({ format: "date-time" }),
});
export type ParkedView = Static<typeof ParkedView>;
export const ParkedPage = t.Object({ items: t.Array(ParkedView), nextCursor: NextCursor });
