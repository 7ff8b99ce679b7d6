import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  isInstanceLocked,
  readInstancePid,
  takeInstanceLock,
} from "../../../server/database/instance-lock.ts";

describe("instance lock", () => {
  let place: string;
  let lock: string;
  let pid: string;

  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "binnacle-lock-"));
    lock = join(place, "lock");
    pid = join(place, "binnacle.pid");
  });
  afterEach(() => rmSync(place, { recursive: true, force: true }));

  test("looking at it neither takes nor creates it", () => {
    expect(isInstanceLocked(lock)).toBe(false);
    expect(existsSync(lock)).toBe(false);
    const held = takeInstanceLock(lock, pid);
    expect(isInstanceLocked(lock)).toBe(true);
    held.release();
    expect(isInstanceLocked(lock)).toBe(false);
    expect(readInstancePid(pid)).toBeUndefined();
  });

  test("a holder that is killed leaves it free, whatever its pid file says", async () => {
    const source = join(import.meta.dirname, "../../../server/database/instance-lock.ts");
    const program = `const { takeInstanceLock } = await import(${JSON.stringify(source)});
      globalThis.held = takeInstanceLock(${JSON.stringify(lock)}, ${JSON.stringify(pid)});
      console.log("held"); setInterval(() => {}, 1000);`;
    const holder = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe" });
    await holder.stdout.getReader().read();
    expect(isInstanceLocked(lock)).toBe(true);
    expect(() => takeInstanceLock(lock, pid)).toThrow(`process ${holder.pid}`);
    holder.kill("SIGKILL");
    await holder.exited;
    expect(readInstancePid(pid)).toBe(holder.pid);
    takeInstanceLock(lock, pid).release();
  });

  test("a pid file without sense is no pid", () => {
    writeFileSync(pid, "not a number");
    expect(readInstancePid(pid)).toBeUndefined();
  });
});
