import { Type } from "@sinclair/typebox";
import { type Static, t } from "elysia";
import { ERROR_CATALOGUE } from "../errors/catalogue.ts";
import { IntegerParameter } from "../lib/integer-parameter.ts";
import { INCIDENT_STATES, SETTABLE_STATES } from "./incident.ts";

export const DEFAULT_PAGE = 50;
const MAX_PAGE = 200;
const closed = { additionalProperties: false };
const Moment = t.String({ format: "date-time" });
const OptionalMoment = t.Union([Moment, t.Null()]);
/** What is left out is left out: by itself a UnionEnum puts its first value there. */
const CHOSEN = { default: undefined };
const codes = Object.keys(ERROR_CATALOGUE);
const kinds = [...new Set(Object.values(ERROR_CATALOGUE).map(({ kind }) => kind))];

export const IncidentsQuery = t.Object(
  {
    limit: IntegerParameter({ minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE }),
    cursor: t.Optional(t.String({ maxLength: 512, description: "nextCursor of the page before" })),
    state: t.Optional(
      t.Array(t.UnionEnum(INCIDENT_STATES), {
        maxItems: INCIDENT_STATES.length,
        description: "Any of these states",
      }),
    ),
    code: t.Optional(t.UnionEnum(codes as [string, ...string[]], CHOSEN)),
    kind: t.Optional(t.UnionEnum(kinds as [string, ...string[]], CHOSEN)),
    text: t.Optional(
      t.String({ minLength: 1, maxLength: 200, description: "Within message, cause, place or code" }),
    ),
    since: t.Optional(t.String({ format: "date-time", description: "Seen at or after this moment" })),
  },
  closed,
);

const fields = {
  id: t.String({ description: "What the same failures have in common" }),
  code: t.String(),
  kind: t.String(),
  title: t.String(),
  state: t.UnionEnum(INCIDENT_STATES),
  headline: t.String({ description: "What to call it: the message, or what a fault inside says of itself" }),
  message: t.String({ description: "Public sentence of the latest" }),
  place: t.String({ description: "What was being done at the latest" }),
  count: Type.Integer(),
  hours: t.Array(Type.Integer(), { description: "How often in each of the last 24 hours, oldest first" }),
  firstSeenAt: Moment,
  lastSeenAt: Moment,
  regressions: Type.Integer({ description: "How often it came back after it was resolved" }),
  stateChangedAt: OptionalMoment,
  stateChangedBy: t.Union([t.String(), t.Null()]),
  escalatedAt: OptionalMoment,
};
export const IncidentView = t.Object(fields);
export type IncidentView = Static<typeof IncidentView>;
export const IncidentPage = t.Object({
  items: t.Array(IncidentView),
  nextCursor: t.Union([t.String(), t.Null()]),
});

export const RecoveryView = t.Object({
  strategy: t.String(),
  code: t.String(),
  attempts: Type.Integer(),
  successes: Type.Integer(),
  lastAttemptAt: Moment,
});
export type RecoveryView = Static<typeof RecoveryView>;

export const IncidentDetail = t.Object({
  ...fields,
  frame: t.String({ description: "Innermost frame of our own code" }),
  cause: t.String({ description: "Cause and stack of a recent occurrence, without secrets" }),
  occurrences: t.Array(
    t.Object({
      correlationId: t.String(),
      at: Moment,
      place: t.String(),
      principal: t.Union([t.String(), t.Null()]),
    }),
    { description: "The latest, newest first" },
  ),
  recoveries: t.Array(RecoveryView, { description: "What was tried against errors of this code" }),
});
export type IncidentDetail = Static<typeof IncidentDetail>;

export const ById = t.Object({ id: t.String({ minLength: 1, maxLength: 64 }) });
export const StateBody = t.Object({ state: t.UnionEnum(SETTABLE_STATES, CHOSEN) }, closed);

export const StrategyList = t.Object({
  items: t.Array(
    t.Object({
      name: t.String(),
      description: t.String(),
      attempts: Type.Integer(),
      successes: Type.Integer(),
      byCode: t.Array(RecoveryView),
    }),
  ),
  nextCursor: t.Null(),
});
export type StrategyView = Static<typeof StrategyList>["items"][number];

export const SummaryView = t.Object({
  hours: Type.Integer({ description: "How far back it looks" }),
  answered: Type.Integer({ description: "Requests" }),
  failures: Type.Integer({ description: "Occurrences of what is listed here" }),
  refused: t.Array(t.Object({ code: t.String(), count: Type.Integer() }), {
    description: "Requests refused with a 4xx answer: counted, not listed",
  }),
  states: t.Object({
    open: Type.Integer(),
    reopened: Type.Integer(),
    resolved: Type.Integer(),
    ignored: Type.Integer(),
  }),
});
