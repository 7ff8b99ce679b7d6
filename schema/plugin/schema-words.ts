export const MAX_ID_LENGTH = 64;
export const MAX_GRANTS = 50;
/** A whole value that stands for a field of the plugin's configuration. */
export const CONFIG_REFERENCE = "^\\$\\{config((?:\\.[A-Za-z0-9_-]+)+)\\}$";
/** How such a value is written, in descriptions. */
export const REFERENCE = "$".concat("{config.field}");
/** Neither control characters (tabs and line breaks too), nor what begins markup, nor marks that turn the direction of text. */
export const PLAIN_TEXT =
  "^[^\\u0000-\\u001f\\u007f-\\u009f<>\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff]*$";
/** What an id is made of. */
export const ID = "^[a-z0-9][a-z0-9_-]*$";

/** Builders of the manifest's JSON Schema; a `description` is also the sentence that a wrong value is refused with. */
export const plain = (description: string, maxLength: number) => ({
  type: "string",
  minLength: 1,
  maxLength,
  pattern: PLAIN_TEXT,
  description: `${description} Plain text without control characters and without < or >; at most ${maxLength} characters.`,
});
export const whole = (description: string, minimum: number, maximum: number) => ({
  type: "integer",
  minimum,
  maximum,
  description: `${description} A whole number from ${minimum} to ${maximum}.`,
});
export const closed = <P extends object>(
  properties: P,
  required: readonly (keyof P & string)[],
  description = "",
) => ({
  type: "object",
  additionalProperties: false,
  required,
  properties,
  ...(description === "" ? {} : { description }),
});
export const list = (items: object, maxItems: number, description: string) => ({
  type: "array",
  items,
  maxItems,
  description,
});
export const jsonSchema = (description: string) => ({ type: "object", description });
