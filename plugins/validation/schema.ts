import { FORMATS, type FormatName, hasFormat } from "./formats.ts";
import { Findings } from "./problem.ts";
import { isSame } from "./rules.ts";

const MAX_DEPTH = 64;

/** The part of JSON Schema (draft 2020-12) that is understood; any other keyword is an error, never silently passed. */
export type Schema = boolean | { [keyword: string]: unknown };

type Path = (string | number)[];
type Check = (value: unknown, demand: unknown, at: Place) => void;

interface Place {
  path: Path;
  root: Schema;
  schema: { [keyword: string]: unknown };
  findings: Findings;
  depth: number;
}

/** JSON Schema's names of formats → ours. */
const SCHEMA_FORMATS: Readonly<Record<string, FormatName>> = {
  email: "email",
  uri: "uri",
  ipv4: "ipv4",
  ipv6: "ipv6",
  hostname: "hostname",
  date: "date",
  time: "time",
  "date-time": "dateTime",
  uuid: "uuid",
};
const SILENT = new Set([
  "$schema",
  "$id",
  "$defs",
  "$comment",
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
]);

/** @throws Error for a keyword that is not understood */
export function checkSchema(data: unknown, schema: Schema, findings: Findings): void {
  check(data, schema, { path: [], root: schema, findings, depth: 0 });
}

function check(
  value: unknown,
  schema: unknown,
  { path, root, findings, depth }: Omit<Place, "schema">,
): void {
  if (schema === true) return;
  if (schema === false) {
    findings.add(path, "is not allowed");
    return;
  }
  if (!isObject(schema)) throw new Error("A schema is an object, true or false.");
  if (depth > MAX_DEPTH) throw new Error(`The schema or the data is nested more than ${MAX_DEPTH} deep.`);
  const place: Place = { path, root, schema, findings, depth: depth + 1 };
  for (const [keyword, demand] of Object.entries(schema)) {
    if (SILENT.has(keyword)) continue;
    const one = Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword] : undefined;
    if (!one) throw new Error(`The keyword "${keyword}" is not understood.`);
    one(value, demand, place);
  }
}

const within = (place: Place, ...names: Path): Place => ({ ...place, path: [...place.path, ...names] });

function unless(isFine: boolean, { findings, path }: Place, message: string): void {
  if (!isFine) findings.add(path, message);
}

/** Whether the value passes, without telling what is wrong. */
function passes(value: unknown, schema: unknown, place: Place): boolean {
  const findings = new Findings();
  check(value, schema, { ...place, findings });
  return findings.problems.length === 0;
}

