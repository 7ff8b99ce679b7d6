import { KindGuard, type TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

/**
 * Fills in the defaults of what stands within a body's fields; Elysia fills in those of the fields alone, and refuses a
 * body whose inner ones were left out.
 */
export function fillsIn(schema: unknown): (body: unknown) => unknown {
  if (!KindGuard.IsSchema(schema) || !fieldsOf(schema).some(holdsDefault)) return (body) => body;
  return (body) => Value.Default(schema, body);
}

const holdsDefault = (schema: TSchema): boolean =>
  fieldsOf(schema).some((field) => field.default !== undefined || holdsDefault(field));

function fieldsOf(schema: TSchema): TSchema[] {
  const { properties = {}, items, anyOf = [], allOf = [] } = schema;
  return [...Object.values<TSchema>(properties), ...[items ?? []].flat(), ...anyOf, ...allOf];
}
