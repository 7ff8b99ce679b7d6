import { type Static, Type } from "@sinclair/typebox";
import { SEVERITIES } from "../../../schema/rules/severities.ts";
import { MAX_LABEL_LENGTH, MAX_LABELS, MAX_TYPE_LENGTH } from "../alert.ts";

const MAX_NAME_LENGTH = 100;
const MAX_TEMPLATE_LENGTH = 2_000;
const MAX_REFERENCES = 20;
const MAX_STEPS = 10;
const DAY_SECONDS = 86_400;
const DAY_MINUTES = 1_440;
const closed = { additionalProperties: false };

const Id = Type.String({ minLength: 1, maxLength: 64 });
const Label = Type.String({ minLength: 1, maxLength: MAX_LABEL_LENGTH });
const Labels = Type.Record(Label, Type.String({ maxLength: MAX_LABEL_LENGTH }), {
  maxProperties: MAX_LABELS,
});
const SeverityName = Type.Union(SEVERITIES.map((severity) => Type.Literal(severity)));
const AlertType = Type.String({ minLength: 1, maxLength: MAX_TYPE_LENGTH });
const name = Type.String({ minLength: 1, maxLength: MAX_NAME_LENGTH, pattern: "\\S" });
const enabled = Type.Boolean({ default: true });
const forSeconds = Type.Integer({
  minimum: 0,
  maximum: DAY_SECONDS,
  default: 0,
  description: "How long it must be so",
});
const direction = Type.Union([Type.Literal("above"), Type.Literal("below")]);

const Series = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200, description: "Name of the metric" }),
    labels: Type.Optional(Labels),
  },
  { ...closed, description: "Every series of that name that has at least these labels" },
);
const windowSeconds = Type.Integer({ minimum: 10, maximum: DAY_SECONDS });
const Filter = Type.Record(
  Type.String({ minLength: 1, maxLength: 100 }),
  Type.Union([Type.String({ maxLength: 500 }), Type.Number(), Type.Boolean()]),
  { maxProperties: 10, description: "Payload field → value it must have" },
);
const Pattern = Type.String({ minLength: 1, maxLength: 200, description: "job.failed, plugin.*" });

const Threshold = Type.Object(
  {
    kind: Type.Literal("threshold"),
    series: Series,
    direction,
    value: Type.Number(),
    clearValue: Type.Optional(
      Type.Number({ description: "It is over only once the value is back here; value when absent" }),
    ),
    forSeconds,
  },
  closed,
);
const Absence = Type.Object(
  {
    kind: Type.Literal("absence"),
    series: Series,
    forSeconds: Type.Integer({ minimum: 10, maximum: DAY_SECONDS }),
  },
  closed,
);
export const Rate = Type.Object(
  {
    kind: Type.Literal("rate"),
    series: Series,
    direction: Type.Union([Type.Literal("rise"), Type.Literal("fall")]),
    change: Type.Number({ exclusiveMinimum: 0, description: "By at least so much" }),
    windowSeconds,
  },
  closed,
);
const Anomaly = Type.Object(
  {
    kind: Type.Literal("anomaly"),
    series: Series,
    sensitivity: Type.Number({
      minimum: 2,
      maximum: 100,
      default: 5,
      description: "Modified z-score from which a value is unusual",
    }),
    windowSeconds: Type.Integer({ minimum: 300, maximum: 3_600, default: 3_600 }),
    forSeconds,
  },
  closed,
);
const EventMatch = Type.Object(
  {
    kind: Type.Literal("event"),
    pattern: Pattern,
    filter: Type.Optional(Filter),
    by: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
        maxItems: 5,
        description: "Payload fields that tell one alert from another; they become its labels",
      }),
    ),
    resolvedBy: Type.Optional(Type.Object({ pattern: Pattern, filter: Type.Optional(Filter) }, closed)),
  },
  closed,
);
export const Condition = Type.Union([Threshold, Absence, Rate, Anomaly, EventMatch]);
export type Condition = Static<typeof Condition>;
export type EventCondition = Static<typeof EventMatch>;
export type MetricCondition = Exclude<Condition, EventCondition>;

export const RuleBody = Type.Object(
  {
    name,
    enabled,
    alertType: AlertType,
    severity: SeverityName,
    condition: Condition,
    dependsOn: Type.Array(Id, {
      maxItems: MAX_REFERENCES,
      default: [],
      description: "While an alert of one of these rules is open, nobody is told of this rule's",
    }),
  },
  closed,
);

