import { describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type LogFields, silentLogger } from "../../../../server/logs/logger.ts";
import { FileWatcher } from "../../../../server/logs/watch/file-watcher.ts";
import { PatternWalk } from "../../../../server/logs/watch/pattern-walk.ts";
import { WatchedPattern } from "../../../../server/logs/watch/watched-pattern.ts";
import { LogFixture } from "../log-fixture.ts";

const SCAN_MS = 5_000;
const PLACES = 500;

/** A tree of files, and a watcher over patterns in it. */
class Tree extends LogFixture {
  readonly warnings: LogFields[] = [];
  readonly watcher = new FileWatcher({
    clock: this.clock,
    log: { ...silentLogger, warning: (_message, fields = {}) => void this.warnings.push(fields) },
    store: this.store,
  });

  write(...names: readonly string[]): void {
    for (const name of names) {
      mkdirSync(dirname(this.folder.file(name)), { recursive: true });
      writeFileSync(this.folder.file(name), `${name}\n`);
    }
  }

  watch(...patterns: readonly string[]): void {
    this.watcher.configure(
      patterns.map((pattern) => ({ path: this.folder.file(pattern), format: "plain", startAt: "start" })),
    );
  }

  async pass(): Promise<void> {
    await this.watcher.pass();
    await this.clock.advance(SCAN_MS);
  }

  problemOf(pattern: string): string | null | undefined {
    return this.watcher.list().find(({ path }) => path === this.folder.file(pattern))?.problem;
  }

  /** What a walk to the end finds. */
  async found(pattern: string): Promise<string[]> {
    await using walk = new PatternWalk(this.folder.file(pattern));
    expect(await walk.look(Number.POSITIVE_INFINITY, () => false)).toBe(true);
    return walk.files.map((path) => path.slice(this.folder.path.length + 1)).sort();
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.watcher.close();
    await super[Symbol.asyncDispose]();
  }
}

const numbered = (folder: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${folder}/${n}.log`);

describe("patterns over many files", () => {
  test("share the places: one of too many files leaves the ones after it theirs, and is told of once", async () => {
    await using tree = new Tree();
    tree.write(...numbered("many", PLACES + 10), "shop/a.log", "shop/b.log", "last.log");
    tree.watch("many/*.log", "shop/*.log", "last.log");
    await tree.pass();
    expect(await tree.messages("", { sources: ["a.log", "b.log", "last.log"] })).toHaveLength(3);
    expect(tree.store.status().lines).toBe(PLACES);
    const problem = `it names ${PLACES + 10} files, and ${PLACES - 3} of them are followed: 500 places are shared by all`;
    expect(tree.problemOf("many/*.log")).toBe(problem);
    await tree.pass();
    expect(tree.warnings).toEqual([{ path: tree.folder.file("many/*.log"), problem }]);
    // A pattern that comes later takes from who has most; what is followed already keeps its place otherwise.
    tree.write("shop/c.log");
    await tree.pass();
    await tree.watcher.pass();
    expect(await tree.messages("", { sources: ["c.log"] })).toEqual(["shop/c.log"]);
    expect(tree.store.status().lines).toBe(PLACES + 1);
  });

  test("are told of as long as they are watched, and no longer than it is so", async () => {
    await using tree = new Tree();
    tree.write(...numbered("many", PLACES + 1), "shop/a.log");
    tree.watch("many/*.log");
    await tree.pass();
    expect(tree.problemOf("many/*.log")).toContain("places are shared");
    tree.watch("shop/*.log");
    await tree.pass();
    expect(tree.watcher.list().map(({ path }) => path)).toEqual([tree.folder.file("shop/a.log")]);
    // The disk was slow once.
    await using pattern = new WatchedPattern({ path: tree.folder.file("shop/*.log") });
    await pattern.look(10, () => true);
    expect(pattern.problem).toContain("new files are found late");
    await pattern.look(10, () => false);
    await pattern.look(10, () => false);
    expect(pattern.problem).toBeUndefined();
  });

  test("are looked through in parts, where much lies below one, and go on where they stopped", async () => {
    await using tree = new Tree();
    tree.write(...numbered("huge/1", 40), ...numbered("huge/2", 40));
    await using pattern = new WatchedPattern({ path: tree.folder.file("huge/**/*.log") });
    const sizes: number[] = [];
    while (!pattern.isListed && sizes.length < 80) {
      await pattern.look(30, () => false);
      sizes.push(pattern.files.size);
    }
    expect(sizes).toEqual([29, 58, 80]);
    expect(pattern.problem).toContain("new files are found late");
    tree.write("huge/new.log");
    let looks = 0;
    await pattern.look(30, () => looks++ === 5);
    // What was found before counts until the next walk has come to its end.
    expect([looks, pattern.files.size]).toEqual([6, 80]);
    for (let n = 0; n < 3; n++) await pattern.look(30, () => false);
    expect(pattern.files.size).toBe(81);
  });

  test("name what they say, folder by folder", async () => {
    await using tree = new Tree();
    tree.write("a/1/x.log", "a/2/deep/x.log", "a/.3/x.log", "a/y.txt", "b/x.log", "c/d/x.log");
    mkdirSync(tree.folder.file("a/folder.log"));
    symlinkSync("2", tree.folder.file("a/current"));
    symlinkSync("../1/x.log", tree.folder.file("a/2/link.log"));
    symlinkSync("nowhere", tree.folder.file("a/2/lost.log"));
    symlinkSync("..", tree.folder.file("a/2/up"));
    expect(await tree.found("a/*/x.log")).toEqual(["a/.3/x.log", "a/1/x.log"]);
    expect(await tree.found("*/current/*/x.log")).toEqual(["a/current/deep/x.log"]);
    expect(await tree.found("a/**/*.log")).toEqual([
      "a/.3/x.log",
      "a/1/x.log",
      "a/2/deep/x.log",
      "a/2/link.log",
      "a/2/lost.log",
    ]);
    expect(await tree.found("{b,c/d}/x.log")).toEqual(["b/x.log", "c/d/x.log"]);
    expect(await tree.found("{a,b}/[xy].*")).toEqual(["a/y.txt", "b/x.log"]);
    expect(await tree.found("nothing/*.log")).toEqual([]);
  });
});
