import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import type { AuditFilter } from "../../../server/security/audit-store.ts";
import { AS_OWNER, callerOf } from "../../support/access.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { sized } from "../../support/sizes.ts";
import { TempFolder } from "../../support/temp-folder.ts";
import { housePaths, SecretHouse } from "../secrets/secret-house.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
const MANY = sized(45_000, 300_000);

let folder: TempFolder;
let clock: ManualClock;
const open = () => SecretHouse.open(folder.path, clock);

beforeEach(() => {
  folder = new TempFolder();
  clock = new ManualClock();
});
afterEach(() => folder[Symbol.dispose]());

async function write(house: SecretHouse, count: number, action = "test.write"): Promise<void> {
  await house.state.write(async (tx) => {
    for (let index = 1; index <= count; index++) {
      await house.audit.append(tx, AS_OWNER, { action, target: `t${index}`, detail: { index } });
    }
  });
}

/** What somebody can do who has the database, knows its triggers, and has no key. */
const cutOff = (house: SecretHouse, after: number): Promise<unknown> =>
  house.state.write((tx) => {
    for (const statement of [
      "DROP TRIGGER audit_never_deleted",
      `DELETE FROM audit WHERE seq > ${after}`,
      `UPDATE sqlite_sequence SET seq = ${after} WHERE name = 'audit'`,
    ]) {
      tx.$client.run(statement);
    }
  });

describe("the record beside the database", () => {
  test("finds that the newest rows were cut off with SQLite's own counter, and the gap stays found", async () => {
    {
      await using house = await open();
      await write(house, 8);
    }
    {
      await using house = await open();
      await cutOff(house, 5);
      expect(await house.auditLog.verify()).toEqual({ seq: 6, reason: "the newest rows are missing" });
    }
    await using house = await open();
    await write(house, 3);
    await house.audit.flush();
    expect(await house.auditLog.verify()).toEqual({ seq: 6, reason: "the row is missing" });
    expect(await house.auditLog.list({ action: "audit.damage" }, { limit: 5 })).toMatchObject({
      items: [{ seq: 10 }],
    });
  });

  test.each([
    ["removed", (path: string) => rmSync(path), "the record of the newest row is missing"],
    [
      "changed",
      (path: string) => writeFileSync(path, '{"seq":3,"mac":"ab","at":1,"signature":"cd"}'),
      "the record of the newest row was changed",
    ],
    ["emptied", (path: string) => writeFileSync(path, ""), "the record of the newest row was changed"],
  ])("is missed when it was %s", async (_what, harm, reason) => {
    await using house = await open();
    await write(house, 3);
    await house.audit.flush();
    harm(housePaths(folder.path).head);
    expect(await house.auditLog.verify()).toEqual({ seq: 4, reason });
  });

  test("may be behind after a crash", async () => {
    await using house = await open();
    await write(house, 3);
    await house.audit.flush();
    const old = await Bun.file(housePaths(folder.path).head).text();
    await write(house, 3);
    await house.audit.flush();
    writeFileSync(housePaths(folder.path).head, old);
    expect(await house.auditLog.verify()).toBeUndefined();
    await using again = await open();
    expect(await again.auditLog.verify()).toBeUndefined();
  });
});

describe("retention", () => {
  test("removes old rows in batches and leaves a chain that still holds, also over restarts", async () => {
    {
      await using house = await open();
      await write(house, 5_000);
      await clock.advance(40 * DAY_MS);
      await write(house, 100);
      expect(await house.auditLog.retain(30, house.audit)).toBe(5_001);
      expect(await house.auditLog.verify()).toBeUndefined();
      expect(await house.auditLog.state()).toMatchObject({
        rows: 101,
        firstSeq: 5_002,
        checkpoint: { seq: 5_001 },
      });
      expect(await house.auditLog.retain(30, house.audit)).toBe(0);
    }
    await using house = await open();
    await write(house, 2);
    expect(await house.auditLog.verify()).toBeUndefined();
  });

  test("always leaves the newest row", async () => {
    await using house = await open();
    await write(house, 3);
    await clock.advance(400 * DAY_MS);
    await house.auditLog.retain(30, house.audit);
    expect((await house.auditLog.state()).rows).toBe(2);
    expect(await house.auditLog.verify()).toBeUndefined();
  });

  test("never removes damage, nor what comes after it", async () => {
    await using house = await open();
    await write(house, 10);
    await house.state.write((tx) => {
      tx.$client.run("DROP TRIGGER audit_never_changed");
      tx.$client.run("UPDATE audit SET actor = 'x' WHERE seq = 6");
    });
    await clock.advance(400 * DAY_MS);
    expect(await house.auditLog.retain(30, house.audit)).toBe(5);
    expect(await house.auditLog.verify()).toEqual({ seq: 6, reason: "the row was changed" });
  });

  test.each([
    ["moved on", "UPDATE audit_checkpoints SET seq = 8, mac = (SELECT mac FROM audit WHERE seq = 8)"],
    ["dated back", "UPDATE audit_checkpoints SET at = 1"],
  ])("a checkpoint that was %s is found", async (_what, statement) => {
    await using house = await open();
    await write(house, 5);
    await clock.advance(40 * DAY_MS);
    await write(house, 5);
    await house.auditLog.retain(30, house.audit);
    await house.state.write((tx) => tx.$client.run(statement));
    expect(await house.auditLog.verify()).toMatchObject({
      reason: "the checkpoint of the removed rows was changed",
    });
  });

  test("rows are removed by nothing else", async () => {
    await using house = await open();
    await write(house, 5);
    await clock.advance(40 * DAY_MS);
    await write(house, 5);
    await house.auditLog.retain(30, house.audit);
    await expect(
      house.state.write((tx) => tx.$client.run("DELETE FROM audit WHERE seq = 8")),
    ).rejects.toThrow("append-only");
  });
});

