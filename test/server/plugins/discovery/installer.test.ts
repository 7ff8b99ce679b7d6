import { describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { PluginInstaller } from "../../../../server/plugins/discovery/install/installer.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { idsOf, MAIN, manifest, PluginFolder } from "../plugin-folder.ts";
import { tarGzOf, zipOf } from "./archives.ts";

const CLOCK = new ManualClock(1_000);

const installerOf = (folder: PluginFolder, clock = CLOCK): PluginInstaller =>
  new PluginInstaller({
    folder: () => folder.path,
    rules: () => ({ limits: { maxTimeoutMs: 600_000, forbiddenPaths: [] }, trustedKeys: [] }),
    policy: { isRoot: true },
    clock,
  });
const archiveOf = (id: string, more: object = {}, code = MAIN) =>
  tarGzOf([
    { name: "package/plugin.json", content: manifest(id, more) },
    { name: "package/main.ts", content: code },
    { name: "package/plugin.sig", content: "a signature" },
  ]);
const visible = (folder: PluginFolder): string[] =>
  readdirSync(folder.path)
    .filter((name) => !name.startsWith("."))
    .sort();

describe("installing", () => {
  test("an archive gives a folder of the plugin's id, for nobody else to read, as discovery then finds it", async () => {
    using folder = new PluginFolder();
    const installer = installerOf(folder);
    const prepared = await installer.openArchive(await archiveOf("probe"));
    expect(prepared.package).toMatchObject({ origin: "installed", manifest: { id: "probe" } });
    expect(await installer.place(prepared)).toBe(folder.file("probe"));
    expect(statSync(folder.file("probe")).mode & 0o777).toBe(0o700);
    expect(statSync(folder.file("probe/main.ts")).mode & 0o777).toBe(0o600);
    expect(readFileSync(folder.file("probe/plugin.sig"), "utf8")).toBe("a signature");
    const { packages } = await folder.look();
    expect(packages.map(({ digest }) => digest)).toEqual([prepared.package.digest]);
  });

  test("works from a folder, an archive file and a single module", async () => {
    using folder = new PluginFolder();
    const installer = installerOf(folder);
    mkdirSync(folder.beside("work"));
    writeFileSync(folder.beside("work/plugin.json"), manifest("from-folder"));
    writeFileSync(folder.beside("work/main.ts"), MAIN);
    writeFileSync(
      folder.beside("pack.zip"),
      zipOf([
        { name: "plugin.json", content: manifest("from-zip") },
        { name: "main.ts", content: MAIN },
      ]),
    );
    writeFileSync(folder.beside("hello.ts"), MAIN);
    for (const name of ["work", "pack.zip", "hello.ts"])
      await installer.place(await installer.openPath(folder.beside(name)));
    expect(visible(folder)).toEqual(["from-folder", "from-zip", "hello.ts"]);
    expect(idsOf(await folder.look())).toEqual(["from-folder", "from-zip", "hello"]);
  });

  test("takes nothing that is wrong, and leaves nothing of it behind", async () => {
    using folder = new PluginFolder();
    const installer = installerOf(folder);
    mkdirSync(folder.beside("work"));
    symlinkSync("/etc/passwd", folder.beside("work/data"));
    writeFileSync(folder.beside("notes.txt"), "");
    await expect(installer.openPath(folder.beside("work"))).rejects.toMatchObject({
      code: "plugin_invalid",
      message: `${folder.beside("work/data")} is a link that leads out of the plugin's folder.`,
    });
    await expect(installer.openPath(folder.beside("notes.txt"))).rejects.toThrow(
      "is neither a folder, a module",
    );
    await expect(installer.openPath(folder.beside("gone"))).rejects.toThrow("is not there");
    await expect(installer.openArchive(await archiveOf("Bad Id"))).rejects.toMatchObject({
      code: "plugin_invalid",
      issues: [{ path: "id", message: expect.stringContaining("(line 1)") }],
    });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("replaces a plugin in one step; what was there is moved aside as it lay", async () => {
    using folder = new PluginFolder();
    const installer = installerOf(folder);
    folder.plugin("probe", {}, { "notes.txt": "mine", ".git/HEAD": "ref" });
    const next = await installer.openArchive(await archiveOf("probe", { version: "2.0.0" }));
    await expect(installer.place(next)).rejects.toMatchObject({ code: "plugin_conflict" });
    expect(await installer.place(next, folder.file("probe"))).toBe(folder.file("probe"));
    expect((await folder.look()).packages).toMatchObject([{ manifest: { version: "2.0.0" } }]);
    expect(readFileSync(folder.file(".removed/probe@1000@probe/.git/HEAD"), "utf8")).toBe("ref");
    expect(readdirSync(folder.file(".staging"))).toEqual([]);
  });

  test("does not touch a plugin of that id that lies elsewhere", async () => {
    using folder = new PluginFolder();
    const installer = installerOf(folder);
    mkdirSync(folder.beside("work"));
    const prepared = await installer.openArchive(await archiveOf("probe"));
    await expect(installer.place(prepared, folder.beside("work"))).rejects.toMatchObject({
      code: "plugin_conflict",
    });
    expect(existsSync(folder.beside("work"))).toBeTrue();
    expect(visible(folder)).toEqual([]);
  });

  test("moves aside a plugin of the same id that lies under another name", async () => {
    using folder = new PluginFolder();
    const installer = installerOf(folder);
    folder.plugin("probe");
    renameSync(folder.file("probe"), folder.file("my-copy"));
    await installer.place(await installer.openArchive(await archiveOf("probe")), folder.file("my-copy"));
    expect(visible(folder)).toEqual(["probe"]);
  });
});

describe("a crash in the midst", () => {
  test("of writing leaves the old one, and what was begun is thrown away", async () => {
    using folder = new PluginFolder();
    folder.plugin("probe");
    folder.write({ ".staging/0190-half/main.ts": "half" });
    await installerOf(folder).recover();
    expect(existsSync(folder.file(".staging"))).toBeFalse();
    expect((await folder.look()).packages).toMatchObject([{ manifest: { version: "1.0.0" } }]);
  });

  test("after writing is carried on to its end, before and after the old one was moved", async () => {
    for (const isMoved of [false, true]) {
      using folder = new PluginFolder();
      folder.plugin("probe");
      folder.write({
        ".ready/probe/plugin.json": manifest("probe", { version: "2.0.0" }),
        ".ready/probe/main.ts": MAIN,
      });
      if (isMoved) rmSync(folder.file("probe"), { recursive: true });
      await installerOf(folder).recover();
      expect((await folder.look()).packages).toMatchObject([{ manifest: { version: "2.0.0" } }]);
      expect(readdirSync(folder.file(".ready"))).toEqual([]);
      expect(existsSync(folder.file(".removed"))).toBe(!isMoved);
    }
  });
});

describe("removing", () => {
  test("can be undone while it is kept, the last one first", async () => {
    using folder = new PluginFolder();
    const clock = new ManualClock(5_000);
    const installer = installerOf(folder, clock);
    for (const version of ["1.0.0", "2.0.0"]) {
      folder.plugin("probe", { version });
      await installer.remove("probe", folder.file("probe"));
    }
    expect(visible(folder)).toEqual([]);
    expect(await installer.restore("probe")).toBe(folder.file("probe"));
    expect((await folder.look()).packages).toMatchObject([{ manifest: { version: "2.0.0" } }]);
    await expect(installer.restore("probe")).rejects.toMatchObject({ code: "plugin_conflict" });
    expect(await installer.prune(5_000)).toBe(0);
    expect(await installer.prune(5_001)).toBe(1);
    rmSync(folder.file("probe"), { recursive: true });
    await expect(installer.restore("probe")).rejects.toMatchObject({ code: "plugin_not_found" });
  });

  test("touches nothing outside the plugins folder", async () => {
    using folder = new PluginFolder();
    const installer = installerOf(folder);
    mkdirSync(folder.beside("work"));
    await expect(installer.remove("probe", folder.beside("work"))).rejects.toThrow(
      "take it out of plugins.items",
    );
    await expect(installer.remove("probe", "")).rejects.toThrow("it is part of Binnacle");
    expect(existsSync(folder.beside("work"))).toBeTrue();
  });
});
