import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { readSource } from "../../../../server/plugins/discovery/source-files.ts";
import { listSource, MAX_FILES } from "../../../../server/plugins/discovery/source-tree.ts";
import { sized } from "../../../support/sizes.ts";
import { brokenIn, idsOf, MAIN, manifest, PluginFolder } from "../plugin-folder.ts";

describe("the plugins folder", () => {
  test("holds files and folders; what editors leave behind is no part of them", async () => {
    using folder = new PluginFolder();
    folder.write({
      "hello.ts": MAIN,
      "README.md": "read me",
      ".hidden/plugin.json": manifest("hidden"),
      "node_modules/binnacle/index.d.ts": "",
      "types.d.ts": "",
    });
    folder.plugin("probe", {}, { "lib/more.ts": "", ".git/HEAD": "ref", "main.ts~": "", ".main.ts.swp": "" });
    const discovery = await folder.look();
    expect(idsOf(discovery)).toEqual(["hello", "probe"]);
    expect(discovery.broken).toEqual([]);
    const [hello, probe] = discovery.packages;
    expect([...(hello?.files.keys() ?? [])]).toEqual(["hello.ts"]);
    expect([...(probe?.files.keys() ?? [])]).toEqual(["lib/more.ts", "main.ts", "plugin.json"]);
    expect(probe).toMatchObject({
      origin: "folder",
      path: folder.file("probe"),
      signature: { state: "none" },
    });
  });

  test("need not exist", async () => {
    using folder = new PluginFolder();
    expect(await folder.look({ folder: folder.beside("absent") })).toMatchObject({
      packages: [],
      problems: [],
    });
  });

  test("a digest stands for names and contents, and for nothing else", async () => {
    using folder = new PluginFolder();
    folder.plugin("probe");
    const digest = async () => (await folder.look()).packages[0]?.digest;
    const before = await digest();
    chmodSync(folder.file("probe/main.ts"), 0o700);
    folder.write({ "probe/main.ts": MAIN, "probe/plugin.sig": "not part of it" });
    expect(await digest()).toBe(before as string);
    renameSync(folder.file("probe"), folder.file("elsewhere"));
    expect(await digest()).toBe(before as string);
    folder.write({ "elsewhere/empty.ts": "" });
    expect(await digest()).not.toBe(before as string);
  });

  test("of two plugins with one id the registered one stays, else the first; the other is told whose id it is", async () => {
    using folder = new PluginFolder();
    folder.write({
      "a/plugin.json": manifest("twin"),
      "a/main.ts": MAIN,
      "b/plugin.json": manifest("twin"),
      "b/main.ts": "other",
    });
    const first = await folder.look();
    expect(first.packages.map(({ path }) => path)).toEqual([folder.file("a")]);
    expect(first.broken).toMatchObject([{ id: "twin", path: folder.file("b"), block: "conflict" }]);
    expect(brokenIn(first)).toEqual({ b: `id: "twin" is the id of another plugin, in ${folder.file("a")}` });
    const registered = await folder.look({ registered: new Map([["twin", folder.file("b")]]) });
    expect(registered.packages.map(({ path }) => path)).toEqual([folder.file("b")]);
    expect(Object.keys(brokenIn(registered))).toEqual(["a"]);
  });

  test("folders named in the settings are looked at too, once", async () => {
    using folder = new PluginFolder();
    folder.plugin("inside");
    mkdirSync(folder.beside("work"));
    writeFileSync(folder.beside("work/plugin.json"), manifest("outside"));
    writeFileSync(folder.beside("work/main.ts"), MAIN);
    const paths = [folder.beside("work"), folder.file("inside"), folder.beside("gone"), "relative"];
    const discovery = await folder.look({ paths });
    expect(idsOf(discovery)).toEqual(["inside", "outside"]);
    expect(brokenIn(discovery)).toEqual({ gone: ": is not there", relative: ": is not an absolute path" });
  });

  test("what was put there by an installation says so", async () => {
    using folder = new PluginFolder();
    folder.plugin("probe");
    expect((await folder.look({ installed: new Set(["probe"]) })).packages).toMatchObject([
      { origin: "installed" },
    ]);
  });
});

