import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { systemClock } from "../../server/lib/clock.ts";
import { sha256Hex } from "../../server/lib/ids.ts";
import { BrokerHouse } from "../server/plugins/broker/broker-house.ts";
import { jailedBundled } from "./jailed-bundled.ts";

const SIZE_BYTES = 3_000_000;

/** The plugin in its jail, with a folder of backups and another one for copies. */
async function scenario(keep = 2) {
  const house = await BrokerHouse.open({ clock: systemClock });
  const [sourceFolder, targetFolder] = [house.folder.file("made"), house.folder.file("copies")];
  for (const folder of [sourceFolder, targetFolder]) mkdirSync(folder);
  const plugin = await jailedBundled(house, "backup-folder", { sourceFolder, targetFolder, keep });
  const made = (name: string, content: string): { sourcePath: string; backupName: string } => {
    writeFileSync(join(sourceFolder, name), content);
    return { sourcePath: join(sourceFolder, name), backupName: name };
  };
  return {
    plugin,
    made,
    copies: (name: string) => join(targetFolder, name),
    targetFolder,
    house,
    async [Symbol.asyncDispose]() {
      await plugin[Symbol.asyncDispose]();
      await house[Symbol.asyncDispose]();
    },
  };
}

describe("a backup", () => {
  test("is copied whole, with a checksum beside it, and shown", async () => {
    await using it = await scenario();
    const content = "z".repeat(SIZE_BYTES);
    const sha256 = sha256Hex(content);
    const outcome = await it.plugin.ask("backup", it.made("a.tar.zst", content));
    expect(outcome).toEqual({ location: it.copies("a.tar.zst"), sizeBytes: SIZE_BYTES });
    expect(readFileSync(it.copies("a.tar.zst"), "utf8")).toBe(content);
    expect(readFileSync(it.copies("a.tar.zst.sha256"), "utf8")).toBe(`${sha256}  a.tar.zst\n`);
    expect(await it.plugin.ask("execute", { show: "copies" })).toMatchObject([
      { name: "a.tar.zst", sizeBytes: SIZE_BYTES, sha256 },
    ]);
    expect(await it.plugin.health()).toMatchObject({ message: "the newest copy is a.tar.zst" });
  });

  test("of a folder becomes one archive that tar reads: long and foreign names, empty and large files too", async () => {
    await using it = await scenario();
    const folder = join(it.house.folder.path, "made/20300131");
    const content: Record<string, string> = {
      "manifest.json": "{}",
      empty: "",
      "chunks/00/ab": "x".repeat(SIZE_BYTES),
      [`chunks/${"long-".repeat(30)}/name`]: "far",
      "grün/naïve.txt": "ü",
    };
    for (const [name, text] of Object.entries(content)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    mkdirSync(join(folder, "nothing"));
    const outcome = await it.plugin.ask("backup", { sourcePath: folder, backupName: "20300131" });
    expect(outcome).toMatchObject({ location: it.copies("20300131.tar") });
    const unpacked = it.house.folder.file("unpacked");
    mkdirSync(unpacked);
    const tar = Bun.spawnSync(["tar", "-xf", it.copies("20300131.tar"), "-C", unpacked]);
    expect(tar.stderr.toString()).toBe("");
    for (const [name, text] of Object.entries(content)) {
      expect(readFileSync(join(unpacked, "20300131", name), "utf8")).toBe(text);
    }
    expect(readdirSync(join(unpacked, "20300131/nothing"))).toEqual([]);
    expect(await it.plugin.ask("execute", { verify: true })).toMatchObject([{ isSound: true }]);
  });

  test("beyond those to keep goes, with its checksum; what somebody else put there stays", async () => {
    await using it = await scenario(2);
    writeFileSync(it.copies("0.tar.zst"), "mine");
    for (const name of ["a", "b", "c"]) await it.plugin.ask("backup", it.made(`${name}.tar.zst`, name));
    expect(readdirSync(it.targetFolder).sort()).toEqual([
      "0.tar.zst",
      "b.tar.zst",
      "b.tar.zst.sha256",
      "c.tar.zst",
      "c.tar.zst.sha256",
    ]);
  });

  test("of the same name takes the place of the one before", async () => {
    await using it = await scenario(2);
    for (const content of ["first", "second"]) await it.plugin.ask("backup", it.made("a.tar", content));
    expect(readFileSync(it.copies("a.tar"), "utf8")).toBe("second");
    expect(await it.plugin.ask("execute", {})).toHaveLength(1);
  });

  test("that has changed since is found by verifying; one that is gone or cut short shows in the health", async () => {
    await using it = await scenario();
    for (const name of ["a", "b"]) await it.plugin.ask("backup", it.made(name, name));
    writeFileSync(it.copies("b"), "x");
    expect(await it.plugin.ask("execute", { verify: true })).toMatchObject([
      { name: "b", isSound: false },
      { name: "a", isSound: true },
    ]);
    appendFileSync(it.copies("b"), "more");
    expect((await it.plugin.health()).status).toBe("degraded");
    rmSync(it.copies("b"));
    expect((await it.plugin.health()).status).toBe("degraded");
    expect(await it.plugin.ask("execute", { verify: true })).toMatchObject([{ isSound: false }, {}]);
  });
});

describe("what is refused", () => {
  test.each([
    ["a name that leads elsewhere", { backupName: "../a" }, '"backupName" is a file\'s name'],
    ["a hidden name", { backupName: ".a" }, '"backupName" is a file\'s name'],
    ["a name with a line break", { backupName: "a\nb" }, '"backupName" is a file\'s name'],
    ["a path that is none", { sourcePath: "a" }, '"sourcePath" is the absolute path'],
    ["nothing", { sourcePath: undefined }, '"sourcePath" is the absolute path'],
    ["a file outside of the folder", { sourcePath: "/etc/passwd" }, "/etc/passwd"],
  ])("%s", async (_what, change, message) => {
    await using it = await scenario();
    const outcome = it.plugin.ask("backup", { ...it.made("a", "a"), ...change });
    expect(await outcome.catch((error: Error) => error.message)).toContain(message);
    expect(readdirSync(it.targetFolder)).toEqual([]);
  });

  test("what is neither file nor folder, a folder that holds such a thing, and what is not there", async () => {
    await using it = await scenario();
    const { sourcePath } = it.made("a", "a");
    mkdirSync(`${sourcePath}.d`);
    symlinkSync("/etc/passwd", `${sourcePath}.d/link`);
    for (const [path, message] of [
      [`${sourcePath}.d`, "a.d/link is neither a file nor a folder"],
      [`${sourcePath}.no`, "There is no"],
    ] as const) {
      const outcome = it.plugin.ask("backup", { sourcePath: path, backupName: "a" });
      expect(await outcome.catch((error: Error) => error.message)).toContain(message);
    }
    expect(readdirSync(it.targetFolder)).toEqual([]);
  });
});
