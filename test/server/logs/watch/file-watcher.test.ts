import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { silentLogger } from "../../../../server/logs/logger.ts";
import { FileWatcher, type WatchedPath } from "../../../../server/logs/watch/file-watcher.ts";
import { sized } from "../../../support/sizes.ts";
import { LogFixture } from "../log-fixture.ts";

const SCAN_MS = 5_000;
const TOO_MANY = sized(1_000, 10_000);

/** A watcher over one path or pattern within the folder of a fixture. */
class Watching extends LogFixture {
  readonly path = this.folder.file("app.log");
  watcher = this.watch("app.log");

  watch(pattern: string, rest: Partial<WatchedPath> = {}): FileWatcher {
    const watcher = new FileWatcher({ clock: this.clock, log: silentLogger, store: this.store });
    watcher.configure([
      { path: this.folder.file(pattern), source: "app", format: "auto", startAt: "start", ...rest },
    ]);
    return watcher;
  }

  write(text: string, path = this.path): void {
    appendFileSync(path, text);
  }

  /** Takes what has come, and tells everything there is, oldest first. */
  async take(): Promise<string[]> {
    await this.watcher.pass();
    return (await this.messages()).reverse();
  }

  /** The server ends without a farewell and starts again. */
  override async restart(): Promise<void> {
    await this.watcher.close();
    await super.restart();
    this.watcher = this.watch("app.log");
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.watcher.close();
    await super[Symbol.asyncDispose]();
  }
}

