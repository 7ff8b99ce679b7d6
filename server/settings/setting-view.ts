import type { Configuration, SettingChange } from "../config/configuration.ts";
import { isLocking, type ValueOrigin } from "../config/layers.ts";
import { formSchema } from "../config/object-settings.ts";
import { environmentName, findSetting, SETTINGS } from "../config/schema.ts";
import { allowedValues } from "../config/setting-problem.ts";
import type { SettingDefinition } from "../config/setting-types.ts";

/** Stands for a secret that is written in the open in a file. */
export const HIDDEN = "[hidden]";
/** Nothing but a reference, and the word for the scheme before it. */
const PLAIN_REFERENCE = /^(?:[A-Za-z]+ )?\$\{(?:secret|env):[^}]*\}$/;
const OVERRIDE_KIND = "override";

/** A value as it may be shown: as written, and a secret only as its reference; so is each write-only field of a list's items. */
export function shownValue(key: string, value: unknown): unknown {
  const schema = findSetting(key)?.schema;
  if (schema?.secret !== true) return value;
  if (!Array.isArray(value)) return shownSecret(value);
  const fields: Readonly<Record<string, { writeOnly?: boolean }>> = schema.items?.properties ?? {};
  return value.map((item) => shownItem(item, fields));
}

/** Whatever is not a text, such as the configuration of a plugin, may hold secrets anywhere within. */
const shownSecret = (value: unknown): unknown =>
  value === undefined || value === "" || (typeof value === "string" && PLAIN_REFERENCE.test(value))
    ? value
    : HIDDEN;

function shownItem(item: unknown, fields: Readonly<Record<string, { writeOnly?: boolean }>>): unknown {
  if (typeof item !== "object" || item === null) return shownSecret(item);
  return Object.fromEntries(
    Object.entries(item).map(([name, field]) => [name, fields[name]?.writeOnly ? shownSecret(field) : field]),
  );
}

/** A change as it may be shown. */
export const shownChange = ({ key, before, after }: Pick<SettingChange, "key" | "before" | "after">) => ({
  key,
  before: shownValue(key, before) ?? null,
  after: shownValue(key, after) ?? null,
});

const TYPES: Readonly<Record<string, SettingType>> = {
  boolean: "boolean",
  integer: "integer",
  array: "list",
  string: "text",
};

/** `objects` is a list whose items have fields of their own. */
export type SettingType = "boolean" | "integer" | "text" | "choice" | "list" | "objects";

/** What a person, or a form, needs of one setting. */
export interface SettingView {
  key: string;
  /** Its section: `limits.api`. */
  section: string;
  description: string;
  type: SettingType;
  /** As written; references are not resolved, a secret is not shown. */
  value: unknown;
  default: unknown;
  origin: ValueOrigin;
  /** A run-time override holds it. */
  overridden: boolean;
  /** The environment or a flag holds it: an override would have no effect. */
  locked: boolean;
  /** It takes effect at the next start. */
  restart: boolean;
  /** No code of this version reads it: it takes effect with a later one. */
  planned: boolean;
  /** It is set to `value`, but this is in force until the next start; absent when both are one. */
  inForce?: unknown;
  /** Only this machine's files, environment and flags may set it. */
  machineOnly: boolean;
  secret: boolean;
  /** The scope that an edit of it needs beside `config:write`. */
  scope?: string;
  /** JSON Schema of a list of objects, for a form. */
  schema?: Record<string, unknown>;
  /** It refers to a secret, and the secrets are not open yet. */
  waiting: boolean;
  /** In words. */
  allowed: string;
  values?: string[];
  minimum?: number;
  maximum?: number;
  pattern?: string;
  maxLength?: number;
  maxItems?: number;
  /** Names by which the environment can set it, the strongest last. */
  environmentNames: string[];
}

/** Every setting, in the order of the schema. */
export function settingViews(configuration: Configuration): SettingView[] {
  const { pendingRestart } = configuration;
  return SETTINGS.map((setting) => settingView(configuration, setting, pendingRestart));
}

function settingView(
  { merged }: Configuration,
  setting: SettingDefinition,
  pendingRestart: ReadonlyMap<string, unknown>,
): SettingView {
  const { key, schema } = setting;
  const form = formSchema(setting);
  const origin = merged.origins.get(key) ?? { kind: "default", origin: "default" };
  return {
    key,
    section: key.slice(0, key.lastIndexOf(".")),
    description: schema.description ?? "",
    type: typeOf(setting),
    value: shownValue(key, merged.written.get(key)),
    default: schema.default,
    origin,
    overridden: origin.kind === OVERRIDE_KIND,
    locked: isLocking(origin),
    restart: schema.restart ?? false,
    planned: schema.planned ?? false,
    ...(pendingRestart.has(key) ? { inForce: shownValue(key, pendingRestart.get(key)) } : {}),
    machineOnly: schema.machineOnly ?? false,
    secret: schema.secret ?? false,
    ...(schema.scope === undefined ? {} : { scope: schema.scope }),
    ...(form === undefined ? {} : { schema: form }),
    waiting: merged.waiting.includes(key),
    allowed: allowedValues(setting),
    ...bounds(setting),
    environmentNames: [...(schema.env ?? []), environmentName(key)],
  };
}

function typeOf({ schema }: SettingDefinition): SettingType {
  if (schema.enum) return "choice";
  return schema.items?.type === "object" ? "objects" : (TYPES[String(schema.type)] ?? "text");
}

function bounds({ schema }: SettingDefinition) {
  const { minimum, maximum, pattern, maxLength, maxItems } = schema;
  const isChoice = Array.isArray(schema.enum);
  return {
    ...(isChoice ? { values: schema.enum as string[] } : {}),
    ...(minimum === undefined ? {} : { minimum: Number(minimum) }),
    ...(maximum === undefined ? {} : { maximum: Number(maximum) }),
    ...(pattern === undefined || isChoice ? {} : { pattern: String(pattern) }),
    ...(maxLength === undefined || isChoice ? {} : { maxLength: Number(maxLength) }),
    ...(maxItems === undefined ? {} : { maxItems: Number(maxItems) }),
  };
}
