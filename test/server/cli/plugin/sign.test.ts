import { afterEach, beforeEach, describe, expect, spyOn, test } from "bun:test";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sign } from "../../../../server/cli/plugin/sign.ts";
import { assemblePackage } from "../../../../server/plugins/discovery/assemble.ts";
import { readSource } from "../../../../server/plugins/discovery/source-files.ts";
import { listSource } from "../../../../server/plugins/discovery/source-tree.ts";
import { TempFolder } from "../../../support/temp-folder.ts";

let folder: TempFolder;
let plugin: string;
let said: string[];
let log: ReturnType<typeof spyOn>;
beforeEach(() => {
  folder = new TempFolder();
  plugin = folder.file("probe");
  mkdirSync(plugin);
  writeFileSync(
    join(plugin, "plugin.json"),
    JSON.stringify({ id: "probe", version: "1.0.0", type: "task", main: "main.ts" }),
  );
  writeFileSync(join(plugin, "main.ts"), "code");
  said = [];
  log = spyOn(console, "log").mockImplementation((text: string) => void said.push(text));
});
afterEach(() => {
  log.mockRestore();
  folder[Symbol.dispose]();
});

async function signatureIn(publicKey: string) {
  const files = await readSource(await listSource(plugin, { isRoot: false }));
  const rules = {
    limits: { maxTimeoutMs: 1_000, forbiddenPaths: [] },
    trustedKeys: [{ name: "mine", publicKey }],
  };
  const made = assemblePackage({ origin: "folder", path: plugin, files, isSingleFile: false }, rules);
  return "problems" in made ? made.problems : made.signature;
}

describe("plugin sign", () => {
  test("makes a key for its owner alone, and a signature that a server with the printed key finds", async () => {
    const key = folder.file("author.pem");
    await sign(plugin, { key, newKey: true, json: true });
    expect(statSync(key).mode & 0o777).toBe(0o600);
    const told = JSON.parse(said[0] ?? "") as { publicKey: string; keyId: string };
    expect(await signatureIn(told.publicKey)).toEqual({ state: "valid", keyId: told.keyId, keyName: "mine" });
    writeFileSync(join(plugin, "main.ts"), "changed");
    expect(await signatureIn(told.publicKey)).toMatchObject({ state: "broken" });
    await sign(plugin, { key });
    expect(await signatureIn(told.publicKey)).toMatchObject({ state: "valid" });
    expect(said[1]).toContain(`publicKey: "${told.publicKey}"`);
    expect(readFileSync(join(plugin, "plugin.sig"), "utf8")).not.toContain("PRIVATE");
  });

  test("says what is wrong with a key, and overwrites none", async () => {
    const key = folder.file("author.pem");
    await expect(sign(plugin, { key })).rejects.toThrow("add --new-key to make one");
    writeFileSync(key, "no key");
    await expect(sign(plugin, { key })).rejects.toThrow("does not hold an Ed25519 private key");
    await expect(sign(plugin, { key, newKey: true })).rejects.toThrow("it is there already");
    expect(readFileSync(key, "utf8")).toBe("no key");
  });

  test("signs nothing that is no plugin, and no single file", async () => {
    await expect(sign(folder.file("gone"), { key: "k" })).rejects.toMatchObject({ code: "plugin_invalid" });
    writeFileSync(folder.file("hello.ts"), "code");
    await expect(sign(folder.file("hello.ts"), { key: "k" })).rejects.toThrow("no place for a signature");
  });
});
