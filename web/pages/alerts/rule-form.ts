import { SEVERITIES } from "../../../schema/rules/severities.ts";
import { SEVERITY_WORDS } from "../../data/alert-words.ts";
import type { Condition, ConditionKind, Defined, RuleBody } from "../../data/alerts-types.ts";
import type { SchemaProblems } from "../../lib/schema-check.ts";
import { labelPairsOf, pairProblems, pairsOf, plainRecordOf, recordOf } from "./pairs.ts";

/** What the fields of the editor say, by name. */
export type RuleDraft = Readonly<Record<string, unknown>>;

const DAY_SECONDS = 86_400;
const EVENT_PATTERN = /^(?:\*\*?|[a-z][a-z0-9_]*)(?:\.(?:\*\*?|[a-z][a-z0-9_]*))*$/;
const KIND_NAMES: Readonly<Record<ConditionKind, string>> = {
  threshold: "A value is above or below a limit",
  absence: "Values stay away",
  rate: "A value rises or falls fast",
  anomaly: "A value is unusual",
  event: "Something happens (an event)",
};
const KINDS = Object.keys(KIND_NAMES);

const pairList = (title: string, entry: string, description: string, maxItems: number) => ({
  type: "array",
  title,
  description,
  maxItems,
  items: { type: "string", title: entry, maxLength: 400 },
});
const forSeconds = {
  type: "integer",
  title: "For how long, in seconds",
  description: "It must be so for this long before anybody is told; 0 at once",
  minimum: 0,
  maximum: DAY_SECONDS,
  default: 0,
};
const windowSeconds = {
  type: "integer",
  title: "Within how many seconds",
  minimum: 10,
  maximum: DAY_SECONDS,
  default: 300,
};
const series = {
  metric: {
    type: "string",
    title: "Metric",
    description: "Its name; choose a series from the list, or write one that is yet to come",
    minLength: 1,
    maxLength: 200,
  },
  labels: pairList(
    "Only with these labels",
    "Label",
    "mount=/ and the like; every series of the name when there is none",
    20,
  ),
};
const choice = (title: string, values: readonly string[], names: readonly string[]) => ({
  ...{ title, enum: values, enumNames: names },
});

interface Fields {
  properties: Readonly<Record<string, object>>;
  required: readonly string[];
}

/** Of each kind its own fields. */
const FIELDS: Readonly<Record<ConditionKind, Fields>> = {
  threshold: {
    properties: {
      ...series,
      direction: choice("Fires when the value is", ["above", "below"], ["above", "below"]),
      value: { type: "number", title: "Limit", description: "In the metric's own unit" },
      clearValue: {
        type: "number",
        title: "Over once it is back at",
        description:
          "Keeps a value that wavers around the limit from firing again and again; the limit when empty",
      },
      forSeconds,
    },
    required: ["metric", "direction", "value"],
  },
  absence: {
    properties: { ...series, forSeconds: { ...forSeconds, description: "", minimum: 10, default: 300 } },
    required: ["metric"],
  },
  rate: {
    properties: {
      ...series,
      direction: choice("Fires when the value", ["rise", "fall"], ["rises", "falls"]),
      change: {
        type: "number",
        title: "By at least",
        description: "In the metric's own unit",
        exclusiveMinimum: 0,
      },
      windowSeconds,
    },
    required: ["metric", "direction", "change"],
  },
  anomaly: {
    properties: {
      ...series,
      sensitivity: {
        type: "number",
        title: "How unusual",
        description: "Distance from the median in robust standard deviations; the lower, the sooner it fires",
        minimum: 2,
        maximum: 100,
        default: 5,
      },
      windowSeconds: {
        ...windowSeconds,
        title: "Against the last so many seconds",
        minimum: 300,
        maximum: 3_600,
        default: 3_600,
      },
      forSeconds,
    },
    required: ["metric"],
  },
  event: {
    properties: {
      pattern: {
        type: "string",
        title: "Events",
        description: "job.failed, or plugin.* for all that begin so",
        minLength: 1,
        maxLength: 200,
      },
      filter: pairList("Only with this payload", "Field", "to=unhealthy and the like", 10),
      by: {
        type: "array",
        title: "One alert for each",
        description: "Payload fields that tell one alert from another, such as pluginId",
        maxItems: 5,
        items: { type: "string", title: "Field", minLength: 1, maxLength: 100 },
      },
      resolvedPattern: {
        type: "string",
        title: "Over when this happens",
        description: "The event that ends it; without one, somebody resolves it",
        maxLength: 200,
      },
      resolvedFilter: pairList("… with this payload", "Field", "from=unhealthy and the like", 10),
    },
    required: ["pattern"],
  },
};

/** The form of a rule, as JSON Schema; `others` are the rules it may depend on. */
export function ruleSchema(
  kind: ConditionKind,
  others: readonly Pick<Defined<"rule">, "id" | "name">[],
): object {
  const { properties, required } = FIELDS[kind];
  const severities = SEVERITIES.toReversed();
  return {
    type: "object",
    required: ["name", "alertType", "severity", "kind", ...required],
    properties: {
      name: { type: "string", title: "Name", minLength: 1, maxLength: 100, pattern: "\\S" },
      kind: choice("Fires when", KINDS, Object.values(KIND_NAMES)),
      ...properties,
      severity: choice(
        "Severity",
        severities,
        severities.map((severity) => SEVERITY_WORDS[severity].word),
      ),
      alertType: {
        type: "string",
        title: "Type of alert",
        description: "One word that routes and filters know it by, such as disk_full",
        minLength: 1,
        maxLength: 100,
        pattern: "\\S",
      },
      ...(others.length === 0 ? {} : { dependsOn: dependsOn(others) }),
      enabled: { type: "boolean", title: "Switched on", default: true },
    },
  };
}

