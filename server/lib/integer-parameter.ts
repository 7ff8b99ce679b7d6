import { type IntegerOptions, type TInteger, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { ValidationError } from "elysia";

/**
 * A whole number within a URL, where it comes as text; in JSON it is a `Type.Integer`. It reads and refuses as Elysia's
 * `t.Integer`, which compiles a checker where it is defined: of those that a start defines, most are never asked.
 */
export function IntegerParameter(options: IntegerOptions = {}): TInteger {
  const schema = Type.Integer(options);
  const read = Type.Transform(Type.Union([Type.String({ format: "integer", default: 0 }), schema], options))
    .Decode((value): number => {
      const number = Number(value);
      if (Value.Check(schema, number)) return number;
      throw new ValidationError("property", schema, number, true, Value.Errors(schema, number));
    })
    .Encode((value) => value);
  // What a handler is given is the decoded value; the declared type of a transform is the one before.
  return read as unknown as TInteger;
}
