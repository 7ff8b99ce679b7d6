import type { Static, TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { AppError } from "../errors/app-error.ts";
import { inputIssues, sentenceOf } from "../errors/input-issues.ts";

/**
 * The arguments of a GraphQL field as the REST body of the same verb: the same limits, defaults filled in. A null
 * argument is an absent one unless the schema knows null.
 * @throws AppError `validation_failed`
 */
export function acceptedInput<Schema extends TSchema>(schema: Schema, args: object): Static<Schema> {
  const known: Record<string, TSchema> = schema.properties;
  const given = Object.entries(args).filter(
    ([name, value]) => value !== undefined && (value !== null || Value.Check(known[name] ?? schema, null)),
  );
  const filled = Value.Default(schema, Object.fromEntries(given));
  const issues = inputIssues([...Value.Errors(schema, filled)]);
  if (issues.length === 0) return filled as Static<Schema>;
  throw new AppError("validation_failed", sentenceOf(issues), { issues });
}
