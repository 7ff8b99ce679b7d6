import { FORMATS, type FormatName, hasFormat, isFormat } from "./formats.ts";
import type { Findings } from "./problem.ts";

const MAX_RULES = 1_000;
const MAX_VALUES_A_RULE = 100_000;

/** One demand on a field. `path` is `user.email`, or `items.*.price` for each of a list; the rest says what is demanded. */
export interface Rule {
  path: string;
  required?: boolean;
  format?: string;
  type?: "string" | "number" | "integer" | "boolean" | "array" | "object";
  /** Of a number. */
  min?: number;
  max?: number;
  /** Of a text or a list. */
  minLength?: number;
  maxLength?: number;
  oneOf?: unknown[];
  /** Path of another field that must have the same value. */
  equals?: string;
  /** Told in place of the usual words. */
  message?: string;
}

interface Found {
  path: (string | number)[];
  value: unknown;
}

/** @throws Error for rules that cannot be read */
export function checkRules(data: unknown, rules: readonly Rule[], findings: Findings): void {
  if (!Array.isArray(rules) || rules.length > MAX_RULES)
    throw new Error(`"rules" is a list of at most ${MAX_RULES}.`);
  for (const rule of rules) {
    if (typeof rule?.path !== "string") throw new Error('Each rule has a "path".');
    if (rule.format !== undefined && !isFormat(rule.format)) {
      throw new Error(`There is no format "${rule.format}". There are: ${Object.keys(FORMATS).join(", ")}.`);
    }
    for (const { path, value } of valuesAt(data, rule.path)) {
      for (const message of problemsOf(value, rule, data)) findings.add(path, rule.message ?? message);
    }
  }
}

function valuesAt(data: unknown, path: string): Found[] {
  let found: Found[] = [{ path: [], value: data }];
  for (const name of path === "" ? [] : path.split(".")) {
    found = found.flatMap(({ path: at, value }): Found[] => {
      if (name === "*")
        return Array.isArray(value)
          ? value.map((item, index) => ({ path: [...at, index], value: item }))
          : [];
      return [{ path: [...at, name], value: memberOf(value, name) }];
    });
    if (found.length > MAX_VALUES_A_RULE)
      throw new Error(`"${path}" names more than ${MAX_VALUES_A_RULE} values.`);
  }
  return found;
}

function memberOf(value: unknown, name: string): unknown {
  const isThere = typeof value === "object" && value !== null && Object.hasOwn(value, name);
  return isThere ? (value as Record<string, unknown>)[name] : undefined;
}

function problemsOf(value: unknown, rule: Rule, data: unknown): string[] {
  const isMissing = value === undefined || value === null || value === "";
  if (isMissing) return rule.required ? ["is missing"] : [];
  return [
    ofType(value, rule),
    ofFormat(value, rule.format),
    ofNumber(value, rule),
    ofLength(value, rule),
    rule.oneOf && !rule.oneOf.some((one) => isSame(one, value))
      ? `is none of ${rule.oneOf.map((one) => JSON.stringify(one)).join(", ")}`
      : undefined,
    rule.equals !== undefined && !isSame(valuesAt(data, rule.equals)[0]?.value, value)
      ? `is not the same as ${rule.equals}`
      : undefined,
  ].filter((problem) => problem !== undefined);
}

function ofType(value: unknown, { type }: Rule): string | undefined {
  if (type === undefined) return undefined;
  const actual = Array.isArray(value) ? "array" : typeof value;
  const isOfType = type === "integer" ? Number.isInteger(value) : actual === type;
  return isOfType ? undefined : `is not of the type ${type}`;
}

function ofFormat(value: unknown, format: string | undefined): string | undefined {
  if (format === undefined) return undefined;
  const isFine = typeof value === "string" && hasFormat(value, format as FormatName);
  return isFine ? undefined : `is not ${FORMATS[format as FormatName].name}`;
}

function ofNumber(value: unknown, { min, max }: Rule): string | undefined {
  if (min === undefined && max === undefined) return undefined;
  if (typeof value !== "number") return "is not a number";
  if (min !== undefined && value < min) return `is less than ${min}`;
  return max !== undefined && value > max ? `is more than ${max}` : undefined;
}

function ofLength(value: unknown, { minLength, maxLength }: Rule): string | undefined {
  if (minLength === undefined && maxLength === undefined) return undefined;
  if (typeof value !== "string" && !Array.isArray(value)) return "has no length";
  const unit = typeof value === "string" ? "characters" : "entries";
  const length = typeof value === "string" ? [...value].length : value.length;
  if (minLength !== undefined && length < minLength) return `has fewer than ${minLength} ${unit}`;
  return maxLength !== undefined && length > maxLength ? `has more than ${maxLength} ${unit}` : undefined;
}

/** By value, as JSON has it. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return (
    left.length === right.length &&
    left.every(([name, value]) => Object.hasOwn(b, name) && isSame(value, memberOf(b, name)))
  );
}
