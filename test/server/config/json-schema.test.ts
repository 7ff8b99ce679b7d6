import { describe, expect, test } from "bun:test";
import Ajv from "ajv";
import { settingsJsonSchema } from "../../../server/config/json-schema.ts";
import { unflatten } from "../../../server/config/layers.ts";
import { secretReference } from "../../../server/config/references.ts";
import { SETTINGS } from "../../../server/config/schema.ts";

const accepts = new Ajv({ allErrors: true }).compile(settingsJsonSchema());

describe("the JSON Schema for editors", () => {
  test("accepts every default, references, empty sections and its own hint", () => {
    const defaults = unflatten(new Map(SETTINGS.map(({ key, schema }) => [key, schema.default])));
    expect(accepts({ $schema: "settings.schema.json", ...defaults })).toBe(true);
    expect(
      accepts({
        queryCache: { redisUrl: secretReference("redis") },
        server: { port: secretReference("port") },
      }),
    ).toBe(true);
    expect(accepts({ server: null, features: { default: false } })).toBe(true);
  });

  test("accepts plugins as a section and as a bare list", () => {
    const item = {
      id: "slack",
      enabled: true,
      config: { channel: "ops" },
      approve: { permissions: { net: [] } },
    };
    expect(accepts({ plugins: [item] })).toBe(true);
    expect(accepts({ plugins: { items: [item] } })).toBe(true);
    expect(accepts({ plugins: [{ ...item, enable: true }] })).toBe(false);
  });

  test.each([
    [{ sever: {} }],
    [{ server: { prot: 1 } }],
    [{ server: { port: 99_999 } }],
    [{ log: { level: "loud" } }],
    [{ features: { graphql: 1 } }],
    [{ server: { allowedHosts: "a.example" } }],
  ])("marks %j as wrong", (settings) => {
    expect(accepts(settings)).toBe(false);
  });

  test("describes each setting in words, and holds no keyword of ours", () => {
    const text = JSON.stringify(settingsJsonSchema());
    for (const keyword of [
      '"restart"',
      '"planned"',
      '"machineOnly"',
      '"notEnvironment"',
      '"env":[',
      '"secret":',
      '"spellings"',
      '"textUnit"',
    ]) {
      expect(text).not.toContain(keyword);
    }
    expect(text).toContain(
      "Port to listen on; 0 takes a free one (at the next start). Allowed: a whole number",
    );
  });
});
