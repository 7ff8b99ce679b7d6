import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDataFolder } from "../../../server/database/data-folder.ts";
import { AppError } from "../../../server/errors/app-error.ts";

const NO_KEY = undefined;
const modeOf = (path: string): number => statSync(path).mode & 0o777;

function refusalOf(work: () => unknown): AppError {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("It was not refused.");
}

describe("data folder", () => {
  let place: string;
  let root: string;

  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "binnacle-folder-"));
    root = join(place, "data");
  });
  afterEach(() => rmSync(place, { recursive: true, force: true }));

  test("the first opening makes it for its owner alone, with a key and a place for logs", () => {
    const folder = openDataFolder(root, NO_KEY);
    expect(modeOf(root)).toBe(0o700);
    expect(modeOf(folder.paths.key)).toBe(0o600);
    expect(statSync(folder.paths.logs).isDirectory()).toBe(true);
    expect(folder.key).toHaveLength(32);
    expect(readFileSync(folder.paths.pid, "utf8")).toBe(`${process.pid}\n`);
    folder.close();
  });

  test("the key stays the same; BINNACLE_KEY takes its place", () => {
    const first = openDataFolder(root, NO_KEY);
    first.close();
    const second = openDataFolder(root, NO_KEY);
    second.close();
    expect(second.key).toEqual(first.key);
    const given = Buffer.alloc(32, 7);
    const third = openDataFolder(root, given.toString("base64"));
    third.close();
    expect(Buffer.from(third.key)).toEqual(given);
  });

  test("a key that is none is refused and named", () => {
    expect(refusalOf(() => openDataFolder(root, "c2hvcnQ=")).message).toContain("BINNACLE_KEY");
    openDataFolder(root, NO_KEY).close();
    writeFileSync(join(root, "binnacle.key"), "c2hvcnQ=\n");
    const refusal = refusalOf(() => openDataFolder(root, NO_KEY));
    expect(refusal.code).toBe("storage_unavailable");
    expect(refusal.message).toContain("binnacle.key");
  });

  test("a lost key beside a database is said, not silently replaced", () => {
    openDataFolder(root, NO_KEY).close();
    rmSync(join(root, "binnacle.key"));
    writeFileSync(join(root, "state.db"), "");
    expect(refusalOf(() => openDataFolder(root, NO_KEY)).message).toContain("is missing");
    expect(existsSync(join(root, "binnacle.key"))).toBe(false);
  });

  test("a second user of the folder is refused with the pid of the first, until that one closes", () => {
    const first = openDataFolder(root, NO_KEY);
    const refusal = refusalOf(() => openDataFolder(root, NO_KEY));
    expect(refusal.code).toBe("already_running");
    expect(refusal.message).toContain(`process ${process.pid}`);
    expect(refusal.message).toContain(root);
    first.close();
    openDataFolder(root, NO_KEY).close();
  });

  test("a file in its place, or on the way to it, is refused in one sentence", () => {
    writeFileSync(root, "");
    expect(refusalOf(() => openDataFolder(root, NO_KEY)).message).toBe(`${root} is not a folder.`);
    const beneath = refusalOf(() => openDataFolder(join(root, "inner"), NO_KEY));
    expect(beneath.code).toBe("storage_unavailable");
    expect(beneath.message).toContain("a part of the path is not a folder");
  });

  test("one that everybody may write to is closed to others when it is new or holds a Binnacle", () => {
    for (const prepare of [() => mkdirSync(root), () => writeFileSync(join(root, "state.db"), "")]) {
      prepare();
      chmodSync(root, 0o777);
      openDataFolder(root, Buffer.alloc(32, 7).toString("base64")).close();
      expect(modeOf(root)).toBe(0o700);
    }
  });

  test("one that everybody may write to and that serves others, or holds what others put there, is refused", () => {
    mkdirSync(root);
    writeFileSync(join(root, "somebody's notes"), "");
    chmodSync(root, 0o1777);
    const refusal = refusalOf(() => openDataFolder(root, NO_KEY));
    expect(refusal.message).toStartWith(`Everybody on this machine can write to ${root} (mode 1777)`);
    expect(refusal.message).toContain(`--data ${join(root, "binnacle")}`);
    expect(existsSync(join(root, "binnacle.key"))).toBe(false);
    openDataFolder(join(root, "binnacle"), NO_KEY).close();
    expect(modeOf(join(root, "binnacle"))).toBe(0o700);
  });

  test("a failed opening leaves the folder free", () => {
    mkdirSync(root);
    chmodSync(root, 0o755);
    writeFileSync(join(root, "binnacle.key"), "bad");
    refusalOf(() => openDataFolder(root, NO_KEY));
    rmSync(join(root, "binnacle.key"));
    openDataFolder(root, NO_KEY).close();
    expect(modeOf(root)).toBe(0o755); // somebody else made it so; doctor warns
  });
});