describe("a watched file", () => {
  test("is taken line by line; a last line without its newline waits for it", async () => {
    await using app = new Watching();
    app.write("one\ntwo\nthr");
    expect(await app.take()).toEqual(["one", "two"]);
    app.write("ee\r\n\n");
    expect(await app.take()).toEqual(["one", "two", "three"]);
  });

  test("goes on after a restart where it was left, without a loss or a repetition", async () => {
    await using app = new Watching();
    app.write("one\ntwo\n");
    await app.take();
    app.write("three\n");
    await app.restart();
    expect(await app.take()).toEqual(["one", "two", "three"]);
  });

  test("is left where it is when the server ends during a pass, and taken after the next start", async () => {
    await using app = new Watching();
    const other = app.folder.file("other.log");
    app.write("one\n");
    app.write("two\n", other);
    app.watcher = app.watch("*.log");
    const passing = app.watcher.pass();
    await Promise.all([passing, app.watcher.close()]);
    expect(await app.messages()).toEqual([]);
    app.watcher = app.watch("*.log");
    expect((await app.take()).sort()).toEqual(["one", "two"]);
  });

  test("that is renamed is read to its end, then the one in its place", async () => {
    await using app = new Watching();
    app.write("one\n");
    await app.take();
    app.write("two\nlast without newline");
    renameSync(app.path, `${app.path}.1`);
    app.write("three\n");
    expect(await app.take()).toEqual(["one", "two", "last without newline", "three"]);
  });

  test("that was renamed while the server was down is found under its new name", async () => {
    await using app = new Watching();
    app.write("one\n");
    await app.take();
    app.write("two\n");
    renameSync(app.path, `${app.path}.1`);
    app.write("three\n");
    await app.restart();
    expect(await app.take()).toEqual(["one", "two", "three"]);
  });

  test("is not read twice when a pattern also names it after its rotation", async () => {
    await using app = new Watching();
    app.watcher = app.watch("app.log*");
    app.write("one\n");
    await app.take();
    app.write("two\n");
    renameSync(app.path, `${app.path}.1`);
    app.write("three\n");
    await app.clock.advance(SCAN_MS);
    await app.take();
    expect((await app.take()).toSorted()).toEqual(["one", "three", "two"]);
  });

  test("is taken whole however often it is rotated between two looks, where a pattern names what it becomes", async () => {
    await using app = new Watching();
    app.watcher = app.watch("app.log*");
    const expected: string[] = [];
    for (let look = 0; look < 3; look++) {
      for (let n = 0; n < 40; n++) {
        const line = `${look}.${n}`;
        expected.push(line);
        app.write(`${line}\n`);
        renameSync(app.path, `${app.path}.${line}`);
      }
      app.write("still open");
      await app.take();
      await app.clock.advance(SCAN_MS);
      rmSync(app.path);
    }
    await app.take();
    const taken = (await app.messages()).filter((message) => message !== "still open");
    expect(taken.toSorted()).toEqual(expected.toSorted());
  });

  test("that is copied and truncated begins again", async () => {
    await using app = new Watching();
    app.write("one\ntwo\n");
    await app.take();
    copyFileSync(app.path, `${app.path}.1`);
    truncateSync(app.path);
    app.write("three\n");
    expect(await app.take()).toEqual(["one", "two", "three"]);
  });

  test("that was truncated and has outgrown its old size is known by its first bytes", async () => {
    await using app = new Watching();
    app.write("one\n");
    await app.take();
    truncateSync(app.path);
    app.write("another first line that is longer\n");
    expect(await app.take()).toEqual(["one", "another first line that is longer"]);
  });

  test("may go and come again", async () => {
    await using app = new Watching();
    app.write("one\n");
    await app.take();
    app.write("two\n");
    rmSync(app.path);
    expect(await app.take()).toEqual(["one", "two"]);
    expect(await app.take()).toEqual(["one", "two"]);
    app.write("three\n");
    expect(await app.take()).toEqual(["one", "two", "three"]);
  });

  test("may begin at its end; what comes while the server is down is taken", async () => {
    await using app = new Watching();
    app.watcher = app.watch("app.log", { startAt: "end" });
    app.write("old\n");
    expect(await app.take()).toEqual([]);
    await app.watcher.close();
    app.write("new\n");
    app.watcher = app.watch("app.log", { startAt: "end" });
    expect(await app.take()).toEqual(["new"]);
  });

  test("that is no UTF-8 is taken with replacements, and says so", async () => {
    await using app = new Watching();
    writeFileSync(app.path, Buffer.from([0x67, 0x72, 0xfc, 0x6e, 0x0a, 0x6f, 0x6b, 0x0a]));
    await app.take();
    const [ok, damaged] = await app.search("");
    expect(damaged).toMatchObject({ message: "gr\ufffdn", fields: { invalidUtf8: true } });
    expect(ok).toMatchObject({ message: "ok", fields: {} });
  });

  test("may hold lines of a megabyte, which are cut and say so, and longer ones, taken in pieces", async () => {
    await using app = new Watching();
    const megabyte = 1_024 * 1_024;
    app.write(`${"a".repeat(megabyte)}\n${"b".repeat(3 * megabyte)}\nend\n`);
    const messages = await app.take();
    expect(messages.at(-1)).toBe("end");
    const [first] = (await app.search("")).toReversed();
    const cut = Number(first?.fields.cutCharacters);
    expect(cut).toBeGreaterThan(0);
    expect((first?.message.length ?? 0) + cut).toBe(megabyte);
  });

  test("waits on the disk while the store takes nothing, and loses nothing", async () => {
    await using app = new Watching();
    app.disk = { freeBytes: 1, totalBytes: 100 };
    app.write("one\n");
    expect(await app.take()).toEqual([]);
    expect(app.watcher.list()[0]?.problem).toContain("nearly full");
    app.disk = { freeBytes: 50, totalBytes: 100 };
    await app.clock.advance(SCAN_MS);
    expect(await app.take()).toEqual(["one"]);
    expect(app.watcher.list()[0]).toMatchObject({ problem: null, readBytes: 4, sizeBytes: 4 });
  });

  test("keeps nothing from the others when it cannot be read", async () => {
    await using app = new Watching();
    app.watcher = app.watch("logs/*.log");
    mkdirSync(app.folder.file("logs/folder.log"), { recursive: true });
    app.write("one\n", app.folder.file("logs/good.log"));
    const pipe = Bun.spawnSync(["mkfifo", app.folder.file("logs/pipe.log")]);
    expect(pipe.exitCode).toBe(0);
    expect(await app.take()).toEqual(["one"]);
  });

  test("of more lines than one read takes is taken whole", async () => {
    await using app = new Watching();
    const count = 25_000;
    app.write(Array.from({ length: count }, (_, n) => `line ${n}\n`).join(""));
    await app.watcher.pass();
    expect(app.store.status().lines).toBe(count);
    const { lines } = await app.store.lines.list({}, { start: count + 1, direction: "down", most: 1 });
    expect(lines[0]?.message).toBe(`line ${count - 1}`);
  });

  test("that is a pipe, a device or a folder is refused, and says so", async () => {
    await using app = new Watching();
    const pipe = app.folder.file("pipe.log");
    expect(Bun.spawnSync(["mkfifo", pipe]).exitCode).toBe(0);
    app.watcher.configure(
      [pipe, "/dev/zero", app.folder.path].map((path) => ({ path, format: "auto", startAt: "start" })),
    );
    expect(await app.take()).toEqual([]);
    expect(app.watcher.list().map(({ problem }) => problem?.slice(-22))).toEqual(
      Array(3).fill("is not a regular file."),
    );
  });

  test("of a folder with links in a circle is found once", async () => {
    await using app = new Watching();
    mkdirSync(app.folder.file("logs/deep"), { recursive: true });
    symlinkSync("..", app.folder.file("logs/deep/up"));
    app.watcher = app.watch("logs/**/*.log");
    app.write("one\n", app.folder.file("logs/deep/a.log"));
    expect(await app.take()).toEqual(["one"]);
    expect(app.watcher.list()).toHaveLength(1);
  });

  test(
    `among ${TOO_MANY} of a pattern is followed only if it is one of the first five hundred`,
    async () => {
      await using app = new Watching();
      mkdirSync(app.folder.file("logs"));
      for (let n = 0; n < TOO_MANY; n++) app.write(`line ${n}\n`, app.folder.file(`logs/${n}.log`));
      app.watcher = app.watch("logs/*.log");
      expect(await app.take()).toHaveLength(500);
      const { problem } = app.watcher.list().at(-1) ?? {};
      expect(problem).toBe(
        `it names ${TOO_MANY} files, and 500 of them are followed: 500 places are shared by all`,
      );
    },
    TOO_MANY * 10,
  );
});