const KEYWORDS: Readonly<Record<string, Check>> = {
  $ref: (value, demand, place) => check(value, resolve(place.root, String(demand)), place),
  type: (value, demand, place) => {
    const types = [demand].flat().map(String);
    unless(
      types.some((type) => isOfType(value, type)),
      place,
      `is not of the type ${types.join(" or ")}`,
    );
  },
  enum: (value, demand, place) => {
    const all = listOf(demand);
    unless(
      all.some((one) => isSame(one, value)),
      place,
      `is none of ${all.map((one) => JSON.stringify(one)).join(", ")}`,
    );
  },
  const: (value, demand, place) => unless(isSame(demand, value), place, `is not ${JSON.stringify(demand)}`),
  minimum: (value, demand, place) =>
    unless(typeof value !== "number" || value >= Number(demand), place, `is less than ${demand}`),
  maximum: (value, demand, place) =>
    unless(typeof value !== "number" || value <= Number(demand), place, `is more than ${demand}`),
  exclusiveMinimum: (value, demand, place) =>
    unless(typeof value !== "number" || value > Number(demand), place, `is not more than ${demand}`),
  exclusiveMaximum: (value, demand, place) =>
    unless(typeof value !== "number" || value < Number(demand), place, `is not less than ${demand}`),
  multipleOf: (value, demand, place) =>
    unless(
      typeof value !== "number" || Number.isInteger(Number((value / Number(demand)).toFixed(9))),
      place,
      `is no multiple of ${demand}`,
    ),
  minLength: (value, demand, place) =>
    unless(
      typeof value !== "string" || [...value].length >= Number(demand),
      place,
      `has fewer than ${demand} characters`,
    ),
  maxLength: (value, demand, place) =>
    unless(
      typeof value !== "string" || [...value].length <= Number(demand),
      place,
      `has more than ${demand} characters`,
    ),
  pattern: (value, demand, place) =>
    unless(
      typeof value !== "string" || new RegExp(String(demand), "u").test(value),
      place,
      `does not match ${demand}`,
    ),
  format: (value, demand, place) => {
    const format = SCHEMA_FORMATS[String(demand)];
    if (!format) throw new Error(`The format "${demand}" is not understood.`);
    unless(typeof value !== "string" || hasFormat(value, format), place, `is not ${FORMATS[format].name}`);
  },
  minItems: (value, demand, place) =>
    unless(
      !Array.isArray(value) || value.length >= Number(demand),
      place,
      `has fewer than ${demand} entries`,
    ),
  maxItems: (value, demand, place) =>
    unless(!Array.isArray(value) || value.length <= Number(demand), place, `has more than ${demand} entries`),
  uniqueItems: (value, demand, place) => {
    if (demand !== true || !Array.isArray(value)) return;
    unless(new Set(value.map(canonical)).size === value.length, place, "holds an entry twice");
  },
  items: (value, demand, place) => {
    if (!Array.isArray(value)) return;
    for (const [index, item] of value.entries()) check(item, demand, within(place, index));
  },
  required: (value, demand, place) => {
    if (!isObject(value)) return;
    for (const name of listOf(demand).map(String))
      unless(Object.hasOwn(value, name), within(place, name), "is missing");
  },
  properties: (value, demand, place) => {
    if (!isObject(value) || !isObject(demand)) return;
    for (const [name, schema] of Object.entries(demand)) {
      if (Object.hasOwn(value, name)) check(value[name], schema, within(place, name));
    }
  },
  additionalProperties: (value, demand, place) => {
    if (!isObject(value)) return;
    const known = isObject(place.schema.properties) ? place.schema.properties : {};
    for (const [name, item] of Object.entries(value)) {
      if (!Object.hasOwn(known, name)) check(item, demand, within(place, name));
    }
  },
  minProperties: (value, demand, place) =>
    unless(
      !isObject(value) || Object.keys(value).length >= Number(demand),
      place,
      `has fewer than ${demand} fields`,
    ),
  maxProperties: (value, demand, place) =>
    unless(
      !isObject(value) || Object.keys(value).length <= Number(demand),
      place,
      `has more than ${demand} fields`,
    ),
  allOf: (value, demand, place) => {
    for (const schema of listOf(demand)) check(value, schema, place);
  },
  anyOf: (value, demand, place) =>
    unless(
      listOf(demand).some((schema) => passes(value, schema, place)),
      place,
      "fits none of the alternatives",
    ),
  oneOf: (value, demand, place) => {
    const fitting = listOf(demand).filter((schema) => passes(value, schema, place)).length;
    unless(
      fitting === 1,
      place,
      fitting === 0 ? "fits none of the alternatives" : "fits more than one of the alternatives",
    );
  },
  not: (value, demand, place) =>
    unless(!passes(value, demand, place), place, "is of a form that is excluded"),
};

/** `#/$defs/name`, inside the same schema only: nothing is fetched. */
function resolve(root: Schema, reference: string): unknown {
  if (reference !== "#" && !reference.startsWith("#/"))
    throw new Error(`"${reference}" leads out of the schema; only #/… is followed.`);
  let found: unknown = root;
  for (const name of reference.split("/").slice(1)) {
    const key = name.replaceAll("~1", "/").replaceAll("~0", "~");
    if (!isObject(found) || !Object.hasOwn(found, key)) throw new Error(`"${reference}" leads nowhere.`);
    found = found[key];
  }
  return found;
}

function isOfType(value: unknown, type: string): boolean {
  if (type === "integer") return Number.isInteger(value);
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isObject(value);
  return typeof value === type;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function listOf(demand: unknown): unknown[] {
  if (!Array.isArray(demand)) throw new Error("enum, required, allOf, anyOf and oneOf need a list.");
  return demand;
}

/** The same text for the same value, whatever the order of its fields. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one) =>
    isObject(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one,
  );
}