describe("search", () => {
  test.each<[string, AuditFilter, number[]]>([
    ["everything", {}, [7, 6, 5, 4, 3, 2, 1]],
    ["an actor", { actor: "ann" }, [7, 6]],
    ["an action", { action: "user.create" }, [2]],
    ["every action of a noun", { action: "user" }, [3, 2]],
    ["a target", { target: "u1" }, [3, 2]],
    ["an outcome", { outcome: "denied" }, [7]],
    ["a text in a detail, whatever its case", { text: "BERLIN" }, [4]],
    ["a text with a wild card of SQL", { text: "100%" }, [5]],
    ["a text that would be SQL", { text: "' OR 1=1 --" }, []],
    ["several at once", { actor: "ann", action: "backup" }, [6]],
  ])("finds %s", async (_what, filter, expected) => {
    await using house = await open();
    const ann = callerOf({ kind: "session", scopes: [], userId: "1", userName: "ann", sessionId: "s" });
    await house.state.write(async (tx) => {
      await house.audit.append(tx, AS_OWNER, { action: "user.create", target: "u1" });
      await house.audit.append(tx, AS_OWNER, { action: "user.remove", target: "u1" });
      await house.audit.append(tx, AS_OWNER, {
        action: "userlist.show",
        target: "u2",
        detail: { city: "Berlin" },
      });
      await house.audit.append(tx, AS_OWNER, { action: "backup.create", target: "100%" });
      await house.audit.append(tx, ann, { action: "backup.remove", target: "1000" });
    });
    house.audit.recordRefusal(ann, { action: "request.refuse", target: "GET /x" });
    await house.audit.flush();
    const page = await house.auditLog.list(filter, { limit: 50 });
    expect(page.items.map(({ seq }) => seq)).toEqual(expected);
    expect(page.nextCursor).toBeNull();
  });

  test("chooses by time: the start belongs, the end does not", async () => {
    await using house = await open();
    await clock.advance(1_000);
    const from = clock.now();
    await write(house, 1);
    await clock.advance(1_000);
    await write(house, 1);
    const page = await house.auditLog.list({ from, to: clock.now() }, { limit: 10 });
    expect(page.items.map(({ seq }) => seq)).toEqual([2]);
  });

  test(
    "goes through a long log page by page and finds what is rare, without a cursor of another list",
    async () => {
      await using house = await open();
      await write(house, 1, "test.rare");
      await write(house, MANY);
      const rare = await house.auditLog.list({ text: "test.rare" }, { limit: 10 });
      expect(rare.items.map(({ seq }) => seq)).toEqual([2]);
      const seen: number[] = [];
      let cursor: string | undefined;
      do {
        const page = await house.auditLog.list({ action: "test" }, { limit: 9_000, cursor });
        seen.push(...page.items.map(({ seq }) => seq));
        cursor = page.nextCursor ?? undefined;
      } while (cursor);
      expect(seen.length).toBe(MANY + 1);
      expect(new Set(seen).size).toBe(seen.length);
      await expect(house.auditLog.list({}, { limit: 1, cursor: "AAAA" })).rejects.toMatchObject({
        code: "invalid_cursor",
      });
      let exported = 0;
      for await (const rows of house.auditLog.read({ action: "test.write" })) exported += rows.length;
      expect(exported).toBe(MANY);
    },
    sized(30_000, 300_000),
  );
});

describe("secrets", () => {
  test("do not reach a row, also not cut in half", async () => {
    await using house = await open();
    await house.secrets.set("A", { value: "canary-canary-canary" }, AS_OWNER);
    await house.state.write((tx) =>
      house.audit.append(tx, AS_OWNER, {
        action: "test.leak",
        target: `${"x".repeat(190)}canary-canary-canary`,
        detail: { body: "canary-canary-canary" },
      }),
    );
    const { items } = await house.auditLog.list({ action: "test.leak" }, { limit: 1 });
    expect(JSON.stringify(items)).not.toContain("canary");
  });
});
