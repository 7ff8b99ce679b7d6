import { type TSchema, Type } from "@sinclair/typebox";

export const MAX_PLUGIN_ID_LENGTH = 64;
export const PLUGIN_ID_PATTERN = "^[a-z0-9][a-z0-9_-]*$";

export const closed = { additionalProperties: false };
export const Moment = (description: string) => Type.String({ format: "date-time", description });
export const Count = (description: string) => Type.Integer({ minimum: 0, description });
export const Nullable = <T extends TSchema>(schema: T, description: string) =>
  Type.Union([schema, Type.Null()], { description });
/** What is left out is left out: by itself a UnionEnum puts its first value there. */
export const CHOSEN = { default: undefined };

export const PluginId = Type.String({
  pattern: PLUGIN_ID_PATTERN,
  maxLength: MAX_PLUGIN_ID_LENGTH,
  description: "http-check",
});
export const Digest = Type.String({
  pattern: "^[0-9a-f]{64}$",
  description: "SHA-256 over all files, in hex",
});
