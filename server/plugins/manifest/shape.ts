import type { Ajv2020, ErrorObject } from "ajv/dist/2020.js";
import { MANIFEST_SCHEMA } from "../../../schema/plugin/manifest-schema.ts";
import { nearest } from "../../lib/nearest.ts";

/** A problem before it is known in which line it stands. */
export interface FieldProblem {
  path: string;
  message: string;
}

const MAX_SHOWN = 60;

/** Evaluated with the first manifest: a start has no time for it. */
const ajvModule = (): typeof import("ajv/dist/2020.js") => require("ajv/dist/2020.js");

let compiled: ReturnType<Ajv2020["compile"]> | undefined;

/** Checks types, limits and names of fields against the printed schema; each problem is a sentence about one field. */
export function shapeProblems(value: unknown): FieldProblem[] {
  // Compiled with the first manifest: a server without plugins does not pay for it.
  const { Ajv2020: Ajv } = ajvModule();
  compiled ??= new Ajv({ allErrors: true, verbose: true, strict: true, allowUnionTypes: true }).compile(
    MANIFEST_SCHEMA,
  );
  return compiled(value) ? [] : (compiled.errors ?? []).map(problemOf);
}

function problemOf(error: ErrorObject): FieldProblem {
  const path = error.instancePath.split("/").slice(1).map(unescapeSegment).join(".");
  const { params } = error;
  if (error.keyword === "required")
    return { path: join(path, params.missingProperty), message: "is missing" };
  if (error.keyword === "additionalProperties") return unknownField(path, params.additionalProperty, error);
  return { path, message: sentence(error) };
}

function unknownField(path: string, name: string, { parentSchema }: ErrorObject): FieldProblem {
  const known = nearest(name, Object.keys(parentSchema?.properties ?? {}));
  const hint = known === undefined ? "" : `; did you mean "${known}"?`;
  return { path: join(path, name), message: `there is no such field${hint}` };
}

function sentence({ keyword, params, data, parentSchema, message }: ErrorObject): string {
  const description: unknown = parentSchema?.description;
  // It is the end of a sentence that has its full stop already.
  const wanted = typeof description === "string" ? description.replace(/\.$/, "") : (message ?? "not valid");
  switch (keyword) {
    case "type":
      return `is ${kindOf(data)}, but must be ${[params.type].flat().join(" or ")}`;
    case "enum":
      return `is ${shown(data)}, but must be one of ${params.allowedValues.join(", ")}`;
    case "pattern":
      return `${shown(data)} is not allowed: ${wanted}`;
    case "minimum":
    case "maximum":
      return `is ${shown(data)}, but must be ${params.comparison === "<=" ? "at most" : "at least"} ${params.limit}`;
    case "minLength":
      return "is empty";
    case "maxLength":
      return `has more than ${params.limit} characters`;
    case "minItems":
      return "is empty";
    case "maxItems":
    case "maxProperties":
      return `has more than ${params.limit} entries`;
    default:
      return message ?? "is not valid";
  }
}

function kindOf(data: unknown): string {
  if (data === null) return "null";
  if (Array.isArray(data)) return "a list";
  return typeof data === "object" ? "an object" : `a ${typeof data}`;
}

/** As JSON, so that control characters are seen; cut. */
function shown(data: unknown): string {
  const text = JSON.stringify(data) ?? "nothing";
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

const join = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);

/** JSON Pointer escapes (RFC 6901 §3). */
const unescapeSegment = (segment: string): string => segment.replaceAll("~1", "/").replaceAll("~0", "~");
