import { PLAIN_TEXT } from "../../../schema/plugin/schema-words.ts";
import { compileSchema } from "../../lib/json-schema.ts";
import type { FieldProblem } from "./shape.ts";

type JsonObject = Readonly<Record<string, unknown>>;

const PLAIN = new RegExp(PLAIN_TEXT, "u");
const MAX_NAME_LENGTH = 64;
/** Compiling a schema takes most of a millisecond a field, and nothing else runs meanwhile. */
const MAX_FIELDS = 200;
const MAX_WORDS_LENGTH = 1_000;
/** Schemas under these are of fields that have no name yet. */
const ANY_NAME: ReadonlySet<string> = new Set([
  "additionalProperties",
  "patternProperties",
  "unevaluatedProperties",
]);
/** Values under these are data, not schemas. */
const HOLDS_DATA: ReadonlySet<string> = new Set(["const", "enum", "default", "examples"]);
/** What people read of a field. */
const WORDS = ["title", "description"] as const;

/**
 * Checks a JSON Schema that a form is made of: an object's, one that the server takes (no references, no patterns: they
 * are run by a backtracking engine), names and words that can be shown, defaults that fit.
 */
export function configSchemaProblems(schema: JsonObject, path: string): FieldProblem[] {
  if (countFields(schema) > MAX_FIELDS) return [{ path, message: `has more than ${MAX_FIELDS} fields` }];
  const compiled = compileSchema(schema);
  if ("refused" in compiled) return [{ path, message: asClause(compiled.refused) }];
  if (schema.type !== "object") return [{ path: `${path}.type`, message: 'must be "object"' }];
  const problems = [...fieldProblems(schema, path), ...namelessSecrets(schema, path)];
  return problems.length > 0 ? problems : defaultProblems(schema, path);
}

/** Fields at every depth, wherever a schema may hold some. */
function countFields(node: unknown): number {
  if (typeof node !== "object" || node === null) return 0;
  const inner = Object.values(node).reduce<number>((sum, child) => sum + countFields(child), 0);
  return (
    inner + ("properties" in node && isObject(node.properties) ? Object.keys(node.properties).length : 0)
  );
}

function fieldProblems(schema: JsonObject, path: string): FieldProblem[] {
  const properties = isObject(schema.properties) ? schema.properties : {};
  return Object.entries(properties).flatMap(([name, field]) => {
    const at = `${path}.properties.${name}`;
    if (!PLAIN.test(name) || name.length > MAX_NAME_LENGTH || name === "") {
      return [{ path: at, message: `its name is not plain text of at most ${MAX_NAME_LENGTH} characters` }];
    }
    if (!isObject(field)) return [];
    const isGivenAway = field.writeOnly === true && "default" in field;
    return [
      ...wordProblems(field, at),
      ...(isGivenAway ? [{ path: `${at}.default`, message: "a secret has no default" }] : []),
      ...fieldProblems(field, at),
    ];
  });
}

/**
 * Secrets are kept by the names of their fields: one that could stand under any name would be kept, and shown, with
 * everything else.
 */
function namelessSecrets(node: unknown, path: string): FieldProblem[] {
  if (Array.isArray(node)) return node.flatMap((item, index) => namelessSecrets(item, `${path}.${index}`));
  if (!isObject(node)) return [];
  return Object.entries(node).flatMap(([key, value]) => {
    const at = `${path}.${key}`;
    const message = "holds a secret (writeOnly) without a name: name each secret under properties";
    return ANY_NAME.has(key) && marksSecret(value)
      ? [{ path: at, message }]
      : HOLDS_DATA.has(key)
        ? []
        : namelessSecrets(value, at);
  });
}

const marksSecret = (node: unknown): boolean =>
  Array.isArray(node)
    ? node.some(marksSecret)
    : isObject(node) && (node.writeOnly === true || Object.values(node).some(marksSecret));

const wordProblems = (field: JsonObject, path: string): FieldProblem[] =>
  WORDS.flatMap((word) => {
    const text = field[word];
    const isPlain = typeof text !== "string" || (text.length <= MAX_WORDS_LENGTH && PLAIN.test(text));
    const message = `is not plain text of at most ${MAX_WORDS_LENGTH} characters`;
    return isPlain ? [] : [{ path: `${path}.${word}`, message }];
  });

/** All defaults by one compiled schema: compiling takes ten milliseconds, and a schema may hold a thousand fields. */
function defaultProblems(schema: JsonObject, path: string): FieldProblem[] {
  const compiled = compileSchema(onlyDefaults(schema));
  const [issue] = "check" in compiled ? compiled.check(defaultsOf(schema)) : [];
  if (!issue) return [];
  const field = issue.path === "" ? "" : `.properties.${issue.path}.default`;
  return [{ path: `${path}${field}`, message: `a default does not fit its own schema: ${issue.message}` }];
}

/** The fields that have a default, each with its whole schema; what an object asks beyond them is not asked of defaults. */
function onlyDefaults(schema: JsonObject): JsonObject {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const fields = Object.entries(properties).flatMap(([name, field]): [string, unknown][] => {
    if (!isObject(field)) return [];
    if ("default" in field) return [[name, field]];
    return isObject(field.properties) ? [[name, onlyDefaults(field)]] : [];
  });
  return { type: "object", properties: Object.fromEntries(fields) };
}

/** The values that fields have when nobody sets them; objects are gone through, whatever else is a value. */
export function defaultsOf(schema: JsonObject | undefined): Record<string, unknown> {
  const properties = isObject(schema?.properties) ? schema.properties : {};
  const entries = Object.entries(properties).flatMap(([name, field]): [string, unknown][] => {
    if (!isObject(field)) return [];
    if ("default" in field) return [[name, structuredClone(field.default)]];
    const inner = defaultsOf(field);
    return Object.keys(inner).length > 0 ? [[name, inner]] : [];
  });
  return Object.fromEntries(entries);
}

/** Whether the schema declares something at that dotted path; below what it leaves open, everything is. */
export function declares(schema: JsonObject | undefined, path: string): boolean {
  let node: unknown = schema;
  for (const name of path.split(".")) {
    if (!isObject(node)) return false;
    const properties = isObject(node.properties) ? node.properties : {};
    node = Object.hasOwn(properties, name) ? properties[name] : node.additionalProperties;
    if (node === true) return true;
  }
  return isObject(node);
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `A schema is a JSON object.` → `a schema is a JSON object` */
const asClause = (text: string): string =>
  `is refused: ${text.charAt(0).toLowerCase()}${text.slice(1).replace(/\.$/, "")}`;
