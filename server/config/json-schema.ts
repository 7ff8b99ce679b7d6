import type { TSchema } from "@sinclair/typebox";
import { SettingsSchema } from "./schema.ts";
import { BARE_LIST } from "./sections/plugins.ts";
import { allowedValues } from "./setting-problem.ts";

const DIALECT = "http://json-schema.org/draft-07/schema#";
/** A reference stands for any value. */
const REFERENCE_PATTERN = "\\$\\{(env|secret):[^}]+\\}";
const KEYWORDS = ["default", "enum", "minimum", "maximum", "maxLength", "maxItems", "pattern"] as const;

/** A JSON Schema, as far as it is written here. */
export interface SchemaNode {
  [keyword: string]: unknown;
}

/**
 * The configuration file's JSON Schema for editors (draft 07): types, limits, words, defaults; no keyword of ours.
 * Every value may also be a reference.
 */
export function settingsJsonSchema(): SchemaNode {
  return {
    $schema: DIALECT,
    title: "Binnacle configuration",
    ...sectionNode(SettingsSchema, { $schema: { type: "string" } }),
  };
}

function sectionNode(schema: TSchema, extra: SchemaNode = {}): SchemaNode {
  const properties: Record<string, TSchema> = schema.properties ?? {};
  const nodes = Object.entries(properties).map(([name, child]) => [name, childNode(name, child)] as const);
  return {
    ...(schema.description ? { description: schema.description } : {}),
    type: ["object", "null"],
    additionalProperties: false,
    properties: { ...extra, ...Object.fromEntries(nodes) },
  };
}

function childNode(key: string, schema: TSchema): SchemaNode {
  if (schema.type !== "object") return valueNode(key, schema);
  const list: TSchema | undefined = key === BARE_LIST.section ? schema.properties[BARE_LIST.key] : undefined;
  if (!list) return sectionNode(schema);
  return {
    anyOf: [sectionNode(schema), { type: "array", maxItems: list.maxItems, items: itemNode(list.items) }],
  };
}

function valueNode(key: string, schema: TSchema): SchemaNode {
  const { default: initial, ...limits } = pick(schema);
  const moment = schema.planned
    ? " (takes effect with a later version)"
    : schema.restart
      ? " (at the next start)"
      : "";
  const value: SchemaNode = {
    type: schema.type,
    ...limits,
    ...(schema.type === "array" ? { items: itemNode(schema.items) } : {}),
  };
  const words = schema.spellings ? [{ type: "boolean" }] : [];
  return {
    description: `${schema.description}${moment}. Allowed: ${allowedValues({ key, schema })}.`,
    default: initial,
    anyOf: [value, ...words, { type: "string", pattern: REFERENCE_PATTERN }],
  };
}

/** Items are texts, or objects whose own schema is plain JSON Schema. */
const itemNode = (items: TSchema): SchemaNode =>
  items.type === "object"
    ? JSON.parse(JSON.stringify(items, (name, value) => (name === "machineOnly" ? undefined : value)))
    : { type: "string", maxLength: items.maxLength };

/** A pattern beside a list of values says the same twice. */
function pick(schema: TSchema): SchemaNode {
  const names = KEYWORDS.filter((name) => schema[name] !== undefined && !(name === "pattern" && schema.enum));
  return Object.fromEntries(names.map((name) => [name, schema[name]]));
}
