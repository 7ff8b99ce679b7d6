import { describe, expect, test } from "bun:test";
import { FORMATS, type FormatName, hasFormat } from "../../plugins/validation/formats.ts";
import validation from "../../plugins/validation/index.ts";
import { contextFor } from "./plugin-context.ts";

const check = async (input: unknown) => validation.execute(input as never, contextFor({}));
const problems = async (input: unknown) =>
  (await check(input)).problems.map(({ path, message }) => `${path}: ${message}`);

/** Format → texts that are, and texts that are not. */
const EXAMPLES: Record<FormatName, [string[], string[]]> = {
  email: [
    ["a@example.com", "first.last+tag@sub.example.org"],
    ["a@b", "a..b@example.com", ".a@example.com", "a@-x.com", "a b@example.com", "@example.com"],
  ],
  url: [["https://example.com/a?b#c"], ["ftp://example.com", "example.com", "http://", "http://a b/"]],
  uri: [
    ["urn:isbn:1", "mailto:a@example.com"],
    ["no uri", "//x"],
  ],
  ip: [
    ["127.0.0.1", "::1", "2001:db8::ff"],
    ["256.1.1.1", "1.2.3", "01.2.3.4", ":::", "g::1"],
  ],
  ipv4: [["0.0.0.0"], ["::1"]],
  ipv6: [
    ["fe80::1", "::ffff:1.2.3.4"],
    ["1.2.3.4", "fe80::1%eth0", "1::2::3"],
  ],
  hostname: [
    ["localhost", "a-b.example"],
    ["-a.example", "a..b", "1.2.3.4", "a_b"],
  ],
  date: [
    ["2024-02-29", "2030-12-31"],
    ["2023-02-29", "2030-13-01", "2030-1-1", "2030-04-31", "1900-02-29"],
  ],
  time: [
    ["13:45", "13:45:59.5Z", "00:00:00+02:00"],
    ["24:00", "1:00", "12:60"],
  ],
  dateTime: [
    ["2030-01-31T13:45:00Z", "2030-01-31 13:45:00.123+02:00"],
    ["2030-02-31T00:00:00Z", "2030-01-31T25:00:00Z", "2030-01-31"],
  ],
  uuid: [["0191e0a4-7c5b-7000-8000-0123456789ab"], ["0191e0a4", "g191e0a4-7c5b-7000-8000-0123456789ab"]],
  creditCard: [
    ["4111 1111 1111 1111", "378282246310005"],
    ["4111 1111 1111 1112", "0000000000000000", "411"],
  ],
  iban: [
    ["DE89 3704 0044 0532 0130 00", "gb82west12345698765432"],
    ["DE89 3704 0044 0532 0130 01", "DE8937040044053201300", "XX00"],
  ],
  phone: [
    ["+49 (30) 123-4567", "12345"],
    ["+", "12", "call me", "123456789012345678"],
  ],
  semver: [
    ["1.0.0", "1.2.3-rc.1+5"],
    ["1.0", "v1.0.0", "01.0.0"],
  ],
};

describe("formats", () => {
  test.each(Object.keys(FORMATS) as FormatName[])("%s", (format) => {
    const [fine, wrong] = EXAMPLES[format];
    expect(fine.filter((text) => !hasFormat(text, format))).toEqual([]);
    expect(wrong.filter((text) => hasFormat(text, format))).toEqual([]);
  });

  test("a hostile text costs no time", () => {
    for (const text of [
      "a".repeat(2_000),
      "a.".repeat(1_000),
      "@".repeat(2_000),
      "1".repeat(2_000),
      ":".repeat(2_000),
    ]) {
      const startedAt = performance.now();
      for (const format of Object.keys(FORMATS) as FormatName[]) hasFormat(text, format);
      expect(performance.now() - startedAt).toBeLessThan(500);
    }
    expect(hasFormat("a".repeat(3_000), "hostname")).toBe(false);
  });
});

