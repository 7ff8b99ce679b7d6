import { describe, expect, test } from "bun:test";
import { readSchema } from "../../../web/lib/json-schema.ts";
import { checkValue } from "../../../web/lib/schema-check.ts";

const problemsOf = (schema: unknown, value: unknown) =>
  Object.fromEntries(checkValue(readSchema(schema), value));
const oneField = (schema: object) => ({ type: "object", required: ["x"], properties: { x: schema } });

describe("a schema becomes a form", () => {
  test("each type its kind of field, with title, help and what is required", () => {
    const { kind, fields } = readSchema({
      type: "object",
      required: ["host"],
      properties: {
        host: { type: "string", title: "Host", description: "Where" },
        port: { type: "integer" },
        share: { type: "number" },
        isOn: { type: "boolean" },
        mode: { enum: ["a", "b"] },
        tags: { type: "array", items: { type: "string" } },
        inner: { type: "object", properties: { deep: { type: "string", writeOnly: true } } },
        labels: { type: "object", additionalProperties: { type: "string" } },
        either: { oneOf: [{ type: "string" }, { type: "number" }] },
        nullable: { type: ["string", "null"] },
      },
    });
    expect(kind).toBe("group");
    expect(fields.map(({ name, field }) => [name, field.kind])).toEqual([
      ["host", "text"],
      ["port", "integer"],
      ["share", "number"],
      ["isOn", "boolean"],
      ["mode", "choice"],
      ["tags", "list"],
      ["inner", "group"],
      ["labels", "json"],
      ["either", "json"],
      ["nullable", "json"],
    ]);
    expect(fields[0]?.field).toMatchObject({ title: "Host", description: "Where", isRequired: true });
    expect(fields[1]?.field).toMatchObject({ title: "port", isRequired: false });
    expect(fields[6]?.field.fields[0]?.field.isSecret).toBe(true);
  });

  test("references within it are followed; circles and dead ends are JSON", () => {
    const { fields } = readSchema({
      type: "object",
      $defs: {
        port: { type: "integer", maximum: 9, title: "Port" },
        loop: { $ref: "#/$defs/loop" },
        tree: { type: "object", properties: { child: { $ref: "#/$defs/tree" } } },
      },
      properties: {
        port: { $ref: "#/$defs/port", description: "Beside" },
        loop: { $ref: "#/$defs/loop" },
        lost: { $ref: "#/$defs/nothing" },
        inherited: { $ref: "#/constructor" },
        tree: { $ref: "#/$defs/tree" },
      },
    });
    expect(fields.map(({ field }) => field.kind)).toEqual(["integer", "json", "json", "json", "group"]);
    expect(fields[0]?.field).toMatchObject({ title: "Port", description: "Beside", maximum: 9 });
  });

  test("what is no schema is read without fail", () => {
    for (const schema of [undefined, null, 7, "text", [], { type: "object", properties: 3 }, { enum: {} }])
      expect(readSchema(schema).kind).toBe("json");
    expect(readSchema({ properties: { a: null } }).kind).toBe("group");
  });

  test("titles that hide characters show them", () => {
    expect(readSchema(oneField({ type: "string", title: "a\u202Eb" })).fields[0]?.field.title).toBe(
      "a\\u202eb",
    );
  });
});

describe("values are checked as one types", () => {
  test.each<[object, unknown, string]>([
    [{ type: "string" }, undefined, "is needed"],
    [{ type: "string", minLength: 1 }, "", "must not be empty"],
    [{ type: "string", minLength: 3 }, "ab", "must have at least 3 characters"],
    [{ type: "string", maxLength: 2 }, "😀😀😀", "must have at most 2 characters, not 3"],
    [{ type: "string", pattern: "^[a-z]+$" }, "A", "must fit the pattern ^[a-z]+$"],
    [{ type: "string", format: "email" }, "ann", "must be an email address"],
    [{ type: "string", format: "uri" }, "example.com", "must be an address with its scheme, like https://…"],
    [{ type: "string", format: "hostname" }, "a b", "must be a host name"],
    [{ type: "string", format: "ipv4" }, "1.2.3.400", "must be an IPv4 address"],
    [{ type: "string", format: "date" }, "21.11.2026", "must be a date, like 2026-11-21"],
    [{ type: "integer" }, 1.5, "must be a whole number"],
    [{ type: "number" }, "1,5", "must be a number"],
    [{ type: "number", minimum: 1 }, 0, "must be at least 1"],
    [{ type: "number", maximum: 1 }, 2, "must be at most 1"],
    [{ type: "number", exclusiveMinimum: 0 }, 0, "must be more than 0"],
    [{ type: "number", exclusiveMaximum: 1 }, 1, "must be less than 1"],
    [{ type: "number", multipleOf: 0.1 }, 0.25, "must be a multiple of 0.1"],
    [{ enum: ["a", "b"] }, "c", "must be one of a, b"],
    [{ type: "array", items: { type: "string" }, minItems: 1 }, [], "needs at least one entry"],
    [{ type: "array", items: { type: "string" }, maxItems: 1 }, ["a", "b"], "may have at most 1 entries"],
    [{ type: "array", items: { type: "string" }, uniqueItems: true }, ["a", "a"], "holds an entry twice"],
    [{ type: "boolean" }, "yes", "must be on or off"],
  ])("%j refuses %j: %s", (schema, value, problem) => {
    expect(problemsOf(oneField(schema), value === undefined ? {} : { x: value })).toEqual({ "/x": problem });
  });

  test.each<[object, unknown]>([
    [{ type: "string", format: "email" }, "ann@example.com"],
    [{ type: "string", format: "unheard-of" }, "x"],
    [{ type: "number", multipleOf: 0.1 }, 0.3],
    [{ type: "string", default: "x" }, undefined],
    [{ type: "string", format: "date-time" }, "2026-11-21T10:00:00+01:00"],
    [{ type: "string", format: "uuid" }, "01234567-89ab-cdef-0123-456789abcdef"],
  ])("%j takes %j", (schema, value) => {
    expect(problemsOf(oneField(schema), value === undefined ? {} : { x: value })).toEqual({});
  });

  test("each place has its own pointer, in groups and lists; what is not required may lack as a whole", () => {
    const schema = {
      type: "object",
      properties: {
        mail: {
          type: "object",
          required: ["host"],
          properties: { host: { type: "string" }, "a/b": { type: "integer" } },
        },
        hosts: {
          type: "array",
          items: { type: "object", required: ["name"], properties: { name: { type: "string" } } },
        },
      },
    };
    expect(problemsOf(schema, {})).toEqual({});
    expect(problemsOf(schema, { mail: { "a/b": "x" }, hosts: [{ name: "one" }, {}] })).toEqual({
      "/mail/host": "is needed",
      "/mail/a~1b": "must be a whole number",
      "/hosts/1/name": "is needed",
    });
  });

  test("names of inherited properties are no values", () => {
    const schema = {
      type: "object",
      required: ["constructor"],
      properties: { constructor: { type: "string" } },
    };
    expect(problemsOf(schema, {})).toEqual({ "/constructor": "is needed" });
  });
});
