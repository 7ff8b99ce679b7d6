import type { Ajv2020, ErrorObject, ValidateFunction } from "ajv/dist/2020.js";

/** One thing that is wrong with a value: where (a dotted path, empty for the whole) and what. */
export interface SchemaIssue {
  path: string;
  message: string;
}

/** Gives what is wrong with a value; an empty list when nothing is. */
export type SchemaCheck = (value: unknown) => SchemaIssue[];

const MAX_SCHEMA_LENGTH = 32_768;
const MAX_DEPTH = 20;
/** Compiling takes longer with each, hundreds of alternatives more than their number; nothing else runs meanwhile. */
export const MAX_SUBSCHEMAS = 500;
const MAX_ISSUES = 20;
/**
 * Keywords with which a small schema can ask for work without end: references nest exponentially, patterns are run by
 * a backtracking engine; and the one that turns the answer into a promise.
 */
const REFUSED_KEYWORDS: ReadonlySet<string> = new Set([
  "$async",
  "$ref",
  "$dynamicRef",
  "$recursiveRef",
  "$id",
  "$anchor",
  "$dynamicAnchor",
  "pattern",
  "patternProperties",
]);
/** Values under these are data, not schemas. */
const HOLDS_DATA: ReadonlySet<string> = new Set(["const", "enum", "default", "examples"]);
/** Names under these are properties, not keywords. */
const HOLDS_NAMES: ReadonlySet<string> = new Set(["properties", "$defs", "definitions", "dependentSchemas"]);

const OPTIONS = {
  allErrors: false,
  strict: true,
  strictTypes: false,
  strictRequired: false,
  allowUnionTypes: true,
} as const;

/** Evaluated with the first schema: a start has no time for it. */
const ajvModule = (): typeof import("ajv/dist/2020.js") => require("ajv/dist/2020.js");
const formatsModule = (): typeof import("ajv-formats") => require("ajv-formats");

/** Knows what a schema is. Made once, with the first schema: compiling the schema of schemas takes 50 ms, asking it 0.05. */
let metaSchema: Ajv2020 | undefined;

/**
 * Compiles a JSON Schema (draft 2020-12) that somebody sent into a check whose cost is bounded by the sizes of schema
 * and value. The reasons why a schema is refused are returned as sentences.
 */
export function compileSchema(schema: unknown): { check: SchemaCheck } | { refused: string } {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) {
    return { refused: "A schema is a JSON object." };
  }
  if (JSON.stringify(schema).length > MAX_SCHEMA_LENGTH) {
    return { refused: `A schema has at most ${MAX_SCHEMA_LENGTH} characters.` };
  }
  const refusal = refusalOf(schema, 0);
  if (refusal !== undefined) return { refused: refusal };
  if (countSchemas(schema) > MAX_SUBSCHEMAS) {
    return { refused: `A schema is made of at most ${MAX_SUBSCHEMAS} schemas.` };
  }
  try {
    const { Ajv2020: Ajv } = ajvModule();
    metaSchema ??= new Ajv(OPTIONS);
    if (metaSchema.validateSchema(schema) !== true) {
      return {
        refused: `The schema is not valid: ${metaSchema.errorsText(metaSchema.errors, { dataVar: "schema" })}.`,
      };
    }
    // One instance a schema: what one registers is unknown to the next, and goes with it.
    const ajv = new Ajv({ ...OPTIONS, meta: false, validateSchema: false });
    formatsModule().default(ajv);
    return { check: checkBy(ajv.compile(schema)) };
  } catch (error) {
    return {
      refused: `The schema is not valid: ${error instanceof Error ? error.message : "unknown reason"}.`,
    };
  }
}

function refusalOf(node: unknown, depth: number, isNames = false): string | undefined {
  if (typeof node !== "object" || node === null) return undefined;
  if (depth > MAX_DEPTH) return `A schema nests at most ${MAX_DEPTH} levels.`;
  for (const [key, value] of Object.entries(node)) {
    const isKeyword = !isNames && !Array.isArray(node);
    if (isKeyword && REFUSED_KEYWORDS.has(key))
      return `The keyword ${key} is not taken here; write the schema out.`;
    if (isKeyword && HOLDS_DATA.has(key)) continue;
    const refusal = refusalOf(value, depth + 1, isKeyword && HOLDS_NAMES.has(key));
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** Of how many schemas one is made, itself among them; it nests as deep as whoever read it allowed. */
export function countSchemas(node: unknown, isNames = false): number {
  if (typeof node !== "object" || node === null) return 0;
  const isSchema = !isNames && !Array.isArray(node);
  return Object.entries(node).reduce(
    (sum, [key, value]) =>
      isSchema && HOLDS_DATA.has(key) ? sum : sum + countSchemas(value, isSchema && HOLDS_NAMES.has(key)),
    isSchema ? 1 : 0,
  );
}

function checkBy(validate: ValidateFunction): SchemaCheck {
  return (value) => (validate(value) ? [] : (validate.errors ?? []).slice(0, MAX_ISSUES).map(issueOf));
}

function issueOf({ instancePath, message = "is not valid", keyword, params }: ErrorObject): SchemaIssue {
  const path = instancePath.split("/").filter(Boolean).map(unescapeSegment).join(".");
  const unknown: unknown = keyword === "additionalProperties" ? params.additionalProperty : undefined;
  return { path, message: typeof unknown === "string" ? `must not have the field ${unknown}` : message };
}

/** JSON Pointer escapes (RFC 6901 §3). */
const unescapeSegment = (segment: string): string => segment.replaceAll("~1", "/").replaceAll("~0", "~");
