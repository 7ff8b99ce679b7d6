import { afterAll, beforeAll, describe, expect, spyOn, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parsePatterns } from "../../../server/events/pattern.ts";
import type { ApprovalView, PluginDetail } from "../../../server/plugins/model.ts";
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
  const definition = "configure: () => undefined, execute: (_input, ctx) => ctx.config.get()";
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
    expect(await plugins.execute("held", "get")).toEqual([
      200,
      { host: "[redacted]", times: 3, token: "[redacted]" },
    ]);
  });

  test("is shown as it is written, without secrets", async () => {
    const text = await (await plugins.admin.get("/api/v3/plugins/held")).text();
    expect(text).toContain(JSON.stringify(reference("secret:HELD_HOST")));
    expect(text).not.toContain("hunter2");
  });

  test("that refers to nothing, or does not keep to its schema, is told before the plugin is called, and when it is", async () => {
    expect(() => openedOf("lost")).toThrow(
      "Its configuration is not valid: token there is no secret named NOPE.",
    );
    expect(() => openedOf("wrong")).toThrow("Its configuration is not valid: host must be string.");
    expect(() => openedOf("empty")).toThrow("must have required property 'host'");
    const blocks = await Promise.all(["held", "lost", "wrong"].map((id) => plugins.plugin(id)));
    expect(blocks.map(({ block }) => block)).toEqual([
      null,
      { code: "failed", message: "Its configuration is not valid: token there is no secret named NOPE." },
      { code: "failed", message: "Its configuration is not valid: host must be string." },
    ]);
    expect(blocks.map(({ state }) => state)).toEqual(["active", "unloaded", "unloaded"]);
    expect(await plugins.execute("wrong")).toEqual([422, "invalid_configuration"]);
    expect((await plugins.execute("held", "get"))[0]).toBe(200);
  });
});

describe("a configuration that is set while the plugin runs", () => {
  const FETCHING = {
    permissions: { net: [{ host: reference("config.url"), private: true, why: "To tell the channel" }] },
    config: {
      type: "object",
      properties: {
        url: { type: "string", writeOnly: true },
        greeting: { type: "string", default: "hi" },
      },
      additionalProperties: false,
    },
  };
  const definition = `configure: () => undefined, execute: async (url, ctx) => {
    if (!url) return ctx.config.get();
    const response = await ctx.fetch(url);
    return [response.status, await response.text()];
  }`;
  const set = (id: string, values: unknown, expectedRevision?: string, client = plugins.admin) =>
    client.send("PUT", `/api/v3/plugins/${id}/config`, { values, expectedRevision });
  const pidOf = async (id: string) => (await plugins.plugin(id)).pid;
  const revisionOf = async (id: string): Promise<string> => {
    const { config } = (await plugins.plugin(id)) as PluginDetail;
    return config?.revision ?? "";
  };
  const approve = async (id: string) => {
    const { digest } = (await (
      await plugins.admin.get(`/api/v3/plugins/${id}/approval`)
    ).json()) as ApprovalView;
    await plugins.admin.send("PUT", `/api/v3/plugins/${id}/approval`, { digest, permissions: ["net"] });
  };

  test("gives the rights that its secret fields stand for, and takes them away with the process", async () => {
    using server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("told") });
    await plugins.put("teller", { manifest: FETCHING, definition });
    await approve("teller");
    const url = `http://127.0.0.1:${server.port}/hooks/very-secret-path`;
    expect((await plugins.execute("teller", url))[0]).not.toBe(200);
    const first = await pidOf("teller");
    expect((await set("teller", { url })).status).toBe(200);
    expect(await plugins.execute("teller", url)).toEqual([200, [200, "told"]]);
    const second = await pidOf("teller");
    expect(second).not.toBe(first);
    expect((await set("teller", { greeting: "ahoy" })).status).toBe(200);
    expect(await pidOf("teller")).toBe(second);
    expect((await set("teller", { url: null })).status).toBe(200);
    expect((await plugins.execute("teller", url))[0]).not.toBe(200);
    const text = await (await plugins.admin.get("/api/v3/plugins/teller")).text();
    expect(text).toContain(reference("config.url"));
    expect(text).not.toContain("very-secret-path");
  });

  test("is an administrator's where it decides about rights, secret or not", async () => {
    const operator = await plugins.app.session("operator");
    expect((await set("teller", { url: "http://127.0.0.1:1/" }, undefined, operator)).status).toBe(403);
    expect((await set("teller", { greeting: "hello" }, undefined, operator)).status).toBe(200);
  });

  test("is refused when another change came between, the plugin's own included", async () => {
    const revision = await revisionOf("teller");
    expect((await set("teller", { greeting: "first" }, revision)).status).toBe(200);
    const late = await set("teller", { greeting: "second" }, revision);
    expect([late.status, ((await late.json()) as { code: string }).code]).toEqual([409, "revision_conflict"]);
    expect(await plugins.execute("teller")).toEqual([200, { greeting: "first" }]);
    const now = await revisionOf("teller");
    const both = await Promise.all(["a", "b"].map((greeting) => set("teller", { greeting }, now)));
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  });

  test("names no value of a secret when that gives no right", async () => {
    await set("teller", { url: "not a host/very-secret-path" });
    await plugins.execute("teller");
    const text = await (await plugins.admin.get("/api/v3/plugins/teller/logs")).text();
    expect(text).toContain("its configured value is not an exact host name");
    expect(text).not.toContain("very-secret-path");
  });

  /** What the process of the plugin is given next. */
  function given(id: string): Promise<unknown> {
    const { process } = plugins.system.verbs.plugins.get(id).unit;
    if (!process) throw new Error(`${id} has no process.`);
    const { promise, resolve } = Promise.withResolvers<unknown>();
    spyOn(process, "configure").mockImplementation(async (config) => resolve(config));
    return promise;
  }

  test("follows the secrets that it is made of", async () => {
    await plugins.execute("held");
    const config = given("held");
    await plugins.admin.send("PUT", "/api/v3/secrets/HELD_TOKEN", { value: "another-token-value" });
    expect(await config).toEqual({ host: "host.example", times: 3, token: "another-token-value" });
    const changes = plugins.app.parts.events.follow({ patterns: parsePatterns(["plugin.changed"]) });
    await plugins.admin.send("PUT", "/api/v3/secrets/NOPE", { value: "here-at-last" });
    while ((await plugins.plugin("lost")).block !== null) await changes.next();
    expect((await plugins.execute("lost"))[0]).toBe(200);
  });

  test("follows the server's own configuration", async () => {
    const config = given("held");
    const items = [item("held", { host: "other.example", token: reference("secret:HELD_TOKEN") })];
    const file = join(plugins.app.parts.folder.paths.root, "binnacle.json");
    writeFileSync(file, JSON.stringify({ plugins: items }));
    expect(await config).toMatchObject({ host: "other.example", token: "another-token-value" });
  });
});