const Match = Type.Object(
  {
    severities: Type.Optional(Type.Array(SeverityName, { maxItems: SEVERITIES.length })),
    types: Type.Optional(Type.Array(AlertType, { maxItems: MAX_REFERENCES })),
    labels: Type.Optional(Labels),
  },
  { ...closed, default: {}, description: "What is left out matches everything" },
);
export type Match = Static<typeof Match>;

const ClockTime = Type.String({ pattern: "^([01][0-9]|2[0-3]):[0-5][0-9]$", description: "22:00" });
const QuietHours = Type.Object(
  {
    from: ClockTime,
    to: ClockTime,
    timeZone: Type.String({ minLength: 1, maxLength: 64, description: "Europe/Berlin" }),
    exceptSeverity: Type.Optional(SeverityName),
  },
  { ...closed, description: "Each day nobody is told from … to; exceptSeverity and worse come through" },
);
export type QuietHours = Static<typeof QuietHours>;

const Channels = Type.Array(Id, { minItems: 1, maxItems: MAX_REFERENCES, uniqueItems: true });
export const RouteBody = Type.Object(
  {
    name,
    enabled,
    match: Match,
    onlyUnrouted: Type.Optional(
      Type.Boolean({
        description: "Takes only alerts that no other route takes: a route for the rest",
      }),
    ),
    channels: Channels,
    groupBy: Type.Array(Label, {
      maxItems: 5,
      default: [],
      description: "Labels, or type and severity, whose values part one message from another",
    }),
    groupWaitSeconds: Type.Integer({ minimum: 0, maximum: 3_600, default: 10 }),
    groupIntervalSeconds: Type.Integer({ minimum: 1, maximum: DAY_SECONDS, default: 300 }),
    tellResolved: Type.Boolean({ default: true }),
    quietHours: Type.Optional(QuietHours),
    escalation: Type.Array(
      Type.Object(
        { afterMinutes: Type.Integer({ minimum: 1, maximum: 7 * DAY_MINUTES }), channels: Channels },
        closed,
      ),
      {
        maxItems: MAX_STEPS,
        default: [],
        description: "Who is told next when nobody has acknowledged; each step counts from the one before",
      },
    ),
  },
  closed,
);

export const ChannelBody = Type.Object(
  {
    name,
    enabled,
    plugin: Type.String({ minLength: 1, maxLength: 64, description: "Id of a plugin of type alert" }),
    titleTemplate: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_TEMPLATE_LENGTH })),
    lineTemplate: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_TEMPLATE_LENGTH })),
  },
  closed,
);

const Moment = Type.String({
  pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,9})?)?(Z|[+-]\\d\\d:\\d\\d)$",
  description: "ISO 8601 with a zone: 2030-01-31T22:00:00Z",
});
export const WEEKDAYS = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
] as const;
const Recurrence = Type.Object(
  {
    days: Type.Optional(
      Type.Array(Type.Union(WEEKDAYS.map((day) => Type.Literal(day))), {
        minItems: 1,
        maxItems: WEEKDAYS.length,
        uniqueItems: true,
        description: "On which it begins; every day when left out",
      }),
    ),
    from: ClockTime,
    to: ClockTime,
    timeZone: Type.String({ minLength: 1, maxLength: 64, description: "Europe/Berlin" }),
  },
  { ...closed, description: "Between startsAt and endsAt only at these hours, by the clock on the wall" },
);
export type Recurrence = Static<typeof Recurrence>;
export const WindowBody = Type.Object(
  { name, startsAt: Moment, endsAt: Moment, recurrence: Type.Optional(Recurrence), match: Match },
  { ...closed, description: "While it lasts nobody is told of what matches" },
);

/** The shapes of what people set up. */
export const DEFINITION_BODIES = {
  rule: RuleBody,
  channel: ChannelBody,
  route: RouteBody,
  window: WindowBody,
};
export type DefinitionKind = keyof typeof DEFINITION_BODIES;
export type Bodies = { [Kind in DefinitionKind]: Static<(typeof DEFINITION_BODIES)[Kind]> };

/** One thing that is set up. Times are epoch milliseconds. */
export type Defined<Kind extends DefinitionKind> = Bodies[Kind] & {
  id: string;
  createdAt: number;
  updatedAt: number;
  updatedBy: string;
};
export type Rule = Defined<"rule">;
export type Route = Defined<"route">;
export type Channel = Defined<"channel">;
