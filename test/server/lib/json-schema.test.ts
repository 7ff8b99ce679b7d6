import { describe, expect, test } from "bun:test";
import { compileSchema } from "../../../server/lib/json-schema.ts";

function refusalOf(schema: unknown): string {
  const compiled = compileSchema(schema);
  return "refused" in compiled ? compiled.refused : "taken";
}

describe("a schema that somebody sent", () => {
  test("checks values and names what is wrong", () => {
    const compiled = compileSchema({
      type: "object",
      properties: { mail: { type: "string", format: "email" } },
    });
    if ("refused" in compiled) throw new Error(compiled.refused);
    expect(compiled.check({ mail: "a@b.example" })).toEqual([]);
    expect(compiled.check({ mail: "no" })).toEqual([{ path: "mail", message: 'must match format "email"' }]);
  });

  test.each([
    [{ type: "txt" }, "The schema is not valid: schema/type must be equal to one of the allowed values"],
    [{ properties: { a: { minimum: "x" } } }, "schema/properties/a/minimum must be number"],
    [{ strange: true }, "unknown keyword"],
    [{ $schema: "http://json-schema.org/draft-07/schema#" }, "The schema is not valid"],
    [{ $async: true, type: "object" }, "The keyword $async is not taken here"],
    [{ properties: { a: { pattern: "(a+)+$" } } }, "The keyword pattern is not taken here"],
    [[], "A schema is a JSON object."],
  ])("%j is refused", (schema, reason) => {
    expect(refusalOf(schema)).toContain(reason);
  });

  test("that would take seconds to compile is refused: of many schemas, whatever joins them", () => {
    const of = (count: number) => Array.from({ length: count }, () => ({ minLength: 1 }));
    for (const join of ["oneOf", "anyOf", "allOf", "prefixItems"]) {
      expect(refusalOf({ properties: { a: { [join]: of(499) } } })).toContain("at most 500 schemas");
    }
    expect("check" in compileSchema({ properties: { a: { anyOf: of(400) } } })).toBe(true);
    const fields = Object.fromEntries(of(500).map((field, index) => [`f${index}`, field]));
    expect(refusalOf({ properties: fields })).toContain("at most 500 schemas");
    // Names and data are no schemas.
    expect("check" in compileSchema({ enum: of(1_000).map((one, index) => ({ ...one, index })) })).toBe(true);
  });

  test("knows nothing of the ones before it", () => {
    const first = { type: "object", properties: { a: { type: "integer" } } };
    for (let turn = 0; turn < 3; turn++) {
      const compiled = compileSchema(structuredClone(first));
      expect("check" in compiled && compiled.check({ a: "x" })).toHaveLength(1);
      expect(refusalOf({ $id: "mine" })).toContain("$id");
    }
  });
});
