import { type TProperties, type TSchema, Type } from "@sinclair/typebox";
import type { Scope } from "../../schema/rules/scopes.ts";

/** Keywords of ours beside the JSON Schema ones. */
export interface SettingOptions {
  /** One sentence: what it does. */
  description: string;
  /** It takes effect at the next start only. */
  restart?: boolean;
  /** No code of this version reads it: it takes effect with a later one. */
  planned?: boolean;
  /** Environment names honoured beside `BINNACLE_SECTION__KEY`, a later one over an earlier. */
  env?: string[];
  /** Only this machine's files, environment and flags may set it: no API, no remote source. */
  machineOnly?: boolean;
  /** No variable of the environment may set it: an environment is easily inherited, and this weakens a guard. */
  notEnvironment?: boolean;
  /** No remote source may set it: it decides who may enter. */
  notRemote?: boolean;
  /** The scope that an edit of it needs beside `config:write`. */
  scope?: Scope;
  /** It holds a secret: shown only as the reference it is written as, and set over an API only as one. */
  secret?: boolean;
  /** Other spellings of its values: `{ false: "off" }`. */
  spellings?: Readonly<Record<string, string>>;
  /** What a plain number given as text counts in, when it may carry a unit: `512M` of mebibytes. */
  textUnit?: "mebibytes";
}

/** One leaf of the schema: its dotted key and its JSON Schema. */
export interface SettingDefinition {
  key: string;
  schema: TSchema & Partial<SettingOptions>;
}

const MAX_TEXT = 1_024;
const MAX_ITEMS = 100;
const MAX_ITEM_TEXT = 255;

export const section = <P extends TProperties>(description: string, properties: P) =>
  Type.Object(properties, { description, additionalProperties: false, default: {} });

export const int = (value: number, minimum: number, maximum: number, options: SettingOptions) =>
  Type.Integer({ default: value, minimum, maximum, ...options });

export const flag = (value: boolean, options: SettingOptions) => Type.Boolean({ default: value, ...options });

export const text = (value: string, options: SettingOptions & { maxLength?: number; pattern?: string }) =>
  Type.String({ default: value, maxLength: MAX_TEXT, ...options });

export const list = (value: readonly string[], options: SettingOptions) =>
  Type.Array(Type.String({ maxLength: MAX_ITEM_TEXT }), {
    default: [...value],
    maxItems: MAX_ITEMS,
    ...options,
  });

export const oneOf = <T extends string>(value: T, values: readonly T[], options: SettingOptions) =>
  // TypeBox checks the pattern; `enum` is what editors and error messages read.
  Type.Unsafe<T>(
    Type.String({ enum: values, pattern: `^(?:${values.join("|")})$`, default: value, ...options }),
  );
