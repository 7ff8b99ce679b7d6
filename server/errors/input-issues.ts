import type { TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { InputIssue } from "./app-error.ts";

/** What a validator found at one place; `path` is a JSON pointer. */
export interface FoundIssue {
  path?: string;
  message?: string;
  schema?: TSchema;
  value?: unknown;
}

const MAX_ISSUES = 20;
const NUMBERS = new Set(["integer", "number"]);

/** The first issue of each place, at most 20, in words a caller can act on; `place` is where the input itself stands, dotted. */
export function inputIssues(found: readonly FoundIssue[], place = ""): InputIssue[] {
  const byPath = new Map<string, InputIssue>();
  for (const issue of found.flatMap(meantOf)) {
    const within = (issue.path ?? "").split("/").filter(Boolean).join(".");
    const path = [place, within].filter((part) => part !== "").join(".");
    if (!byPath.has(path)) byPath.set(path, { path, message: messageOf(issue) });
  }
  return [...byPath.values()].slice(0, MAX_ISSUES);
}

/** All issues in one sentence, the first one in words. */
export function sentenceOf(issues: readonly InputIssue[]): string {
  const [first] = issues;
  if (!first) return "The request is not valid.";
  const rest = issues.length > 1 ? `, and ${issues.length - 1} more` : "";
  return first.path === "" ? `${first.message}${rest}.` : `${first.path}: ${first.message}${rest}.`;
}

/**
 * Of a union of objects that a field tells apart (`kind`): what is wrong with the one that was meant, or with that field.
 */
function meantOf(issue: FoundIssue): FoundIssue[] {
  const { schema, value, path = "" } = issue;
  const members: TSchema[] = schema?.anyOf ?? [];
  const field = tellingField(members);
  if (field === undefined || typeof value !== "object" || value === null) return [issue];
  const kind: unknown = Object.entries(value).find(([name]) => name === field)?.[1];
  const meant = members.find(({ properties }) => properties[field].const === kind);
  if (!meant) {
    const kinds = members.map(({ properties }) => properties[field]);
    return [{ path: `${path}/${field}`, schema: { anyOf: kinds } as unknown as TSchema }];
  }
  const filled = Value.Default(meant, Value.Clone(value));
  return [...Value.Errors(meant, filled)].map((inner) => ({ ...inner, path: path + inner.path }));
}

/** The field that has a value of its own in each of the objects. */
function tellingField([first, ...others]: readonly TSchema[]): string | undefined {
  const isTold = (member: TSchema, field: string) => member.properties?.[field]?.const !== undefined;
  return Object.keys(first?.properties ?? {}).find((field) =>
    [first ?? {}, ...others].every((member) => isTold(member as TSchema, field)),
  );
}

/** A union says only that none fits: name what would have. */
function messageOf({ message = "Not valid", schema }: FoundIssue): string {
  const members: TSchema[] = schema?.anyOf ?? [];
  const isNumber = NUMBERS.has(schema?.type) && (schema?.minimum ?? schema?.maximum) !== undefined;
  const number = isNumber ? schema : members.find((member) => NUMBERS.has(member.type));
  if (number) return `Expected ${rangeOf(number)}`;
  const words =
    schema?.enum ?? members.map((member) => member.const ?? member.type).filter((word) => word !== undefined);
  return words.length > 0 ? `Expected one of ${words.join(", ")}` : message;
}

function rangeOf({ type, minimum, maximum }: TSchema): string {
  const noun = type === "integer" ? "a whole number" : "a number";
  if (minimum !== undefined && maximum !== undefined) return `${noun} from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `${noun} of at least ${minimum}`;
  return maximum === undefined ? noun : `${noun} of at most ${maximum}`;
}