describe("a stack trace in a watched file", () => {
  const TRACE = "ERROR no stock\n\tat shop.Cart.pay\n";
  const JOINED = TRACE.trimEnd();

  test("is taken as one line once another follows, or once the file is quiet for a pass", async () => {
    await using app = new Watching();
    app.watcher = app.watch("app.log", { joinTraces: true });
    app.write(`first\n${TRACE}`);
    expect(await app.take()).toEqual(["first"]);
    app.write("Caused by: x\n");
    expect(await app.take()).toEqual(["first"]);
    expect(await app.take()).toEqual(["first", `${JOINED}\nCaused by: x`]);
    app.write(`${TRACE}next\n`);
    expect((await app.take()).slice(2)).toEqual([JOINED]);
    expect((await app.take()).slice(2)).toEqual([JOINED, "next"]);
  });

  test("is neither lost nor repeated by a restart or a rotation in the midst of it", async () => {
    await using app = new Watching();
    app.watcher = app.watch("app.log", { joinTraces: true });
    app.write(TRACE);
    expect(await app.take()).toEqual([]);
    await app.restart();
    app.watcher = app.watch("app.log", { joinTraces: true });
    app.write(" and more\n");
    expect(await app.take()).toEqual([]);
    renameSync(app.path, `${app.path}.1`);
    app.write("new\n");
    expect(await app.take()).toEqual([`${JOINED}\n and more`]);
    expect(await app.take()).toEqual([`${JOINED}\n and more`, "new"]);
  });

  test("stays in lines where joining is off", async () => {
    await using app = new Watching();
    app.write(TRACE);
    expect(await app.take()).toEqual(["ERROR no stock", "\tat shop.Cart.pay"]);
  });
});
