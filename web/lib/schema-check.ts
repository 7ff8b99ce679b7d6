import { foreignText, foreignValue } from "./foreign-text.ts";
import { type JsonPath, pointerOf } from "./json-path.ts";
import type { SchemaField } from "./json-schema.ts";
import { matchesQuickly } from "./quick-pattern.ts";

/** Pointer → what is wrong there, as a predicate ("must be at least 1"). */
export type SchemaProblems = ReadonlyMap<string, string>;

/** Formats with the words for who missed them; any other is the server's to judge. */
const FORMATS: Readonly<Record<string, { pattern: RegExp; words: string }>> = {
  email: { pattern: /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)*$/, words: "must be an email address" },
  uri: {
    pattern: /^[a-z][a-z0-9+.-]*:[^\s]+$/i,
    words: "must be an address with its scheme, like https://…",
  },
  date: { pattern: /^\d{4}-\d{2}-\d{2}$/, words: "must be a date, like 2026-11-21" },
  time: {
    pattern: /^\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?$/i,
    words: "must be a time, like 14:30",
  },
  "date-time": {
    pattern: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i,
    words: "must be a moment, like 2026-11-21T14:30:00Z",
  },
  hostname: {
    pattern: /^[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))*$/i,
    words: "must be a host name",
  },
  ipv4: {
    pattern: /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/,
    words: "must be an IPv4 address",
  },
  uuid: { pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, words: "must be a UUID" },
};
/** Rounding may leave this much of a step over. */
const STEP_TOLERANCE = 1e-9;

/** What is wrong with a value by its schema; absent values are wrong only where they are required. */
export function checkValue(field: SchemaField, value: unknown): SchemaProblems {
  const problems = new Map<string, string>();
  check(field, value, [], problems);
  return problems;
}

function check(field: SchemaField, value: unknown, path: JsonPath, problems: Map<string, string>): void {
  const problem = problemOf(field, value);
  if (problem !== undefined) problems.set(pointerOf(path), problem);
  if (field.kind === "group" && (isGroup(value) || field.isRequired)) {
    for (const { name, field: inner } of field.fields)
      check(
        inner,
        isGroup(value) && Object.hasOwn(value, name) ? value[name] : undefined,
        [...path, name],
        problems,
      );
  }
  const { item } = field;
  if (item === undefined || !Array.isArray(value)) return;
  for (const [index, entry] of value.entries()) check(item, entry, [...path, index], problems);
}

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function problemOf(field: SchemaField, value: unknown): string | undefined {
  if (value === undefined)
    return field.isRequired && field.default === undefined && field.kind !== "group"
      ? "is needed"
      : undefined;
  switch (field.kind) {
    case "text":
      return typeof value === "string" ? textProblem(field, value) : "must be text";
    case "number":
    case "integer":
      return numberProblem(field, value);
    case "boolean":
      return typeof value === "boolean" ? undefined : "must be on or off";
    case "choice":
      return field.choices.includes(value)
        ? undefined
        : `must be one of ${field.choices.map((choice) => foreignValue(choice)).join(", ")}`;
    case "list":
      return Array.isArray(value) ? listProblem(field, value) : "must be a list";
    case "group":
      return isGroup(value) ? undefined : "must be a group of values";
    default:
      return undefined;
  }
}

function textProblem({ minLength, maxLength, pattern, format, isRequired }: SchemaField, text: string) {
  const length = [...text].length;
  if (minLength !== undefined && length < minLength)
    return minLength === 1 || (isRequired && length === 0)
      ? "must not be empty"
      : `must have at least ${minLength} characters`;
  if (maxLength !== undefined && length > maxLength)
    return `must have at most ${maxLength} characters, not ${length}`;
  const known = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (known !== undefined && !known.pattern.test(text)) return known.words;
  if (pattern !== undefined && matchesQuickly(pattern, text) === false)
    return `must fit the pattern ${foreignText(pattern)}`;
  return undefined;
}

function numberProblem(field: SchemaField, value: unknown): string | undefined {
  const noun = field.kind === "integer" ? "a whole number" : "a number";
  if (typeof value !== "number" || (field.kind === "integer" && !Number.isInteger(value)))
    return `must be ${noun}`;
  const { minimum, maximum, above, below, multipleOf } = field;
  if (minimum !== undefined && value < minimum) return `must be at least ${minimum}`;
  if (maximum !== undefined && value > maximum) return `must be at most ${maximum}`;
  if (above !== undefined && value <= above) return `must be more than ${above}`;
  if (below !== undefined && value >= below) return `must be less than ${below}`;
  if (multipleOf === undefined || multipleOf <= 0) return undefined;
  const steps = value / multipleOf;
  return Math.abs(steps - Math.round(steps)) > STEP_TOLERANCE
    ? `must be a multiple of ${multipleOf}`
    : undefined;
}

function listProblem({ minItems, maxItems, hasUniqueItems }: SchemaField, list: readonly unknown[]) {
  if (minItems !== undefined && list.length < minItems)
    return minItems === 1 ? "needs at least one entry" : `needs at least ${minItems} entries`;
  if (maxItems !== undefined && list.length > maxItems) return `may have at most ${maxItems} entries`;
  const distinct = new Set(list.map((entry) => JSON.stringify(entry)));
  return hasUniqueItems && distinct.size < list.length ? "holds an entry twice" : undefined;
}
