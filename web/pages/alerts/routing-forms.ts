import { SEVERITIES } from "../../../schema/rules/severities.ts";
import { SEVERITY_WORDS } from "../../data/alert-words.ts";
import type {
  ChannelBody,
  Defined,
  DefinitionBodies,
  Match,
  RouteBody,
  WindowBody,
} from "../../data/alerts-types.ts";
import { fromLocalInput, toLocalInput } from "../../lib/local-input.ts";
import type { SchemaProblems } from "../../lib/schema-check.ts";
import { viewerZone } from "../../lib/viewer.ts";
import { labelPairsOf, pairProblems, recordOf } from "./pairs.ts";

/** What the fields of an editor say, by name. */
export type Draft = Readonly<Record<string, unknown>>;
export type RoutingKind = "channel" | "route" | "window";

/** How something is edited: its form, and the way between the form and what is stored. */
export interface RoutingForm<Kind extends RoutingKind> {
  noun: string;
  schema(channels: readonly Defined<"channel">[]): object;
  blank(): Draft;
  draftOf(body: DefinitionBodies[Kind]): Draft;
  /** The fields have been found right by their schema. */
  bodyOf(draft: Draft): DefinitionBodies[Kind];
  judge(values: unknown): SchemaProblems;
  /** The field of the form that a place in the body is edited by. */
  fieldOf(pointer: string): string;
}

const DAY_SECONDS = 86_400;
const WEEK_MINUTES = 10_080;
const HOUR_MS = 3_600_000;
const NOTHING_WRONG: SchemaProblems = new Map();
const WORST_FIRST = SEVERITIES.toReversed();
const severityChoice = { enum: WORST_FIRST, enumNames: WORST_FIRST.map((one) => SEVERITY_WORDS[one].word) };
const name = { type: "string", title: "Name", minLength: 1, maxLength: 100, pattern: "\\S" };
const enabled = { type: "boolean", title: "Switched on", default: true };
const texts = (
  title: string,
  entry: string,
  description: string,
  { maxItems, maxLength }: { maxItems: number; maxLength: number },
) => ({
  ...{ type: "array", title, description, maxItems },
  items: { type: "string", title: entry, minLength: 1, maxLength },
});
const matchFields = {
  severities: {
    ...{ type: "array", title: "Of these severities", description: "Every one when none is chosen" },
    ...{ uniqueItems: true, items: severityChoice },
  },
  types: texts("Of these types", "Type", "disk_full and the like; every type when there is none", {
    maxItems: 20,
    maxLength: 100,
  }),
  labels: texts("With these labels", "Label", "host=db1 and the like; whatever labels when there is none", {
    maxItems: 20,
    maxLength: 400,
  }),
};

const TEMPLATE_NAMES =
  "{{severity}}, {{type}}, {{state}}, {{message}}, {{count}}, {{route}}, {{raisedAt}}, {{occurrences}}, {{id}}, {{labels.NAME}}";
const template = (title: string, fallback: string) => ({
  ...{ type: "string", title, maxLength: 2_000 },
  description: `${fallback} when empty. May name ${TEMPLATE_NAMES}`,
});

const channelForm: RoutingForm<"channel"> = {
  noun: "channel",
  schema: () => ({
    type: "object",
    required: ["name"],
    properties: {
      name,
      titleTemplate: template("Title of a message", "[{{severity}}] {{type}}: {{count}} {{state}}"),
      lineTemplate: template("Line for each alert", "{{severity}} {{state}}: {{message}}"),
      enabled,
    },
  }),
  blank: () => ({ name: "", enabled: true }),
  draftOf: ({ name: called, enabled: isOn, plugin, titleTemplate, lineTemplate }) => ({
    ...{ name: called, enabled: isOn, plugin, titleTemplate, lineTemplate },
  }),
  // The schema of the form is that of the body, field by field.
  bodyOf: (draft) => withoutEmpty({ enabled: true, ...draft }) as unknown as ChannelBody,
  judge: () => NOTHING_WRONG,
  fieldOf: (pointer) => pointer,
};

const routeForm: RoutingForm<"route"> = {
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
    return problems;
  },
  fieldOf: (pointer) =>
    ({
      "/quietHours/from": "/quietFrom",
      "/quietHours/to": "/quietTo",
      "/quietHours/timeZone": "/quietZone",
    })[pointer] ?? pointer.replace(/^\/match(?=\/)/, ""),
};

const windowForm: RoutingForm<"window"> = {
  noun: "maintenance window",
  schema: () => ({
    type: "object",
    required: ["name", "from", "to"],
    properties: {
      name,
      from: { type: "string", title: "From", format: "local-date-time", description: "In your time zone" },
      to: { type: "string", title: "To", format: "local-date-time", description: "In your time zone" },
      ...matchFields,
    },
  }),
  blank: () => ({ name: "", from: localMinute(Date.now()), to: localMinute(Date.now() + HOUR_MS) }),
  draftOf: ({ name: called, startsAt, endsAt, match }) => ({
    ...{ name: called, from: localMinute(Date.parse(startsAt)), to: localMinute(Date.parse(endsAt)) },
    ...matchDraft(match),
  }),
  bodyOf: (draft): WindowBody => ({
    name: String(draft.name),
    startsAt: new Date(fromLocalInput(String(draft.from))).toISOString(),
    endsAt: new Date(fromLocalInput(String(draft.to))).toISOString(),
    match: matchOf(draft),
  }),
  judge: (values) => {
    const { labels, from, to } = draftFrom(values);
    const problems = new Map(pairProblems("labels", labels));
    const [fromMs, toMs] = [from, to].map((moment) => fromLocalInput(String(moment ?? "")));
    if (fromMs !== undefined && toMs !== undefined && toMs <= fromMs)
      problems.set("/to", "must be later than the beginning");
    for (const [field, value] of Object.entries({ from, to }))
      if (isWritten(value) && Number.isNaN(fromLocalInput(String(value))))
        problems.set(`/${field}`, "must be a moment");
    return problems;
  },
  fieldOf: (pointer) =>
    ({ "/startsAt": "/from", "/endsAt": "/to" })[pointer] ?? pointer.replace(/^\/match(?=\/)/, ""),
};

export const ROUTING_FORMS: { readonly [Kind in RoutingKind]: RoutingForm<Kind> } = {
  channel: channelForm,
  route: routeForm,
  window: windowForm,
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
    ...(isQuiet ? { quietHours: withoutEmpty(quietHours) } : {}),
  } as unknown as RouteBody;
}

const matchDraft = ({ severities = [], types = [], labels }: Match): Draft => ({
  ...{ severities, types, labels: labelPairsOf(labels) },
});

function matchOf({ severities, types, labels }: Draft): Match {
  const filled = (list: unknown): list is readonly string[] => Array.isArray(list) && list.length > 0;
  const record = recordOf(labels);
  return {
    ...(filled(severities) ? { severities: SEVERITIES.filter((one) => severities.includes(one)) } : {}),
    ...(filled(types) ? { types } : {}),
    ...(record === undefined ? {} : { labels: record }),
  };
}

/** The zone that the viewer's times are written in, to begin with. */
const ownZone = (): string => viewerZone() ?? Intl.DateTimeFormat().resolvedOptions().timeZone;

const localMinute = (atMs: number): string => toLocalInput(atMs).slice(0, 16);
const isWritten = (value: unknown): boolean => typeof value === "string" && value !== "";
const draftFrom = (values: unknown): Draft =>
  typeof values === "object" && values !== null ? { ...values } : {};
const withoutEmpty = (draft: Draft): Draft =>
  Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined && value !== ""));
