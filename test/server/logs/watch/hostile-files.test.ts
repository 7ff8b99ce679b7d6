import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  lchownSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { silentLogger } from "../../../../server/logs/logger.ts";
import { FileWatcher } from "../../../../server/logs/watch/file-watcher.ts";
import { LogFixture } from "../log-fixture.ts";

const SCAN_MS = 5_000;
/** Anybody but root. */
const STRANGER = 65_534;

/** A watcher whose log folders belong to somebody who means harm. */
class Attacked extends LogFixture {
  readonly watcher = new FileWatcher({ clock: this.clock, log: silentLogger, store: this.store });

  constructor() {
    super();
    mkdirSync(this.folder.file("app"));
  }

  watch(...patterns: string[]): void {
    this.watcher.configure(
      patterns.map((path) => ({ path: this.folder.file(path), format: "auto", startAt: "start" })),
    );
  }

  write(path: string, text: string): void {
    appendFileSync(this.folder.file(path), text);
  }

  /** Looks for files, takes what has come, and tells everything there is, oldest first. */
  async take(): Promise<string[]> {
    await this.clock.advance(SCAN_MS);
    await this.watcher.pass();
    return (await this.messages()).reverse();
  }

  problemOf(name: string): string | null | undefined {
    return this.watcher.list().find(({ path }) => path.endsWith(name))?.problem;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.watcher.close();
    await super[Symbol.asyncDispose]();
  }
}

/** A link of somebody else. */
function strangersLink(target: string, path: string): void {
  symlinkSync(target, path);
  lchownSync(path, STRANGER, STRANGER);
}

describe("who can write to a log folder", () => {
  test("does not have the machine's files shown by a link, in the path's end or midst", async () => {
    await using machine = new Attacked();
    mkdirSync(machine.folder.file("etc"));
    machine.write("etc/shadow", "root:hash\n");
    strangersLink("../etc/shadow", machine.folder.file("app/app.log"));
    strangersLink("../etc", machine.folder.file("app/deep"));
    machine.watch("app/app.log", "app/deep/shadow");
    expect(await machine.take()).toEqual([]);
    expect(machine.problemOf("app.log")).toContain("is a link of the user 65534");
    expect(machine.problemOf("deep/shadow")).toContain("is a link of the user 65534");
  });

  test("may link to own files, and the links of root are followed", async () => {
    await using machine = new Attacked();
    machine.write("app/2030.log", "one\n");
    lchownSync(machine.folder.file("app/2030.log"), STRANGER, STRANGER);
    strangersLink("2030.log", machine.folder.file("app/app.log"));
    machine.write("other.log", "two\n");
    symlinkSync(machine.folder.file("other.log"), machine.folder.file("app/../linked.log"));
    machine.watch("app/app.log", "linked.log");
    expect((await machine.take()).toSorted()).toEqual(["one", "two"]);
  });

  test("keeps nothing from other files by a folder in a file's place, or by a missing one", async () => {
    await using machine = new Attacked();
    machine.watch("missing/*.log", "app/*.log", "good.log");
    machine.write("app/app.log", "one\n");
    expect(await machine.take()).toEqual(["one"]);
    rmSync(machine.folder.file("app/app.log"));
    mkdirSync(machine.folder.file("app/app.log"));
    machine.write("good.log", "two\n");
    machine.write("app/new.log", "three\n");
    expect((await machine.take()).toSorted()).toEqual(["one", "three", "two"]);
    machine.write("app/newer.log", "four\n");
    expect(await machine.take()).toContain("four");
  });

  test("does not hold up a log that was moved away by links beside it that lead nowhere", async () => {
    await using machine = new Attacked();
    machine.watch("app/app.log");
    machine.write("app/app.log", "one\n");
    await machine.take();
    await machine.watcher.close();
    const watcher = new FileWatcher({ clock: machine.clock, log: silentLogger, store: machine.store });
    renameSync(machine.folder.file("app/app.log"), machine.folder.file("moved.log"));
    symlinkSync("aaa", machine.folder.file("app/aaa"));
    writeFileSync(machine.folder.file("app/app.log"), "three\n");
    watcher.configure([{ path: machine.folder.file("app/app.log"), format: "auto", startAt: "start" }]);
    await watcher.pass();
    expect((await machine.messages()).reverse()).toEqual(["one", "three"]);
    await watcher.close();
  });

  test.each([
    ["lists nested without end", `{"message":"m","a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
    ["objects nested without end", `{"message":${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}}`],
    ["a quote that never ends", `a=1 b="${"\\x".repeat(500_000)}`],
    ["pairs without end", "a=1 ".repeat(250_000)],
  ])("does not stop the log by a line of %s", async (_what, line) => {
    await using machine = new Attacked();
    machine.watch("app/app.log");
    machine.write("app/app.log", `${line}\nnext\n`);
    const messages = await machine.take();
    expect(messages).toHaveLength(2);
    expect(messages[1]).toBe("next");
    expect(machine.problemOf("app.log")).toBeNull();
  });
});
