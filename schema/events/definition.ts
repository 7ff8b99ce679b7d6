import { type TProperties, type TSchema, Type } from "@sinclair/typebox";

/** What an event of one type says. */
export interface EventDefinition {
  /** One sentence: what has happened. */
  description: string;
  payload: TSchema;
}

const MAX_TEXT_LENGTH = 4_096;

/** A payload of exactly these fields. */
export const payload = <P extends TProperties>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });

/** A text of a payload; a publisher cuts what is longer. */
export const text = (description: string) => Type.String({ description, maxLength: MAX_TEXT_LENGTH });

/** A count of a payload. */
export const count = (description: string) => Type.Integer({ description, minimum: 0 });

/** A list of texts. */
export const texts = (description: string) =>
  Type.Array(Type.String({ maxLength: 512 }), { description, maxItems: 1_000 });
