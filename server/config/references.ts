import { fromText } from "./setting-text.ts";
import type { SettingDefinition } from "./setting-types.ts";

/** Where `${env:NAME}` and `${secret:NAME}` are looked up. */
export interface ReferenceSources {
  environment: Readonly<Record<string, string | undefined>>;
  /** The secret of that name, undefined when there is none. Absent until the secrets are open. */
  secret?: (name: string) => string | undefined;
}

/** What became of a value with references. */
export type Resolution =
  | { state: "resolved"; value: unknown }
  /** It needs the secrets, which are not open yet. */
  | { state: "waiting" }
  | { state: "failed"; message: string };

const REFERENCE = /\$(\$\{)|\$\{([^}]*)\}?/g;
const BODY = /^(env|secret):([A-Za-z_][A-Za-z0-9_.-]{0,127})$/;
/** What must never leave the process by way of a setting. */
const FORBIDDEN_VARIABLE = /^BINNACLE_(?:KEY|TOKEN)/;
const MAX_RESOLVED_LENGTH = 8_192;

/** How a secret is referred to. */
export const secretReference = (name: string): string => "$".concat("{secret:", name, "}");

/** Whether a value, or an item of a list, holds a reference (or an escaped one, `$${`). */
export function hasReference(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasReference);
  return typeof value === "string" && value.includes("${");
}

/** Whether any reference of the value asks for a secret. */
export const asksSecret = (value: unknown): boolean =>
  textsOf(value).some((text) => text.replaceAll("$${", "").includes("${secret:"));

/** Whether any reference of the value asks for an environment variable. */
export const asksEnvironment = (value: unknown): boolean =>
  textsOf(value).some((text) => text.replaceAll("$${", "").includes("${env:"));

/** What is wrong with how the references are written; undefined when nothing is. */
export function syntaxProblem(value: unknown): string | undefined {
  for (const text of textsOf(value)) {
    for (const [whole, escaped, body = ""] of text.matchAll(REFERENCE)) {
      if (escaped) continue;
      const name = whole.endsWith("}") ? BODY.exec(body) : null;
      if (!name)
        return `"${whole}" is not a reference; write \${secret:NAME} or \${env:NAME}, or $\${ for itself`;
      if (name[1] === "env" && FORBIDDEN_VARIABLE.test(name[2] ?? ""))
        return `${name[2]} may not be referred to`;
    }
  }
  return undefined;
}

/** Puts the values in place of the references; a setting that is no text reads the result as the environment does. */
export function resolve(setting: SettingDefinition, value: unknown, sources: ReferenceSources): Resolution {
  if (!sources.secret && asksSecret(value)) return { state: "waiting" };
  if (Array.isArray(value)) {
    const items = value.map((item) => (typeof item === "string" ? expand(item, sources) : item));
    const failed = items.find((item) => typeof item === "object");
    return failed ? { state: "failed", message: failed.message } : { state: "resolved", value: items };
  }
  const text = expand(String(value), sources);
  if (typeof text === "object") return { state: "failed", message: text.message };
  return { state: "resolved", value: setting.schema.type === "string" ? text : fromText(setting, text) };
}

function expand(text: string, sources: ReferenceSources): string | { message: string } {
  let failure: string | undefined;
  const expanded = text.replace(REFERENCE, (_whole, escaped: string | undefined, body = "") => {
    if (escaped) return escaped;
    const [, kind, name = ""] = BODY.exec(body) ?? [];
    const found = kind === "secret" ? sources.secret?.(name) : sources.environment[name];
    if (found === undefined) {
      failure ??=
        kind === "secret"
          ? `there is no secret named ${name}`
          : `the environment variable ${name} is not set`;
    }
    return found ?? "";
  });
  if (failure) return { message: failure };
  if (expanded.length > MAX_RESOLVED_LENGTH)
    return { message: `it resolves to more than ${MAX_RESOLVED_LENGTH} characters` };
  return expanded;
}

/** A text with its references resolved. @throws Error with what is missing; it never holds a value. */
export function resolveText(text: string, sources: ReferenceSources): string {
  const expanded = expand(text, sources);
  if (typeof expanded === "object") throw new Error(expanded.message);
  return expanded;
}

const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((item) => typeof item === "string");
