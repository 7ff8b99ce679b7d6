import { describe, expect, test } from "bun:test";
import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { ContentStore } from "../../../../server/plugins/discovery/content-store.ts";
import {
  digestOf,
  fileListText,
  hashesOf,
  parseFileList,
} from "../../../../server/plugins/discovery/file-list.ts";
import { TempFolder } from "../../../support/temp-folder.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const FILES = new Map([
  ["main.ts", bytes("code")],
  ["b/a.ts", bytes("same")],
  ["b/b.ts", bytes("same")],
  ["empty", bytes("")],
]);

describe("the kept files of plugins", () => {
  test("come back by the digest, readable by nobody else, each content once", async () => {
    using folder = new TempFolder();
    const path = folder.file("plugin-store");
    const store = new ContentStore(path);
    const hashes = hashesOf(FILES);
    const digest = await store.keep(FILES, hashes);
    expect(digest).toBe(digestOf(hashes));
    const kept = await store.open(digest);
    expect(
      [...(kept?.files ?? [])].map(([name, content]) => [name, Buffer.from(content).toString()]),
    ).toEqual([
      ["b/a.ts", "same"],
      ["b/b.ts", "same"],
      ["empty", ""],
      ["main.ts", "code"],
    ]);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    const names = readdirSync(path);
    expect(names.map((name) => statSync(`${path}/${name}`).mode & 0o777)).toEqual(names.map(() => 0o600));
    expect(names).toHaveLength(4);
    await store.keep(FILES, hashes);
    expect(readdirSync(path)).toEqual(names);
  });

  test("an unknown digest is nothing, and a digest is no path", async () => {
    using folder = new TempFolder();
    const store = new ContentStore(folder.file("plugin-store"));
    expect(await store.open("0".repeat(64))).toBeUndefined();
    expect(await store.open("../../etc/passwd")).toBeUndefined();
  });

  test("a changed or missing file is found at the next reading, and written anew by the next keeping", async () => {
    using folder = new TempFolder();
    const store = new ContentStore(folder.file("plugin-store"));
    const hashes = hashesOf(FILES);
    const digest = await store.keep(FILES, hashes);
    const file = folder.file(`plugin-store/${hashes.get("main.ts")?.sha256}`);
    writeFileSync(file, "evil");
    await expect(store.open(digest)).rejects.toMatchObject({ code: "plugin_invalid" });
    await store.keep(FILES, hashes);
    expect(await store.open(digest)).toBeDefined();
    rmSync(file);
    await expect(store.open(digest)).rejects.toMatchObject({ code: "plugin_invalid" });
    writeFileSync(folder.file(`plugin-store/${digest}`), "a list of other files");
    await expect(store.open(digest)).rejects.toMatchObject({ code: "plugin_invalid" });
  });

  test("what no plugin consists of any more is removed, what was kept just now is not", async () => {
    using folder = new TempFolder();
    const store = new ContentStore(folder.file("plugin-store"));
    const first = await store.keep(FILES, hashesOf(FILES));
    const other = new Map([
      ["main.ts", bytes("code")],
      ["new.ts", bytes("new")],
    ]);
    const second = await store.keep(other, hashesOf(other));
    expect(await store.prune(new Set([second]))).toBe(0);
    expect(await store.prune(new Set([first, second]))).toBe(0);
    expect(await store.prune(new Set([second]))).toBe(3);
    expect(await store.open(second)).toBeDefined();
    expect(await store.open(first)).toBeUndefined();
    writeFileSync(folder.file(`plugin-store/${second}`), "damaged");
    expect(await store.prune(new Set([second]))).toBe(2);
  });
});

test("a list of files is read only as it is written", () => {
  const text = fileListText(hashesOf(FILES));
  expect(fileListText(parseFileList(text) ?? new Map())).toBe(text);
  const lines = text.split("\n");
  for (const wrong of ["", "x", text.toUpperCase(), lines.toReversed().join("\n"), `${text}${lines[0]}\n`]) {
    expect(parseFileList(wrong)).toBeUndefined();
  }
});
