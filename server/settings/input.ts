import type { Static, TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { AppError } from "../errors/app-error.ts";

/** What a graph's arguments give as the body of the REST route that does the same; null counts as not given. */
export function acceptedInput<Schema extends TSchema>(
  schema: Schema,
  args: Readonly<Record<string, unknown>>,
): Static<Schema> {
  const given = Object.fromEntries(
    Object.entries(args).filter(([, value]) => value !== null && value !== undefined),
  );
  const input: unknown = Value.Default(schema, given);
  if (Value.Check(schema, input)) return input;
  const issues = [...Value.Errors(schema, input)].map(({ path, message }) => ({
    path: path.slice(1).replaceAll("/", "."),
    message,
  }));
  const [first] = issues;
  throw new AppError(
    "validation_failed",
    `${first?.path ?? "arguments"}: ${first?.message ?? "not valid"}.`,
    { issues },
  );
}
