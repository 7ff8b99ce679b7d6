import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { PLUGIN_TYPES } from "../../../../schema/rules/plugins.ts";
import { readPlugin } from "../../../../server/cli/plugin/read-plugin.ts";
import { copyPlugin, scaffoldPlugin, trialOf } from "../../../../server/cli/plugin/scaffold.ts";
import { TEMPLATES } from "../../../../server/cli/plugin/templates.ts";
import { tryPlugin } from "../../../../server/cli/plugin/trial.ts";
import { TempFolder } from "../../../support/temp-folder.ts";

const TSC = join(import.meta.dirname, "../../../../node_modules/.bin/tsc");
const WEBHOOK = join(import.meta.dirname, "../../../../plugins/webhook");
const LIMIT_MS = 60_000;

describe("plugin new", () => {
  test.each([...PLUGIN_TYPES])(
    "a plugin of the type %s is valid, its types are right without a network, and it answers in the sandbox",
    async (type) => {
      using folder = new TempFolder();
      const made = scaffoldPlugin(`my-${type}`, type, folder.path);
      expect(made.files).toEqual(["plugin.json", "index.ts", "README.md", "tsconfig.json", "binnacle.d.ts"]);
      const readme = await Bun.file(join(made.folder, "README.md")).text();
      expect(readme).toContain(trialOf(type, `my-${type}`));
      expect(readme.includes("plugin config")).toBe(TEMPLATES[type].config !== undefined);
      const plugin = await readPlugin(made.folder);
      expect(plugin.manifest).toMatchObject({ id: `my-${type}`, type, main: "index.ts" });

      const check = Bun.spawnSync([TSC, "-p", made.folder], { cwd: folder.path });
      expect([check.stdout.toString(), check.exitCode]).toEqual(["", 0]);

      const { input, config = {} } = TEMPLATES[type];
      const report = await tryPlugin({
        path: made.folder,
        input,
        config: config as Record<string, unknown>,
        secrets: {},
        grantsPermissions: true,
        isSandboxRequired: false,
        signal: new AbortController().signal,
      });
      expect(report.startedInMs).toBeGreaterThan(0);
      expect(report.denials).toEqual([]);
      // What these two speak to is not there: that they were let through is what is shown.
      if (type === "alert") expect(report.error?.message).toContain("No connection to port 8080");
      else if (type === "backup") expect(report.error?.code).toBe("plugin_execution_failed");
      else expect(report.error).toBeNull();
    },
    LIMIT_MS,
  );

  test("an editor finds a wrong call", async () => {
    using folder = new TempFolder();
    const { folder: path } = scaffoldPlugin("wrong", "task", folder.path);
    const main = Bun.file(join(path, "index.ts"));
    await Bun.write(main, (await main.text()).replace('"texts", texts', "42, texts"));
    const check = Bun.spawnSync([TSC, "-p", path]);
    expect(check.stdout.toString()).toContain("index.ts(12,25): error TS2345");
  });

  test("takes no name that is no id, and overwrites nothing", () => {
    using folder = new TempFolder();
    for (const name of ["Upper", "../x", "a b", "", "-x", "x".repeat(65)]) {
      expect(() => scaffoldPlugin(name, "custom", folder.path)).toThrow("cannot be an id");
    }
    scaffoldPlugin("once", "custom", folder.path);
    expect(() => scaffoldPlugin("once", "task", folder.path)).toThrow(
      "is there already; nothing was written.",
    );
  });

  test("a copy of one that ships is valid under its own id, with the same code and rights", async () => {
    using folder = new TempFolder();
    const made = await copyPlugin("team-hook", "webhook", folder.path);
    const [copy, original] = await Promise.all([made.folder, WEBHOOK].map(readPlugin));
    expect(copy?.manifest).toEqual({ ...original?.manifest, id: "team-hook", name: "Team hook" } as never);
    expect(copy?.permissions).toEqual(original?.permissions as never);
    for (const [name, bytes] of original?.files ?? [])
      if (name !== "plugin.json") expect(copy?.files.get(name)).toEqual(bytes);
    await expect(copyPlugin("team-hook", "webhook", folder.path)).rejects.toThrow("is there already");
    await expect(copyPlugin("other", "nothing", folder.path)).rejects.toThrow('No plugin "nothing" ships');
    await expect(copyPlugin("../x", "webhook", folder.path)).rejects.toThrow("cannot be an id");
  });
});
