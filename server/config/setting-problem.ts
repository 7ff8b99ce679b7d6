import { Value } from "@sinclair/typebox/value";
import { nearest } from "../lib/nearest.ts";
import { ENVIRONMENT_PREFIX, environmentName, isSection, SETTINGS } from "./schema.ts";
import type { SettingDefinition } from "./setting-types.ts";

const MAX_VALUE_SHOWN = 100;

/** Why the setting cannot have that value, with what it can have; undefined when it can. */
export function valueProblem(
  setting: SettingDefinition,
  value: unknown,
  isHidden = false,
): string | undefined {
  if (Value.Check(setting.schema, value)) return undefined;
  const place = firstInnerProblem(setting, value);
  if (place) return place;
  if (isHidden) return `what it refers to is not allowed: ${allowedValues(setting)}`;
  const text = JSON.stringify(value) ?? "nothing";
  const shown = text.length > MAX_VALUE_SHOWN ? `${text.slice(0, MAX_VALUE_SHOWN)}…` : text;
  return `${shown} is not allowed: ${allowedValues(setting)}`;
}

/** What is wrong inside a list of objects: where, and what is wanted there; never the value. */
function firstInnerProblem({ schema }: SettingDefinition, value: unknown): string | undefined {
  if (schema.items?.type !== "object" || !Array.isArray(value)) return undefined;
  const first = Value.Errors(schema, value).First();
  return first && `${first.path.split("/").filter(Boolean).join(".")}: ${first.message.toLowerCase()}`;
}

/** What is wrong with a key that is no setting, and the nearest one that is. */
export function unknownKey(key: string): string {
  if (isSection(key)) return "this is a section; its settings stand beneath it";
  const isName = key.startsWith(ENVIRONMENT_PREFIX);
  const known = SETTINGS.map((setting) => (isName ? environmentName(setting.key) : setting.key));
  const suggestion = nearest(key, known);
  return suggestion ? `there is no such setting; did you mean "${suggestion}"?` : "there is no such setting";
}

/** What a setting can be, in words: `one of debug, info`, `a whole number from 1 to 60`. */
export function allowedValues({ schema }: SettingDefinition): string {
  if (Array.isArray(schema.enum)) return `one of ${schema.enum.join(", ")}`;
  if (schema.type === "integer") return `a whole number from ${schema.minimum} to ${schema.maximum}`;
  if (schema.type === "boolean") return "true or false";
  if (schema.type === "array" && schema.items?.type === "object") {
    return `a list of at most ${schema.maxItems}, each with ${Object.keys(schema.items.properties).join(", ")}`;
  }
  if (schema.type === "array") return `a list of at most ${schema.maxItems} texts`;
  return schema.pattern
    ? `a text that matches ${schema.pattern}`
    : `a text of at most ${schema.maxLength} characters`;
}