describe("what cannot be taken is an error of that plugin alone", () => {
  test.each([
    [
      "a link that leads out",
      (folder: PluginFolder) => symlinkSync("/etc/passwd", folder.file("bad/data")),
      "data: is a link that leads out",
    ],
    [
      "a link to a neighbour",
      (folder: PluginFolder) => symlinkSync(folder.file("good"), folder.file("bad/data")),
      "data: is a link that leads out",
    ],
    [
      "a link into nothing",
      (folder: PluginFolder) => symlinkSync("gone", folder.file("bad/data")),
      "data: is not there",
    ],
    [
      "a link in a circle",
      (folder: PluginFolder) => symlinkSync("data", folder.file("bad/data")),
      "data: cannot be read (ELOOP)",
    ],
    [
      "a link to the folder itself",
      (folder: PluginFolder) => symlinkSync(".", folder.file("bad/data")),
      "data: is a link to a folder that holds it",
    ],
    [
      "a pipe",
      (folder: PluginFolder) => Bun.spawnSync(["mkfifo", folder.file("bad/data")]),
      "data: is a pipe, a socket or a device",
    ],
    [
      "a link to a device",
      (folder: PluginFolder) => symlinkSync("/dev/zero", folder.file("bad/data")),
      "data: is a link that leads out",
    ],
    [
      "a name that is not UTF-8",
      (folder: PluginFolder) =>
        writeFileSync(Buffer.concat([Buffer.from(folder.file("bad/x")), Buffer.from([0xff])]), ""),
      "whose name is not plain UTF-8",
    ],
    [
      "a name with a control character",
      (folder: PluginFolder) => folder.write({ "bad/a\u001b[0m": "" }),
      "whose name is not plain UTF-8",
    ],
    [
      "too large a file",
      (folder: PluginFolder) => {
        folder.write({ "bad/data": "" });
        truncateSync(folder.file("bad/data"), 20 * 1024 * 1024 + 1);
      },
      ": has more than 20 MiB",
    ],
    [
      "too deep a nest",
      (folder: PluginFolder) => folder.write({ [`bad/${"d/".repeat(20)}x`]: "" }),
      "lies more than 16 folders deep",
    ],
    [
      "a file that everybody may write",
      (folder: PluginFolder) => chmodSync(folder.file("bad/main.ts"), 0o666),
      "main.ts: can be written by every user",
    ],
    [
      "a folder that everybody may write",
      (folder: PluginFolder) => chmodSync(folder.file("bad"), 0o777),
      ": can be written by every user",
    ],
    [
      "a manifest that is wrong",
      (folder: PluginFolder) => folder.write({ "bad/plugin.json": "{}" }),
      "id: is missing",
    ],
    [
      "no manifest",
      (folder: PluginFolder) => renameSync(folder.file("bad/plugin.json"), folder.file("bad/x.json")),
      ": holds no plugin.json",
    ],
    [
      "no module",
      (folder: PluginFolder) => renameSync(folder.file("bad/main.ts"), folder.file("bad/x.ts")),
      'main: "main.ts" is not there',
    ],
  ])("%s", async (_name, spoil, message) => {
    using folder = new PluginFolder();
    folder.plugin("good");
    folder.plugin("bad");
    spoil(folder);
    const discovery = await folder.look();
    expect(idsOf(discovery)).toEqual(["good"]);
    expect(brokenIn(discovery)).toEqual({ bad: expect.stringContaining(message) });
  });

  test("a plugin that is itself a link", async () => {
    using folder = new PluginFolder();
    folder.write({ "good.ts": MAIN });
    symlinkSync("/etc", folder.file("etc"));
    symlinkSync("/etc/passwd", folder.file("evil.ts"));
    const discovery = await folder.look();
    expect(idsOf(discovery)).toEqual(["good"]);
    expect(brokenIn(discovery)).toEqual({
      etc: ": is a link; name the place that it leads to in plugins.items",
      "evil.ts": ": is a link; name the place that it leads to in plugins.items",
    });
  });

  test("more files than a plugin may have", async () => {
    using folder = new PluginFolder();
    folder.plugin(
      "bad",
      {},
      Object.fromEntries(Array.from({ length: MAX_FILES }, (_, at) => [`f${at}`, ""])),
    );
    expect(brokenIn(await folder.look())).toEqual({ bad: ": has more than 2000 files" });
  });

  test("links inside the folder are followed", async () => {
    using folder = new PluginFolder();
    folder.plugin("probe", {}, { "lib/a.ts": "a" });
    symlinkSync("lib", folder.file("probe/alias"));
    symlinkSync("a.ts", folder.file("probe/lib/b.ts"));
    const [probe] = (await folder.look()).packages;
    expect([...(probe?.files.keys() ?? [])]).toEqual([
      ...["alias/a.ts", "alias/b.ts", "lib/a.ts", "lib/b.ts", "main.ts", "plugin.json"],
    ]);
  });

  test("a hard link to a file of another owner than the folder's", async () => {
    using folder = new PluginFolder();
    folder.plugin("bad");
    writeFileSync(folder.beside("elsewhere"), "of somebody else");
    linkSync(folder.beside("elsewhere"), folder.file("bad/data"));
    const tree = await listSource(folder.file("bad"), { isRoot: true });
    expect([...(await readSource(tree)).keys()]).toContain("data");
    const ofAnother = { ...tree, owner: tree.owner + 1n };
    await expect(readSource(ofAnother)).rejects.toThrow("is a hard link to a file of another owner");
  });

  test("a plugins folder that everybody may write gives nothing to a server that runs as root", async () => {
    using folder = new PluginFolder();
    folder.write({ "hello.ts": MAIN });
    chmodSync(folder.path, 0o777);
    const asRoot = await folder.look();
    expect(asRoot.packages).toEqual([]);
    expect(asRoot.problems[0]).toContain("can be written by every user of this machine");
    expect(idsOf(await folder.look({ policy: { isRoot: false } }))).toEqual(["hello"]);
  });

  test("more plugins than are taken", async () => {
    using folder = new PluginFolder();
    const count = 501;
    folder.write(Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${1_000 + at}.ts`, MAIN])));
    const { packages, problems } = await folder.look();
    expect(packages).toHaveLength(500);
    expect(problems).toEqual(["There are 501 plugins; the first 500 by name are taken."]);
  });
});

describe("reading", () => {
  test("happens once: what has not changed is taken from memory", async () => {
    using folder = new PluginFolder();
    folder.plugin("still");
    folder.plugin("edited");
    const before = await folder.look();
    folder.write({ "edited/main.ts": "changed" });
    const after = await folder.look();
    const bytesOf = (id: string, { packages }: typeof before) =>
      packages.find((one) => one.manifest.id === id)?.files.get("main.ts");
    expect(bytesOf("still", after)).toBe(bytesOf("still", before) as Uint8Array);
    expect(bytesOf("edited", after)).not.toBe(bytesOf("edited", before) as Uint8Array);
    expect(after.fingerprint).not.toBe(before.fingerprint);
    expect((await folder.look()).fingerprint).toBe(after.fingerprint);
  });

  test("takes only what was listed: a file exchanged for a link meanwhile, by a folder above too, is refused", async () => {
    using folder = new PluginFolder();
    folder.write({ "probe/lib/a.ts": "a" });
    mkdirSync(folder.beside("outside"));
    writeFileSync(folder.beside("outside/a.ts"), "b");
    const tree = await listSource(folder.file("probe"), { isRoot: true });
    renameSync(folder.file("probe/lib"), folder.file("kept"));
    symlinkSync(folder.beside("outside"), folder.file("probe/lib"));
    await expect(readSource(tree)).rejects.toThrow("was changed while it was read");
    // The very file that was listed, but reached through a link: the way is not what was checked.
    renameSync(folder.file("probe/lib"), folder.file("link"));
    symlinkSync(folder.file("kept"), folder.file("probe/lib"));
    await expect(readSource(tree)).rejects.toThrow("was changed while it was read");
    writeFileSync(folder.file("kept/a.ts"), "changed");
    await expect(readSource(tree)).rejects.toThrow("was changed while it was read");
  });

  test("many files of many plugins", async () => {
    using folder = new PluginFolder();
    const plugins = sized(20, 200);
    for (let at = 0; at < plugins; at++) folder.plugin(`p${at}`, {}, { "a.ts": "a", "b/c.ts": "c" });
    const { packages } = await folder.look();
    expect(packages).toHaveLength(plugins);
    const text = new TextDecoder().decode(packages[0]?.files.get("main.ts"));
    expect(text).toBe(readFileSync(folder.file("p0/main.ts"), "utf8"));
  });
});
