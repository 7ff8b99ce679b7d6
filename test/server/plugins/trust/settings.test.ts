import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parsePatterns } from "../../../../server/events/pattern.ts";
import { PluginApp } from "../plugin-app.ts";
import { net } from "./subjects.ts";

test("an approval that is written into the configuration file counts at once, and so does taking it away", async () => {
  await using plugins = await PluginApp.start({ files: { "binnacle.json": "{}" } });
  const { parts } = plugins.app;
  await plugins.put("probe", { manifest: { permissions: net("a.example") }, definition: "execute: () => 1" });
  expect(await plugins.plugin("probe")).toMatchObject({ block: { code: "awaiting_approval" } });
  const heard = parts.events.follow({ patterns: parsePatterns(["plugin.changed", "plugin.failed"]) });
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    while (!(await isSo())) await heard.next();
  };
  const configure = (content: object): void => {
    writeFileSync(join(parts.folder.paths.root, "binnacle.json"), JSON.stringify(content));
  };
  configure({
    plugins: [{ id: "probe", enabled: true, approve: { permissions: { net: [{ host: "a.example" }] } } }],
  });
  await until(async () => (await plugins.plugin("probe")).block === null);
  expect(await plugins.execute("probe")).toEqual([200, 1]);
  configure({ plugins: { allowedCapabilities: ["alert"] } });
  await until(async () => (await plugins.plugin("probe")).block?.code === "not_allowed");
  expect((await plugins.execute("probe"))[0]).toBe(503);
});
