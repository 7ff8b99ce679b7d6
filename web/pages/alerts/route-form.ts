import type { Defined, RouteBody } from "../../data/alerts-types.ts";
import { pairProblems } from "./pairs.ts";
import {
  type Draft,
  draftFrom,
  enabled,
  isWritten,
  matchDraft,
  matchFields,
  matchOf,
  name,
  ownZone,
  type RoutingForm,
  severityChoice,
  texts,
  withoutEmpty,
  zoneProblem,
} from "./routing-fields.ts";

const DAY_SECONDS = 86_400;
const WEEK_MINUTES = 10_080;

export const routeForm: RoutingForm<"route"> = {
  noun: "route",
  schema: (channels) => ({
    type: "object",
    required: ["name", "channels"],
    properties: {
      name,
      channels: {
        ...{ type: "array", title: "To these channels", uniqueItems: true, minItems: 1, maxItems: 20 },
        description: channels.length === 0 ? "There is none yet: set a channel up first" : "",
        items: channelChoice(channels),
      },
      ...matchFields,
      onlyUnrouted: {
        type: "boolean",
        title: "Only what no other route takes",
        description: "A route for the rest: alerts that another route takes are left to that one",
        default: false,
      },
      groupBy: texts(
        "One message for each",
        "Label",
        "Labels, type or severity whose values part one message from another; one for all when empty",
        { maxItems: 5, maxLength: 200 },
      ),
      groupWaitSeconds: seconds(
        "Wait for others, in seconds",
        "Before the first message of a group",
        0,
        3_600,
        10,
      ),
      groupIntervalSeconds: seconds(
        "Between messages, in seconds",
        "Before the next message of the same group",
        1,
        DAY_SECONDS,
        300,
      ),
      tellResolved: { type: "boolean", title: "Tell when it is over, too", default: true },
      quietFrom: {
        type: "string",
        title: "Quiet hours from",
        format: "time",
        description: "By the clock on the wall",
      },
      quietTo: { type: "string", title: "Quiet hours to", format: "time" },
      quietZone: {
        type: "string",
        title: "Time zone of the quiet hours",
        description: "Europe/Berlin and the like",
        maxLength: 64,
      },
      quietExcept: {
        ...severityChoice,
        title: "Comes through all the same",
        description: "This severity and worse",
      },
      escalation: {
        type: "array",
        title: "Escalation",
        description: "Who is told next when nobody has acknowledged; each step counts from the one before",
        maxItems: 10,
        items: {
          type: "object",
          title: "Step",
          required: ["afterMinutes", "channels"],
          properties: {
            afterMinutes: {
              type: "integer",
              title: "After so many minutes",
              minimum: 1,
              maximum: WEEK_MINUTES,
            },
            channels: {
              ...{ type: "array", title: "Tell", uniqueItems: true, minItems: 1, maxItems: 20 },
              items: channelChoice(channels),
            },
          },
        },
      },
      enabled,
    },
  }),
  blank: () => ({ name: "", channels: [], enabled: true, tellResolved: true, quietZone: ownZone() }),
  draftOf: ({ match, quietHours, ...rest }) => ({
    ...rest,
    ...matchDraft(match),
    ...(quietHours && {
      quietFrom: quietHours.from,
      quietTo: quietHours.to,
      quietZone: quietHours.timeZone,
      quietExcept: quietHours.exceptSeverity,
    }),
  }),
  bodyOf: routeBody,
  judge: (values) => {
    const { labels, quietFrom, quietTo, quietZone } = draftFrom(values);
    const problems = new Map(pairProblems("labels", labels));
    const quiet = Object.entries({ quietFrom, quietTo, quietZone });
    const isAsked = isWritten(quietFrom) || isWritten(quietTo);
    for (const [field, value] of quiet)
      if (isAsked && !isWritten(value)) problems.set(`/${field}`, "is needed for quiet hours");
    const wrong = isAsked && isWritten(quietZone) ? zoneProblem(quietZone) : undefined;
    if (wrong !== undefined) problems.set("/quietZone", wrong);
    return problems;
  },
  fieldOf: (pointer) =>
    ({
      "/quietHours/from": "/quietFrom",
      "/quietHours/to": "/quietTo",
      "/quietHours/timeZone": "/quietZone",
    })[pointer] ?? pointer.replace(/^\/match(?=\/)/, ""),
};

const seconds = (title: string, description: string, minimum: number, maximum: number, fallback: number) => ({
  ...{ type: "integer", title, description, minimum, maximum, default: fallback },
});

const channelChoice = (channels: readonly Defined<"channel">[]) => ({
  enum: channels.map(({ id }) => id),
  enumNames: channels.map((channel) => channel.name),
});

function routeBody(draft: Draft): RouteBody {
  const {
    severities: _s,
    types: _t,
    labels: _l,
    quietFrom,
    quietTo,
    quietZone,
    quietExcept,
    onlyUnrouted,
    ...rest
  } = draft;
  const isQuiet = isWritten(quietFrom) && isWritten(quietTo);
  const quietHours = { from: quietFrom, to: quietTo, timeZone: quietZone, exceptSeverity: quietExcept };
  const defaults = {
    ...{ enabled: true, groupBy: [], groupWaitSeconds: 10, groupIntervalSeconds: 300 },
    ...{ tellResolved: true, escalation: [] },
  };
  // The schema of the form is that of the body, field by field.
  return {
    ...defaults,
    ...rest,
    match: matchOf(draft),
    ...(onlyUnrouted === true ? { onlyUnrouted } : {}),
    ...(isQuiet ? { quietHours: withoutEmpty(quietHours) } : {}),
  } as unknown as RouteBody;
}
