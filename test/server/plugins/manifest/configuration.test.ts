import { describe, expect, test } from "bun:test";
import type { PluginManifest } from "../../../../schema/plugin/manifest.ts";
import {
  type ConfigurationLayers,
  configurationIssues,
  pluginConfiguration,
} from "../../../../server/plugins/manifest/configuration.ts";

const reference = (text: string): string => "$".concat("{", text, "}");
const MANIFEST: PluginManifest = {
  id: "probe",
  version: "1.0.0",
  type: "monitor",
  main: "main.ts",
  config: {
    type: "object",
    additionalProperties: false,
    properties: {
      host: { type: "string", default: "localhost" },
      port: { type: "integer", default: 80 },
      tags: { type: "array", items: { type: "string" }, default: ["a", "b"] },
      password: { type: "string", writeOnly: true },
      retry: {
        type: "object",
        properties: { times: { type: "integer", default: 3 }, waitMs: { type: "integer" } },
      },
    },
  },
};

const merge = (layers: Partial<ConfigurationLayers> = {}, manifest = MANIFEST) =>
  pluginConfiguration(manifest, {
    stored: {},
    file: {},
    resolveText: (text) => {
      if (text !== reference("secret:PW")) throw new Error("there is no secret named NOPE");
      return "hunter2";
    },
    ...layers,
  });

describe("a plugin's configuration", () => {
  test("is what the manifest has by default, until somebody says otherwise", () => {
    expect(merge()).toEqual({
      values: { host: "localhost", port: 80, tags: ["a", "b"], retry: { times: 3 } },
      written: { host: "localhost", port: 80, tags: ["a", "b"], retry: { times: 3 } },
      locked: [],
      issues: [],
    });
  });

  test("what is set here counts over defaults, what a file holds counts over both and is locked", () => {
    const stored = { host: "here", tags: ["c"], retry: { waitMs: 5 } };
    const file = { host: "there", retry: { times: 9 } };
    expect(merge({ stored, file })).toMatchObject({
      values: { host: "there", port: 80, tags: ["c"], retry: { times: 9, waitMs: 5 } },
      locked: ["host", "retry.times"],
      issues: [],
    });
  });

  test("references of a file are resolved for the plugin only", () => {
    const file = { password: reference("secret:PW") };
    const { values, written } = merge({ file });
    expect(values.password).toBe("hunter2");
    expect(JSON.stringify(written)).not.toContain("hunter2");
    expect(merge({ file: { password: reference("secret:NOPE") } }).issues).toEqual([
      { path: "password", message: "there is no secret named NOPE" },
    ]);
  });

  test("what is set over the API is text, whatever it looks like", () => {
    expect(merge({ stored: { host: reference("secret:PW") } }).values.host).toBe(reference("secret:PW"));
  });

  test("what does not fit the schema is named", () => {
    const issuesOf = (layers: Partial<ConfigurationLayers>, of = MANIFEST) =>
      configurationIssues(of, merge(layers, of).values);
    expect(issuesOf({})).toEqual([]);
    expect(issuesOf({ stored: { port: "x" } })).toEqual([{ path: "port", message: "must be integer" }]);
    expect(issuesOf({ file: { hots: "x" } })).toMatchObject([{ message: "must not have the field hots" }]);
    const { config: _config, ...bare } = MANIFEST;
    expect(issuesOf({ stored: { a: 1 } }, bare)).toMatchObject([{ path: "a" }]);
  });

  test("names of prototypes are names", () => {
    const { values } = merge({ stored: JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') });
    expect(Object.getPrototypeOf(values)).toBe(Object.prototype);
    expect({}).not.toHaveProperty("polluted");
  });
});
