import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { IS_FULL } from "../../../support/sizes.ts";
import { TempFolder } from "../../../support/temp-folder.ts";
import { BrokerHouse, codeOf, type TestPlugin } from "./broker-house.ts";

const why = "test";
const SWAPS = IS_FULL ? 20_000 : 2_000;
const SECRET = "the secret outside";

/** A granted folder with a file, and one beside it with a secret. */
function world(): { folder: TempFolder; granted: string; outside: string } & Disposable {
  const folder = new TempFolder();
  const [granted, outside] = [folder.file("granted"), folder.file("outside")];
  mkdirSync(join(granted, "sub"), { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(granted, "a.txt"), "inside");
  writeFileSync(join(outside, "secret.txt"), SECRET);
  return { folder, granted, outside, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

const reader = (house: BrokerHouse, path: string): TestPlugin =>
  house.plugin({ permissions: { read: [{ path, why }] } });
const writer = (house: BrokerHouse, path: string): TestPlugin =>
  house.plugin({ permissions: { write: [{ path, why }] } });

async function read(plugin: TestPlugin, path: string, range: { offset?: number; length?: number } = {}) {
  const { stream } = await plugin.call("files.read", { path, ...range });
  return plugin.streams.textAt(stream);
}
const write = (plugin: TestPlugin, path: string, text: string, append = false) =>
  plugin.call("files.write", { path, stream: plugin.streams.offer(text), append });

describe("reading", () => {
  test("gives files, parts of them, lists and facts beneath a granted folder", async () => {
    using place = world();
    await using house = await BrokerHouse.open();
    const plugin = reader(house, place.granted);
    const file = join(place.granted, "a.txt");
    expect(await read(plugin, file)).toBe("inside");
    expect(await read(plugin, file, { offset: 2, length: 3 })).toBe("sid");
    expect(await read(plugin, file, { offset: 100 })).toBe("");
    expect(await plugin.call("files.list", { path: place.granted })).toEqual([
      { name: "a.txt", kind: "file", sizeBytes: 6 },
      { name: "sub", kind: "folder", sizeBytes: expect.any(Number) },
    ]);
    expect(await plugin.call("files.stat", { path: file })).toMatchObject({ kind: "file", sizeBytes: 6 });
    expect(await plugin.call("files.stat", { path: join(place.granted, "none") })).toBeNull();
    expect(await codeOf(read(plugin, join(place.granted, "none")))).toBe("not_found");
  });

  test("of one granted file gives that file alone", async () => {
    using place = world();
    await using house = await BrokerHouse.open();
    writeFileSync(join(place.granted, "b.txt"), "other");
    const plugin = reader(house, join(place.granted, "a.txt"));
    expect(await read(plugin, join(place.granted, "a.txt"))).toBe("inside");
    expect(await codeOf(read(plugin, join(place.granted, "b.txt")))).toBe("permission_denied");
    expect(await codeOf(plugin.call("files.list", { path: place.granted }))).toBe("permission_denied");
  });

  test("outside is denied and audited, by whatever spelling", async () => {
    using place = world();
    await using house = await BrokerHouse.open();
    const plugin = reader(house, place.granted);
    const secret = join(place.outside, "secret.txt");
    expect(await codeOf(read(plugin, secret))).toBe("permission_denied");
    expect(await codeOf(read(plugin, `${place.granted}-other/x`))).toBe("permission_denied");
    expect(await codeOf(read(plugin, "/etc/passwd"))).toBe("permission_denied");
    for (const path of [
      `${place.granted}/../outside/secret.txt`,
      "a.txt",
      `${secret}\0.txt`,
      "../../etc/passwd",
    ]) {
      expect(await codeOf(read(plugin, path))).toBe("invalid_request");
    }
    expect((await house.denials()).map(({ target }) => target)).toContain(`tester ${secret}`);
    expect(await codeOf(write(plugin, join(place.granted, "a.txt"), "x"))).toBe("permission_denied");
  });

  test("never follows a link, in the end or on the way", async () => {
    using place = world();
    await using house = await BrokerHouse.open();
    const plugin = reader(house, place.granted);
    symlinkSync(join(place.outside, "secret.txt"), join(place.granted, "link"));
    symlinkSync(place.outside, join(place.granted, "way"));
    symlinkSync("a.txt", join(place.granted, "near"));
    symlinkSync("/proc/self/fd", join(place.granted, "magic"));
    for (const path of ["link", "way/secret.txt", "near", "magic/0", "magic"]) {
      expect([path, await codeOf(read(plugin, join(place.granted, path)))]).toEqual([
        path,
        "permission_denied",
      ]);
    }
    expect(await plugin.call("files.stat", { path: join(place.granted, "link") })).toMatchObject({
      kind: "other",
    });
    expect(await codeOf(plugin.call("files.list", { path: join(place.granted, "way") }))).toBe(
      "permission_denied",
    );
    symlinkSync(place.granted, join(place.folder.path, "alias"));
    const aliased = reader(house, join(place.folder.path, "alias"));
    expect(await codeOf(read(aliased, join(place.folder.path, "alias/a.txt")))).toBe("permission_denied");
  });

  test("gives no file that has a second name, no FIFO and no folder", async () => {
    using place = world();
    await using house = await BrokerHouse.open();
    const plugin = reader(house, place.granted);
    linkSync(join(place.outside, "secret.txt"), join(place.granted, "hard"));
    Bun.spawnSync(["mkfifo", join(place.granted, "fifo")]);
    for (const name of ["hard", "fifo", "sub"]) {
      expect([name, await codeOf(read(plugin, join(place.granted, name)))]).toEqual([
        name,
        "invalid_request",
      ]);
    }
  });

  test("reaches nothing that nobody may reach, though its path is known under another name", async () => {
    using place = world();
    const alias = join(place.folder.path, "data");
    symlinkSync(place.outside, alias);
    await using house = await BrokerHouse.open({ forbiddenPaths: [alias] });
    const secret = join(place.outside, "secret.txt");
    expect(await codeOf(read(reader(house, place.outside), secret))).toBe("permission_denied");
    expect(await codeOf(write(writer(house, place.outside), secret, "x"))).toBe("permission_denied");
    const own = house.plugin({ permissions: { write: [{ path: join(process.execPath, ".."), why }] } });
    expect(await codeOf(write(own, process.execPath, "x"))).toBe("permission_denied");
    const [passwd, group] = ["/etc/passwd", "/etc/group"];
    expect(await codeOf(read(reader(house, "/etc"), passwd))).toBe("ok");
    expect(await codeOf(read(reader(house, passwd), group))).toBe("permission_denied");
  });

  test("reaches nothing that nobody may reach", async () => {
    using place = world();
    await using house = await BrokerHouse.open({ forbiddenPaths: [place.outside] });
    expect(await codeOf(read(reader(house, place.outside), join(place.outside, "secret.txt")))).toBe(
      "permission_denied",
    );
    expect(await codeOf(read(reader(house, place.folder.path), join(place.granted, "a.txt")))).toBe(
      "permission_denied",
    );
    expect(await codeOf(read(reader(house, place.granted), join(place.granted, "a.txt")))).toBe("ok");
    expect(await codeOf(read(reader(house, "/"), "/proc/self/environ"))).toBe("permission_denied");
  });

  test("is limited in open files; one that is read to its end or left makes room", async () => {
    using place = world();
    await using house = await BrokerHouse.open();
    const plugin = reader(house, place.granted);
    const path = join(place.granted, "a.txt");
    const opened = await Promise.all(Array.from({ length: 32 }, () => plugin.call("files.read", { path })));
    expect(await codeOf(plugin.call("files.read", { path }))).toBe("overloaded");
    await plugin.streams.at(opened[0]?.stream).cancel();
    expect(await read(plugin, path)).toBe("inside");
  });
});

describe("a link that is swapped while files are read and written", () => {
  test("leads nowhere", async () => {
    using place = world();
    await using house = await BrokerHouse.open();
    const plugin = writer(house, place.granted);
    const way = join(place.granted, "way");
    const [real, fake] = [join(place.folder.path, "real"), join(place.folder.path, "fake")];
    mkdirSync(real);
    writeFileSync(join(real, "secret.txt"), "harmless");
    symlinkSync(place.outside, fake);
    renameSync(real, way);
    // Another process does the swapping: only then does it fall between two steps of one request.
    const swapper = Bun.spawn([process.execPath, "-e", SWAPPER, way, real, fake], { stdout: "pipe" });
    const seen = new Set<string>();
    try {
      await swapper.stdout.getReader().read();
      for (let turn = 0; turn < SWAPS; turn++) {
        const path = join(way, "secret.txt");
        seen.add(await read(plugin, path).catch((error: { code: string }) => error.code));
        if (turn % 10 === 0) await write(plugin, path, "harmless").catch(() => undefined);
      }
    } finally {
      swapper.kill();
      await swapper.exited;
    }
    expect([...seen].sort()).toEqual(["harmless", "not_found", "permission_denied"]);
    expect(readFileSync(join(place.outside, "secret.txt"), "utf8")).toBe(SECRET);
    expect(readdirSync(place.outside)).toEqual(["secret.txt"]);
  });
});

const SWAPPER = `
  const { renameSync } = require("node:fs");
  const [way, real, fake] = process.argv.slice(1);
  console.log("ready");
  for (;;) { renameSync(way, real); renameSync(fake, way); renameSync(way, fake); renameSync(real, way); }
`;

describe("writing", () => {
  test("makes files, replaces them whole and adds to their end", async () => {
    using place = world();
    await using house = await BrokerHouse.open();
    const plugin = writer(house, place.granted);
    const [file, fresh] = [join(place.granted, "a.txt"), join(place.granted, "sub", "new.txt")];
    chmodSync(file, 0o604);
    expect(await write(plugin, file, "replaced")).toEqual({ sizeBytes: 8 });
    expect(readFileSync(file, "utf8")).toBe("replaced");
    expect(statSync(file).mode & 0o7777).toBe(0o604);
    expect(await write(plugin, fresh, "one", true)).toEqual({ sizeBytes: 3 });
    expect(await write(plugin, fresh, " two", true)).toEqual({ sizeBytes: 7 });
    expect(await read(plugin, fresh)).toBe("one two"); // writing covers reading
    expect(statSync(fresh).mode & 0o111).toBe(0);
    expect(await plugin.call("files.remove", { path: fresh })).toBe(true);
    expect(await plugin.call("files.remove", { path: fresh })).toBe(false);
    expect(await plugin.call("files.remove", { path: join(place.granted, "sub") })).toBe(true);
    expect(readdirSync(place.granted)).toEqual(["a.txt"]);
  });

  test("makes and removes a file that alone was granted", async () => {
    using place = world();
    await using house = await BrokerHouse.open();
    const file = join(place.granted, "own.txt");
    const plugin = writer(house, file);
    expect(await write(plugin, file, "one")).toEqual({ sizeBytes: 3 });
    expect(await write(plugin, file, " two", true)).toEqual({ sizeBytes: 7 });
    expect(await codeOf(write(plugin, join(place.granted, "a.txt"), "x"))).toBe("permission_denied");
    expect(await plugin.call("files.remove", { path: file })).toBe(true);
    expect(await plugin.call("files.stat", { path: file })).toBeNull();
  });

  test("that fails leaves the file as it was and nothing beside it", async () => {
    using place = world();
    await using house = await BrokerHouse.open();
    const plugin = writer(house, place.granted);
    const file = join(place.granted, "a.txt");
    const broken = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("half"));
        controller.error(new Error("the plugin died"));
      },
    });
    const stream = plugin.streams.offer(broken);
    expect(await plugin.call("files.write", { path: file, stream }).catch(() => "failed")).toBe("failed");
    expect(readFileSync(file, "utf8")).toBe("inside");
    expect(readdirSync(place.granted).sort()).toEqual(["a.txt", "sub"]);
  });

  test("goes no further than a file may be large", async () => {
    using place = world();
    await using house = await BrokerHouse.open();
    const plugin = writer(house, place.granted);
    const chunk = new Uint8Array(8 * 1_024 * 1_024);
    let pulls = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulls++;
        controller.enqueue(chunk);
      },
    });
    const call = plugin.call("files.write", {
      path: join(place.granted, "big"),
      stream: plugin.streams.offer(endless),
    });
    expect(await codeOf(call)).toBe("body_too_large");
    expect(pulls).toBeLessThan(40);
    expect(readdirSync(place.granted).sort()).toEqual(["a.txt", "sub"]);
  });

  test("leaves the server the last of the disk", async () => {
    using place = world();
    const free = { freeBytes: 300 * 1_024 * 1_024, freeFiles: 2_000 };
    await using house = await BrokerHouse.open({ freeSpace: () => free });
    const plugin = writer(house, place.granted);
    const file = join(place.granted, "a.txt");
    expect(await codeOf(write(plugin, file, "x"))).toBe("ok");
    free.freeBytes = 200 * 1_024 * 1_024;
    expect(await codeOf(write(plugin, file, "y"))).toBe("storage_full");
    expect(await codeOf(write(plugin, file, "y", true))).toBe("storage_full");
    expect(readFileSync(file, "utf8")).toBe("x");
  });

  test("leaves the server the last files of a file system: empty ones are files too", async () => {
    using place = world();
    const free = { freeBytes: Number.POSITIVE_INFINITY, freeFiles: 1_000 };
    await using house = await BrokerHouse.open({ freeSpace: () => free });
    const plugin = writer(house, place.granted);
    expect(await codeOf(write(plugin, join(place.granted, "last"), ""))).toBe("ok");
    free.freeFiles = 999;
    for (const isAppended of [false, true])
      expect(await codeOf(write(plugin, join(place.granted, "more"), "", isAppended))).toBe("storage_full");
    expect(readdirSync(place.granted).sort()).toEqual(["a.txt", "last", "sub"]);
  });

  test("a name that is too long, or of no plain file, is the plugin's own fault", async () => {
    using place = world();
    await using house = await BrokerHouse.open();
    const plugin = writer(house, place.granted);
    Bun.spawnSync(["mkfifo", join(place.granted, "fifo")]);
    for (const name of ["x".repeat(300), "sub", "fifo"]) {
      for (const isAppended of [false, true]) {
        const path = join(place.granted, name);
        expect(await codeOf(write(plugin, path, "x", isAppended))).toBe("invalid_request");
      }
    }
  });

  test("outside, over links and in place of something else is refused", async () => {
    using place = world();
    await using house = await BrokerHouse.open();
    const plugin = writer(house, place.granted);
    symlinkSync(join(place.outside, "secret.txt"), join(place.granted, "link"));
    symlinkSync(place.outside, join(place.granted, "way"));
    const outcomes = async (path: string) => [
      await codeOf(write(plugin, path, "x")),
      await codeOf(write(plugin, path, "x", true)),
      await codeOf(plugin.call("files.remove", { path })),
    ];
    expect(await outcomes(join(place.outside, "secret.txt"))).toEqual(Array(3).fill("permission_denied"));
    expect(await outcomes(join(place.granted, "way/secret.txt"))).toEqual(Array(3).fill("permission_denied"));
    expect(await codeOf(write(plugin, join(place.granted, "link"), "x", true))).toBe("permission_denied");
    expect(await codeOf(write(plugin, join(place.granted, "link"), "x"))).toBe("invalid_request");
    expect(await codeOf(write(plugin, join(place.granted, "sub"), "x"))).toBe("invalid_request");
    expect(await codeOf(plugin.call("files.remove", { path: place.granted }))).toBe("invalid_request");
    expect(readFileSync(join(place.outside, "secret.txt"), "utf8")).toBe(SECRET);
    // The link itself is the plugin's to remove; what it leads to is not.
    expect(await plugin.call("files.remove", { path: join(place.granted, "link") })).toBe(true);
    rmSync(join(place.granted, "way"));
  });
});
