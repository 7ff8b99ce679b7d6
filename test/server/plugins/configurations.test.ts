import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { PluginApp } from "./plugin-app.ts";

const reference = (text: string): string => "$".concat("{", text, "}");
const MANIFEST = {
  config: {
    type: "object",
    required: ["host"],
    properties: {
      host: { type: "string" },
      times: { type: "integer", default: 3 },
      token: { type: "string", writeOnly: true },
      key: { type: "string", writeOnly: true },
    },
  },
};
const item = (id: string, config: Record<string, unknown>) => ({ id, config });
const SETTINGS = {
  plugins: [
    item("held", { host: reference("secret:HELD_HOST"), token: reference("secret:HELD_TOKEN") }),
    item("lost", { host: "a.example", token: reference("secret:NOPE") }),
    item("wrong", { host: 5 }),
    item("empty", {}),
  ],
};

let plugins: PluginApp;
beforeAll(async () => {
  plugins = await PluginApp.start({ files: { "binnacle.json": JSON.stringify(SETTINGS) } });
  await plugins.admin.send("PUT", "/api/v3/secrets/HELD_TOKEN", { value: "hunter2-hunter2" });
  await plugins.admin.send("PUT", "/api/v3/secrets/HELD_HOST", { value: "host.example" });
  const definition = "execute: (_input, ctx) => ctx.config.get()";
  for (const { id } of SETTINGS.plugins) await plugins.put(id, { manifest: MANIFEST, definition });
});
afterAll(() => plugins[Symbol.asyncDispose]());

const openedOf = (id: string) => {
  const { inForce } = plugins.system.verbs.plugins.get(id).unit;
  if (!inForce) throw new Error(`${id} is not in force.`);
  return plugins.system.verbs.views.configurations.openedOf(inForce);
};

describe("a configuration that a file holds", () => {
  test("reaches the plugin with its references resolved, over its defaults", async () => {
    expect(openedOf("held")).toEqual({ host: "host.example", times: 3, token: "hunter2-hunter2" });
    // The plugin has the value; what it answers is scrubbed of it on the way out.
    expect(await plugins.execute("held", "get")).toEqual([200, { host: "[redacted]", times: 3 }]);
  });

  test("is shown as it is written, without secrets", async () => {
    const text = await (await plugins.admin.get("/api/v3/plugins/held")).text();
    expect(text).toContain(JSON.stringify(reference("secret:HELD_HOST")));
    expect(text).not.toContain("hunter2");
  });

  test("that refers to nothing, or does not keep to its schema, is told as such when the plugin is wanted", async () => {
    expect(() => openedOf("lost")).toThrow(
      "Its configuration is not valid: token there is no secret named NOPE.",
    );
    expect(() => openedOf("wrong")).toThrow("Its configuration is not valid: host must be string.");
    expect(() => openedOf("empty")).toThrow("must have required property 'host'");
    expect(await plugins.execute("wrong")).toEqual([422, "invalid_configuration"]);
    expect((await plugins.execute("held", "get"))[0]).toBe(200);
  });
});
