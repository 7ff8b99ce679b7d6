import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { signatureText } from "../../../../server/plugins/trust/signature.ts";
import { tarGzOf, zipOf } from "../discovery/archives.ts";
import { PluginApp } from "../plugin-app.ts";
import { MAIN, manifest } from "../plugin-folder.ts";

let plugins: PluginApp;
beforeAll(async () => {
  plugins = await PluginApp.start();
});
afterAll(() => plugins[Symbol.asyncDispose]());

const write = (id: string, more: object = {}, files: Record<string, string> = {}): void => {
  const all = { "plugin.json": manifest(id, more), "main.ts": MAIN, ...files };
  for (const [name, text] of Object.entries(all)) plugins.write(`${id}/${name}`, text);
};

describe("a folder full of what can be wrong", () => {
  test("each says what on its own page, in what it can be; all others load", async () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const foreign = signatureText({ id: "other", version: "1.0.0", digest: "0".repeat(64) }, privateKey);
    write("good");
    write("half", {}, { "plugin.json": '{"id": "half",' });
    write("wide", { permissions: { net: [{ host: "*", why: "everything" }] } });
    write("out", { main: "../../etc/main.ts" });
    write("marked", { name: "<img src=x onerror=alert(1)>" });
    write("costly", { config: { type: "object", properties: { a: { pattern: "(a+)+$" } } } });
    write("linked");
    symlinkSync("/etc/passwd", join(plugins.app.parts.folder.paths.root, "plugins/linked/data"));
    write("signed", {}, { "plugin.sig": foreign });
    write("round-a", { dependencies: { "round-b": "*" } });
    write("round-b", { dependencies: { "round-a": "*" } });
    write("lonely", { dependencies: { gone: "^1.0.0" } });
    write("old", { dependencies: { good: "^2.0.0" } });
    write("asking", { permissions: { net: [{ host: "a.example", why: "asks there" }] } });
    await plugins.system.look();

    const response = await plugins.admin.get("/api/v3/plugins/list?limit=200");
    const { items } = (await response.json()) as {
      items: { id: string; block: { code: string; message: string } | null }[];
    };
    const blocks = Object.fromEntries(
      items.map(({ id, block }) => [id, block && `${block.code}: ${block.message}`]),
    );
    expect(blocks).toMatchObject({
      good: null,
      half: expect.stringMatching(/^invalid: .*is not JSON/),
      wide: expect.stringMatching(/^invalid: .*permissions\.net\.0 \(line 1\) is not granted to any plugin/),
      out: expect.stringMatching(/^invalid: .*main \(line 1\) lies outside the plugin's folder/),
      marked: expect.stringMatching(/^invalid: .*name \(line 1\).*is not allowed: What people read/),
      costly: expect.stringMatching(/^invalid: .*the keyword pattern is not taken here/),
      linked: expect.stringMatching(/^invalid: .*data is a link that leads out of the plugin's folder/),
      signed: expect.stringContaining('the signature is one of the plugin "other"'),
      "round-a": "circular_dependency: It needs itself: round-a → round-b → round-a.",
      "round-b": "circular_dependency: It needs itself: round-b → round-a → round-b.",
      lonely: 'missing_dependency: It needs "gone" ^1.0.0, which is not there.',
      old: 'conflict: It needs "good" ^2.0.0, but 1.0.0 is there.',
      asking: "awaiting_approval: It asks for permissions, and nobody has approved them yet.",
      "http-check":
        "awaiting_approval: It ships switched off because it asks for permissions; enabling it approves them.",
    });
    expect(await plugins.execute("good")).toEqual([200, 1]);
  });
});

describe("an archive over the API", () => {
  const install = async (archive: Uint8Array): Promise<[number, string]> => {
    const headers = { "content-type": "application/octet-stream" };
    const response = await plugins.admin.fetch("/api/v3/plugins/install", {
      method: "POST",
      headers,
      body: Buffer.from(archive),
    });
    const body = (await response.json()) as { code?: string; detail?: string; id?: string };
    return [response.status, response.ok ? (body.id ?? "") : `${body.code}: ${body.detail}`];
  };
  const files = (id: string, more: object = {}) => [
    { name: "plugin.json", content: manifest(id, more) },
    { name: "main.ts", content: MAIN },
  ];

  test("is put in place and runs", async () => {
    expect(await install(await tarGzOf(files("packed")))).toEqual([expect.any(Number), "packed"]);
    expect(await plugins.execute("packed")).toEqual([200, 1]);
    expect(await plugins.plugin("packed")).toMatchObject({ origin: "installed", registeredBy: "admin-1" });
  });

  test("that leads out, links or lies is refused by the name of its entry, and changes nothing", async () => {
    const evil = [...files("evil"), { name: "../../evil.ts", content: "" }];
    const linking = [...files("evil"), { name: "link", type: "symlink" as const, linkname: "/etc" }];
    for (const [archive, reason] of [
      [await tarGzOf(evil), '"../../evil.ts", which leads out of the archive'],
      [zipOf(evil), '"../../evil.ts", which leads out of the archive'],
      [await tarGzOf(linking), '"link", which is a symbolic link'],
      [zipOf(files("Evil Id")), "is not valid"],
      [Buffer.from("no archive"), "is none: a .tar, .tar.gz or .zip is expected"],
    ] as const) {
      expect(await install(archive)).toEqual([422, expect.stringContaining(`plugin_invalid: `)]);
      expect((await install(archive))[1]).toContain(reason);
    }
    expect((await plugins.admin.get("/api/v3/plugins/evil")).status).toBe(404);
  });

  test("under the id of a plugin that ships is a conflict", async () => {
    expect(await install(await tarGzOf(files("http-check")))).toEqual([
      409,
      expect.stringContaining("plugin_conflict"),
    ]);
  });
});
