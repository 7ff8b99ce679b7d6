import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Plugin, PluginDetail } from "../../../server/plugins/model.ts";
import { PluginApp } from "./plugin-app.ts";

const LIMIT_MS = 60_000;
let plugins: PluginApp;
beforeAll(async () => {
  plugins = await PluginApp.start();
}, LIMIT_MS);
afterAll(() => plugins[Symbol.asyncDispose](), LIMIT_MS);

const copy = (from: string, body: unknown, client = plugins.admin) =>
  client.send("POST", `/api/v3/plugins/${from}/copies`, body);
const codeOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  ((await response.json()) as { code: string }).code,
];

test("a copy of a channel is a plugin of its own: it waits for its approval, with its own configuration", async () => {
  await plugins.admin.send("PUT", "/api/v3/plugins/slack/config", {
    values: { webhookUrl: "https://hooks.example.com/first" },
  });
  const response = await copy("slack", { id: "slack-dev", name: "Slack for developers" });
  expect(response.status).toBe(201);
  expect((await response.json()) as Plugin).toMatchObject({
    id: "slack-dev",
    name: "Slack for developers",
    type: "alert",
    origin: "installed",
    needsApproval: true,
    registeredBy: "admin-1",
  });
  const [first, second] = (await Promise.all(["slack", "slack-dev"].map((id) => plugins.plugin(id)))) as [
    PluginDetail,
    PluginDetail,
  ];
  expect(second.version).toBe(first.version);
  expect(second.config?.schema).toEqual(first.config?.schema ?? null);
  expect([first, second].map(({ config }) => config?.secrets)).toEqual([
    [{ path: "webhookUrl", isSet: true }],
    [{ path: "webhookUrl", isSet: false }],
  ]);
  // What comes with the server cannot be taken out of it.
  expect([first, second].map(({ verbs }) => verbs.includes("remove"))).toEqual([false, true]);
  const audit = await plugins.admin.get("/api/v3/audit?action=plugin.install");
  expect(JSON.stringify(await audit.json())).toContain('"copyOf":"slack"');
});

test("a copy runs the same code; its name is made of its id when nobody gives one", async () => {
  const { data } = (
    await plugins.admin.graphql(
      'mutation { copyPlugin(from: "text-processing", id: "my-texts", name: "  ") { id name needsApproval } }',
    )
  ).result;
  expect(data?.copyPlugin).toEqual({ id: "my-texts", name: "My texts", needsApproval: false });
  expect(await plugins.execute("my-texts", { operation: "slug", text: "A B" })).toEqual(
    await plugins.execute("text-processing", { operation: "slug", text: "A B" }),
  );
});

test("what cannot be copied is said, and nothing is left of the attempt", async () => {
  await plugins.putFile("single.ts", "execute: () => 1");
  const before = (await plugins.admin.get("/api/v3/plugins/list")).json();
  expect(await codeOf(await copy("nobody", { id: "other" }))).toEqual([404, "plugin_not_found"]);
  expect(await codeOf(await copy("slack", { id: "telegram" }))).toEqual([409, "name_taken"]);
  expect(await codeOf(await copy("slack", { id: "../x" }))).toEqual([422, "validation_failed"]);
  expect(await codeOf(await copy("slack", { id: "a", name: "<b>" }))).toEqual([422, "plugin_invalid"]);
  expect(await codeOf(await copy("single", { id: "double" }))).toEqual([409, "plugin_state_conflict"]);
  const operator = await plugins.app.session("operator");
  expect((await copy("slack", { id: "another" }, operator)).status).toBe(403);
  const ids = async (list: Promise<unknown>) =>
    ((await list) as { items: { id: string }[] }).items.map(({ id }) => id);
  expect(await ids((await plugins.admin.get("/api/v3/plugins/list")).json())).toEqual(await ids(before));
});

test("an id whose plugin was removed stays its own until it is gone for good", async () => {
  expect((await copy("ntfy", { id: "ntfy-two" })).status).toBe(201);
  expect((await plugins.admin.fetch("/api/v3/plugins/ntfy-two", { method: "DELETE" })).status).toBe(204);
  expect(await codeOf(await copy("ntfy", { id: "ntfy-two" }))).toEqual([409, "name_taken"]);
});
