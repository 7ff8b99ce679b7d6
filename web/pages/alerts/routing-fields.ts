import { SEVERITIES } from "../../../schema/rules/severities.ts";
import { SEVERITY_WORDS } from "../../data/alert-words.ts";
import type { Defined, DefinitionBodies, Match } from "../../data/alerts-types.ts";
import { toLocalInput } from "../../lib/local-input.ts";
import type { SchemaProblems } from "../../lib/schema-check.ts";
import { viewerZone } from "../../lib/viewer.ts";
import { labelPairsOf, recordOf } from "./pairs.ts";

/** What the fields of an editor say, by name. */
export type Draft = Readonly<Record<string, unknown>>;
export type RoutingKind = "channel" | "route" | "window";

/** How something is edited: its form, and the way between the form and what is stored. */
export interface RoutingForm<Kind extends RoutingKind> {
  noun: string;
  /** Of what the draft says so far. */
  schema(channels: readonly Defined<"channel">[], draft: Draft): object;
  blank(): Draft;
  draftOf(body: DefinitionBodies[Kind]): Draft;
  /** The fields have been found right by their schema. */
  bodyOf(draft: Draft): DefinitionBodies[Kind];
  judge(values: unknown): SchemaProblems;
  /** The field of the form that a place in the body is edited by. */
  fieldOf(pointer: string, draft: Draft): string;
}

export const NOTHING_WRONG: SchemaProblems = new Map();
const WORST_FIRST = SEVERITIES.toReversed();
export const severityChoice = {
  enum: WORST_FIRST,
  enumNames: WORST_FIRST.map((one) => SEVERITY_WORDS[one].word),
};
export const name = { type: "string", title: "Name", minLength: 1, maxLength: 100, pattern: "\\S" };
export const enabled = { type: "boolean", title: "Switched on", default: true };
export const texts = (
  title: string,
  entry: string,
  description: string,
  { maxItems, maxLength }: { maxItems: number; maxLength: number },
) => ({
  ...{ type: "array", title, description, maxItems },
  items: { type: "string", title: entry, minLength: 1, maxLength },
});
export const matchFields = {
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

export const matchDraft = ({ severities = [], types = [], labels }: Match): Draft => ({
  ...{ severities, types, labels: labelPairsOf(labels) },
});

export function matchOf({ severities, types, labels }: Draft): Match {
  const filled = (list: unknown): list is readonly string[] => Array.isArray(list) && list.length > 0;
  const record = recordOf(labels);
  return {
    ...(filled(severities) ? { severities: SEVERITIES.filter((one) => severities.includes(one)) } : {}),
    ...(filled(types) ? { types } : {}),
    ...(record === undefined ? {} : { labels: record }),
  };
}

/** The zone that the viewer's times are written in, to begin with. */
export const ownZone = (): string => viewerZone() ?? Intl.DateTimeFormat().resolvedOptions().timeZone;

export const localMinute = (atMs: number): string => toLocalInput(atMs).slice(0, 16);
export const isWritten = (value: unknown): boolean => typeof value === "string" && value !== "";
export const draftFrom = (values: unknown): Draft =>
  typeof values === "object" && values !== null ? { ...values } : {};
export const withoutEmpty = (draft: Draft): Draft =>
  Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined && value !== ""));

/** What is wrong with a zone that somebody wrote; undefined for one that the browser knows. */
export function zoneProblem(zone: unknown): string | undefined {
  try {
    new Intl.DateTimeFormat("en", { timeZone: String(zone) });
    return undefined;
  } catch {
    return "must be a time zone, like Europe/Berlin";
  }
}
