import type { Edit, Setting } from "../../data/settings.ts";
import { readSchema } from "../../lib/json-schema.ts";
import { checkValue } from "../../lib/schema-check.ts";

/** What a reader has typed into a setting's control, or that they take its override back. */
export type Entry = { kind: "typed"; text: string } | { kind: "takenBack" };

/** Key → what is to become of it; settings that stay as they are have none. */
export type Draft = ReadonlyMap<string, Entry>;

/** What typed text means for a setting: a value, or what is wrong with it. */
export type Reading = { value: unknown } | { problem: string };

const REFERENCE = /\$\{(?:secret|env):[^}]+\}/;
const WHOLE_NUMBER = /^-?\d+$/;

/** A value as its control shows it; a list stands one item a line. */
export function textOf(value: unknown): string {
  if (isTextList(value)) return value.join("\n");
  return typeof value === "string" ? value : JSON.stringify(value);
}

const isTextList = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === "string");

/** Reads what was typed, by the limits that the server stated. It has the last word; this one is told at each key. */
export function readEntry(setting: Setting, text: string): Reading {
  const problem = { problem: `Needs ${setting.allowed}` };
  if (setting.type === "objects") return readObjects(setting, text);
  if (setting.type === "boolean") return { value: text === "true" };
  if (REFERENCE.test(text))
    return setting.secret ? { value: text } : { problem: "Only secret settings take a reference here" };
  if (setting.type === "integer") {
    const value = Number(text.trim());
    const isWithin = value >= (setting.minimum ?? -Infinity) && value <= (setting.maximum ?? Infinity);
    return WHOLE_NUMBER.test(text.trim()) && isWithin ? { value } : problem;
  }
  if (setting.type === "list") return readList(setting, text);
  if (setting.secret && text !== "")
    return { problem: "Store it under Secrets and write ${" + "secret:NAME}" };
  const isLong = text.length > (setting.maxLength ?? Infinity);
  const isOther = setting.pattern !== undefined && !new RegExp(setting.pattern).test(text);
  const isUnknown = setting.values !== undefined && !setting.values.includes(text);
  return isLong || isOther || isUnknown ? problem : { value: text };
}

/** The form of a list of objects writes JSON; what is wrong in it stands at its field too. */
function readObjects(setting: Setting, text: string): Reading {
  const value: unknown = text === "" ? [] : JSON.parse(text);
  const [first] = checkValue(readSchema(setting.schema), value);
  if (first === undefined) return { value };
  const [pointer, problem] = first;
  const [index = "", ...field] = pointer.split("/").slice(1);
  return { problem: `Entry ${Number(index) + 1}: ${[...field, problem].join(" ")}` };
}

function readList(setting: Setting, text: string): Reading {
  const value = text
    .split(/[\n,]/)
    .map((item) => item.trim())
    .filter((item) => item !== "");
  return value.length > (setting.maxItems ?? Infinity) ? { problem: `Needs ${setting.allowed}` } : { value };
}

/** The draft with one entry more, or without it when it says what holds anyway. */
export function withEntry(draft: Draft, setting: Setting, entry: Entry | undefined): Draft {
  const next = new Map(draft);
  const isSame = entry?.kind === "typed" && entry.text === textOf(setting.value);
  if (entry === undefined || isSame) next.delete(setting.key);
  else next.set(setting.key, entry);
  return next;
}

/** What is wrong with the draft: key → sentence. */
export function draftProblems(draft: Draft, settings: readonly Setting[]): ReadonlyMap<string, string> {
  const problems = new Map<string, string>();
  for (const setting of settings) {
    const entry = draft.get(setting.key);
    if (entry?.kind !== "typed") continue;
    const reading = readEntry(setting, entry.text);
    if ("problem" in reading) problems.set(setting.key, reading.problem);
  }
  return problems;
}

/** The draft as the change that the server is asked for. */
export function editOf(draft: Draft, settings: readonly Setting[]): Edit {
  const edit: Edit = { set: {}, unset: [] };
  for (const setting of settings) {
    const entry = draft.get(setting.key);
    if (entry?.kind === "takenBack") edit.unset.push(setting.key);
    if (entry?.kind !== "typed") continue;
    const reading = readEntry(setting, entry.text);
    if ("value" in reading) edit.set[setting.key] = reading.value;
  }
  return edit;
}

/** The settings that hold every word of the search, in key, description, value or origin. */
export function found(settings: readonly Setting[], search: string): readonly Setting[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return settings;
  return settings.filter((setting) => {
    const text = [
      setting.key,
      setting.description,
      textOf(setting.value),
      setting.origin.origin,
      ...setting.environmentNames,
    ]
      .join(" ")
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