const dependsOn = (others: readonly Pick<Defined<"rule">, "id" | "name">[]) => ({
  type: "array",
  title: "Depends on",
  description: "While one of these has an alert open, nobody is told of this rule's",
  uniqueItems: true,
  maxItems: 20,
  items: { enum: others.map(({ id }) => id), enumNames: others.map(({ name }) => name) },
});

export const NEW_RULE: RuleDraft = {
  name: "",
  kind: "threshold",
  metric: "",
  direction: "above",
  severity: "MEDIUM",
  alertType: "",
  enabled: true,
};

export const kindOf = ({ kind }: RuleDraft): ConditionKind =>
  KINDS.includes(String(kind)) ? (kind as ConditionKind) : "threshold";

/** The fields of another kind begin with what means the same. */
export function withKind(draft: RuleDraft, kind: ConditionKind): RuleDraft {
  const { direction: _of, forSeconds: _old, windowSeconds: _before, ...kept } = draft;
  if (kind === "threshold") return { ...kept, kind, direction: "above" };
  return kind === "rate" ? { ...kept, kind, direction: "rise" } : { ...kept, kind };
}

/** A rule as the editor's fields. */
export function draftOf({ name, enabled, alertType, severity, condition, dependsOn }: RuleBody): RuleDraft {
  const general = { name, enabled, alertType, severity, dependsOn, kind: condition.kind };
  if (condition.kind === "event") {
    const { pattern, filter, by, resolvedBy } = condition;
    return {
      ...general,
      ...{ pattern, filter: pairsOf(filter), by: by ?? [] },
      ...(resolvedBy && { resolvedPattern: resolvedBy.pattern, resolvedFilter: pairsOf(resolvedBy.filter) }),
    };
  }
  const { series: chosen, kind: _kind, ...rest } = condition;
  return { ...general, ...rest, metric: chosen.name, labels: labelPairsOf(chosen.labels) };
}

/** The rule that the fields describe; they have been found right by their schema. */
export function ruleOf(draft: RuleDraft): RuleBody {
  const { name, enabled = true, alertType, severity, dependsOn = [] } = draft;
  // The schema of the form is that of the body, field by field.
  return { name, enabled, alertType, severity, dependsOn, condition: conditionOf(draft) } as RuleBody;
}

function conditionOf(draft: RuleDraft): Condition {
  const kind = kindOf(draft);
  if (kind === "event") {
    const { pattern, by, resolvedPattern } = draft;
    const fields = Array.isArray(by) ? by : [];
    const end = { pattern: resolvedPattern, ...present("filter", plainRecordOf(draft.resolvedFilter)) };
    return {
      ...{ kind, pattern },
      ...present("filter", plainRecordOf(draft.filter)),
      ...(fields.length === 0 ? {} : { by: fields }),
      ...(typeof resolvedPattern === "string" && resolvedPattern !== "" ? { resolvedBy: end } : {}),
    } as Condition;
  }
  const { properties } = FIELDS[kind];
  const own = Object.entries(properties)
    .filter(([field]) => field !== "metric" && field !== "labels")
    .map(([field, schema]) => [field, draft[field] ?? ("default" in schema ? schema.default : undefined)])
    .filter(([, value]) => value !== undefined);
  const chosen = { name: draft.metric, ...present("labels", recordOf(draft.labels)) };
  return { kind, series: chosen, ...Object.fromEntries(own) } as Condition;
}

const present = (name: string, value: unknown): object => (value === undefined ? {} : { [name]: value });

/** What the schema of the form cannot say. */
export function judgeRule(values: unknown): SchemaProblems {
  const draft: RuleDraft = typeof values === "object" && values !== null ? { ...values } : {};
  const { direction, value, clearValue } = draft;
  const kind = kindOf(draft);
  const problems = new Map(kind === "event" ? eventProblems(draft) : pairProblems("labels", draft.labels));
  if (kind === "threshold" && typeof value === "number" && typeof clearValue === "number") {
    const isBeyond = direction === "below" ? clearValue < value : clearValue > value;
    if (isBeyond)
      problems.set(
        "/clearValue",
        `must be ${direction === "below" ? "at or above" : "at or below"} the limit`,
      );
  }
  return problems;
}

const eventProblems = (draft: RuleDraft): [string, string][] => [
  ...pairProblems("filter", draft.filter),
  ...pairProblems("resolvedFilter", draft.resolvedFilter),
  ...["pattern", "resolvedPattern"].flatMap((field): [string, string][] => {
    const text = draft[field];
    const isWrong = typeof text === "string" && text !== "" && !EVENT_PATTERN.test(text);
    return isWrong
      ? [[`/${field}`, "must be lower-case words joined by dots, with * for one word and ** for any"]]
      : [];
  }),
];

const POINTERS: Readonly<Record<string, string>> = {
  "/condition/series/name": "/metric",
  "/condition/series": "/metric",
  "/condition/series/labels": "/labels",
  "/condition/resolvedBy/pattern": "/resolvedPattern",
  "/condition/resolvedBy/filter": "/resolvedFilter",
};

/** The field of the form that a place in the rule is edited by. */
export const rulePointer = (pointer: string): string =>
  POINTERS[pointer] ?? pointer.replace(/^\/condition(?=\/)/, "");