describe("rules", () => {
  const data = {
    user: { email: "nobody", age: 12, tags: [] },
    password: "a",
    again: "b",
    items: [{ price: 1 }, { price: -2 }, {}],
  };

  test("tell each field that is wrong", async () => {
    const rules = [
      { path: "user.email", format: "email" },
      { path: "user.name", required: true },
      { path: "user.age", type: "integer", min: 18 },
      { path: "user.tags", minLength: 1 },
      { path: "again", equals: "password", message: "must repeat the password" },
      { path: "items.*.price", required: true, min: 0 },
      { path: "password", oneOf: ["x"] },
      { path: "user.missing", format: "iban" },
    ];
    expect(await problems({ data, rules })).toEqual([
      "user.email: is not an e-mail address",
      "user.name: is missing",
      "user.age: is less than 18",
      "user.tags: has fewer than 1 entries",
      "again: must repeat the password",
      "items.1.price: is less than 0",
      "items.2.price: is missing",
      'password: is none of "x"',
    ]);
  });

  test("a prototype is no field", async () => {
    expect(await problems({ data: {}, rules: [{ path: "constructor.name", required: true }] })).toEqual([
      "constructor.name: is missing",
    ]);
  });

  test("rules that cannot be read are an error", () => {
    expect(check({ data, rules: [{ path: "a", format: "toString" }] })).rejects.toThrow(
      'There is no format "toString"',
    );
    expect(check({ data, rules: [{}] })).rejects.toThrow('Each rule has a "path".');
    expect(check({ data })).rejects.toThrow('"schema" or "rules"');
  });
});

describe("a schema", () => {
  const schema = {
    type: "object",
    required: ["name", "items"],
    additionalProperties: false,
    properties: {
      name: { type: "string", minLength: 2, pattern: "^[a-z]+$" },
      mail: { format: "email" },
      kind: { enum: ["a", { b: 1 }] },
      items: { type: "array", uniqueItems: true, minItems: 1, items: { $ref: "#/$defs/item" } },
      either: { oneOf: [{ type: "string" }, { type: "integer", minimum: 3 }] },
    },
    $defs: {
      item: { type: "object", properties: { n: { type: "number", multipleOf: 0.1, exclusiveMaximum: 5 } } },
    },
  };

  test("what fits has no problem", async () => {
    const data = {
      name: "ab",
      mail: "a@example.com",
      kind: { b: 1 },
      items: [{ n: 0.3 }, { n: 4.9 }],
      either: 3,
    };
    expect(await check({ data, schema })).toEqual({ isValid: true, problems: [], isCut: false });
  });

  test("what does not fit is told with its place", async () => {
    const data = {
      name: "A",
      mail: "x",
      kind: { b: 2 },
      items: [{ n: 5 }, { n: 5 }, { n: "x" }],
      either: 2,
      more: 1,
    };
    expect((await problems({ data, schema })).sort()).toEqual([
      "either: fits none of the alternatives",
      "items.0.n: is not less than 5",
      "items.1.n: is not less than 5",
      "items.2.n: is not of the type number",
      "items: holds an entry twice",
      'kind: is none of "a", {"b":1}',
      "mail: is not an e-mail address",
      "more: is not allowed",
      "name: does not match ^[a-z]+$",
      "name: has fewer than 2 characters",
    ]);
  });

  test("what is not understood is an error, and nothing is fetched", () => {
    expect(check({ data: 1, schema: { if: {} } })).rejects.toThrow('The keyword "if" is not understood.');
    expect(check({ data: 1, schema: { $ref: "https://example.com/s.json" } })).rejects.toThrow(
      "leads out of the schema",
    );
    expect(check({ data: 1, schema: { $ref: "#" } })).rejects.toThrow("nested more than 64 deep");
  });

  test("what is found is bounded", async () => {
    const outcome = await check({
      data: Array.from({ length: 5_000 }, () => 1),
      schema: { items: { type: "string" } },
    });
    expect([outcome.problems.length, outcome.isCut]).toEqual([500, true]);
  });
});
