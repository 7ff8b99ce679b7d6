import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { signIn } from "./sections/access.ts";
import { audit } from "./sections/audit.ts";
import { errors } from "./sections/errors.ts";
import { features } from "./sections/features.ts";
import { graphql, limits } from "./sections/limits.ts";
import { logs } from "./sections/logs.ts";
import { plugins } from "./sections/plugins.ts";
import { profiler } from "./sections/profiler.ts";
import { config, dashboard, log, server, session } from "./sections/server.ts";
import { liveMetrics, metrics, queryCache, storage } from "./sections/storage.ts";
import type { SettingDefinition } from "./setting-types.ts";

/** All settings: their types, limits, defaults and words. Validates, documents and types; the one source of each. */
export const SettingsSchema = Type.Object(
  {
    server,
    dashboard,
    log,
    logs,
    session,
    signIn,
    limits,
    graphql,
    metrics,
    storage,
    liveMetrics,
    queryCache,
    plugins,
    audit,
    errors,
    profiler,
    config,
    features,
  },
  { additionalProperties: false, default: {} },
);

/** Every setting with its value. */
export type Settings = Static<typeof SettingsSchema>;

type KeysOf<T, Prefix extends string> = {
  [Name in keyof T & string]: T[Name] extends readonly unknown[]
    ? `${Prefix}${Name}`
    : T[Name] extends object
      ? KeysOf<T[Name], `${Prefix}${Name}.`>
      : `${Prefix}${Name}`;
}[keyof T & string];

type ValueAt<T, Key extends string> = Key extends `${infer Head}.${infer Rest}`
  ? Head extends keyof T
    ? ValueAt<T[Head], Rest>
    : never
  : Key extends keyof T
    ? T[Key]
    : never;

/** The dotted name of a setting: `limits.api.perMinute`. */
export type SettingKey = KeysOf<Settings, "">;
export type SettingValue<Key extends SettingKey> = ValueAt<Settings, Key>;

export const ENVIRONMENT_PREFIX = "BINNACLE_";

/** `limits.api.perMinute` → `BINNACLE_LIMITS__API__PER_MINUTE`. */
export function environmentName(key: string): string {
  const name = key.replace(/([a-z])([A-Z])/g, "$1_$2").replaceAll(".", "__");
  return `${ENVIRONMENT_PREFIX}${name.toUpperCase()}`;
}

/** The leaves in the order of the schema. */
export const SETTINGS: readonly SettingDefinition[] = leaves(SettingsSchema, "");

const BY_KEY = new Map(SETTINGS.map((setting) => [setting.key, setting]));
const SECTION_KEYS = new Set(
  SETTINGS.flatMap(({ key }) => key.split(".").map((_, index, names) => names.slice(0, index).join("."))),
);

/** A part of the schema: its dotted key and what it is about. */
export interface SectionDefinition {
  key: string;
  description: string;
}

/** The sections that hold settings themselves, in the order of the schema. */
export const SECTIONS: readonly SectionDefinition[] = [
  ...new Set(SETTINGS.map(({ key }) => key.slice(0, key.lastIndexOf(".")))),
].map((key) => ({ key, description: sectionAt(key).description ?? "" }));

/** The setting of that dotted key, if there is one. */
export const findSetting = (key: string): SettingDefinition | undefined => BY_KEY.get(key);

/** Whether settings stand beneath that key; the root ("") is one. */
export const isSection = (key: string): boolean => SECTION_KEYS.has(key);

function sectionAt(key: string): TSchema {
  return key
    .split(".")
    .reduce<TSchema>(
      (schema, name) => (schema.properties as Record<string, TSchema>)[name] ?? schema,
      SettingsSchema,
    );
}

function leaves(schema: TSchema, prefix: string): SettingDefinition[] {
  const properties: Record<string, TSchema> = schema.properties ?? {};
  return Object.entries(properties).flatMap(([name, child]) => {
    const key = prefix ? `${prefix}.${name}` : name;
    return child.type === "object" ? leaves(child, key) : [{ key, schema: child }];
  });
}
