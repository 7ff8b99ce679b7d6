import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { BundledPlugins } from "../../../../server/plugins/discovery/bundled.ts";
import { loadBundledFiles } from "../../../../server/plugins/discovery/bundled-files.ts";
import { type BundledFiles, bundledModule } from "../../../../server/plugins/discovery/bundled-folder.ts";
import { TempFolder } from "../../../support/temp-folder.ts";
import { idsOf, MAIN, manifest, PluginFolder } from "../plugin-folder.ts";

const RULES = { limits: { maxTimeoutMs: 86_400_000, forbiddenPaths: ["/srv/data"] }, trustedKeys: [] };
const bytes = (text: string) => new TextEncoder().encode(text);

describe("the plugins that ship with Binnacle", () => {
  test("are all valid, each under the name of its folder, and import nothing of the server", async () => {
    const files = await loadBundledFiles();
    expect([...files.keys()]).not.toContain("sdk");
    const plugins = new BundledPlugins(files).under(RULES);
    const idOf = (one: (typeof plugins)[number]) => ("manifest" in one ? one.manifest.id : one.problems);
    expect(plugins.map(idOf)).toEqual([...files.keys()]);
    const imports = [...files.values()].flatMap((own) =>
      [...own].flatMap(([path, content]) =>
        /\.ts$/.test(path)
          ? [
              ...Buffer.from(content)
                .toString()
                .matchAll(/from "(\.\.[^"]*)"/g),
            ].map(([, to]) => to)
          : [],
      ),
    );
    expect(imports.filter((to) => to?.includes("server/"))).toEqual([]);
  });

  test("are in the binary what they are in the repository, byte for byte", async () => {
    const files: BundledFiles = new Map([
      [
        "a",
        new Map([
          ["plugin.json", bytes(manifest("a"))],
          ["main.ts", bytes("`x` \\n \u2028 </script> \ud83d\ude00")],
          ["logo.png", new Uint8Array([0x89, 0x50, 0xff, 0])],
        ]),
      ],
      ...(await loadBundledFiles()),
    ]);
    using folder = new TempFolder();
    await Bun.write(folder.file("module.js"), bundledModule(files));
    const module: { loadBundledFiles: () => Promise<BundledFiles> } = await import(
      join(folder.path, "module.js")
    );
    const listed = (of: BundledFiles) =>
      [...of].map(([name, own]) => [
        name,
        [...own].map(([path, content]) => [path, Buffer.from(content).toString("hex")]),
      ]);
    expect(listed(await module.loadBundledFiles())).toEqual(listed(files));
  });

  test("come before any plugin of their id in the folder", async () => {
    using folder = new PluginFolder();
    folder.plugin("a", { name: "Impostor" });
    folder.plugin("b");
    const own = new Map([
      [
        "a",
        new Map([
          ["plugin.json", bytes(manifest("a"))],
          ["main.ts", bytes(MAIN)],
        ]),
      ],
    ]);
    const bundled = new BundledPlugins(own).under(RULES);
    const discovery = await folder.look({ bundled, registered: new Map([["a", folder.file("a")]]) });
    expect(idsOf(discovery)).toEqual(["a", "b"]);
    expect(discovery.packages[0]).toMatchObject({ origin: "bundled", path: "" });
    expect(discovery.broken).toMatchObject([
      { id: "a", block: "conflict", problems: [{ message: expect.stringContaining("part of Binnacle") }] },
    ]);
  });

  test("are listed with the reason when the settings do not allow what they ask for", async () => {
    using folder = new PluginFolder();
    const own = new Map([
      [
        "a",
        new Map([
          ["plugin.json", bytes(manifest("a", { limits: { timeoutMs: 5_000 } }))],
          ["main.ts", bytes(MAIN)],
        ]),
      ],
    ]);
    const plugins = new BundledPlugins(own);
    expect(plugins.under(RULES)).toBe(plugins.under({ ...RULES }));
    const bundled = plugins.under({ ...RULES, limits: { ...RULES.limits, maxTimeoutMs: 1_000 } });
    expect(await folder.look({ bundled })).toMatchObject({
      packages: [],
      broken: [{ id: "a", origin: "bundled", block: "invalid", problems: [{ path: "limits.timeoutMs" }] }],
    });
  });
});
