import { describe, expect, test } from "bun:test";
import { AuditLog } from "../../../server/security/audit-log.ts";
import { AuditStore } from "../../../server/security/audit-store.ts";
import { AccessHouse, AS_OWNER, GUEST } from "../../support/access.ts";

/** What somebody with the database file, and without the key, can do. */
const tamper = (house: AccessHouse, ...statements: string[]): Promise<void> =>
  house.state.write((tx) => {
    for (const statement of [
      "DROP TRIGGER audit_never_changed",
      "DROP TRIGGER audit_never_deleted",
      ...statements,
    ]) {
      tx.$client.run(statement);
    }
  });

async function house(rows: number): Promise<AccessHouse> {
  const made = new AccessHouse();
  for (let index = 1; index <= rows; index++) {
    await made.state.write((tx) =>
      made.audit.append(tx, AS_OWNER, { action: "test.write", target: `${index}`, detail: { index } }),
    );
  }
  return made;
}

describe("the chain", () => {
  test("holds for what was written, also over many pages, and after the file was reopened", async () => {
    await using made = await house(2_500);
    expect(await made.auditLog.verify()).toBeUndefined();
    await made.state.close();
    await made.state.reopen();
    await made.state.write((tx) => made.audit.append(tx, AS_OWNER, { action: "test.write", target: "last" }));
    expect(await made.auditLog.verify()).toBeUndefined();
  });

  test.each([
    ["a changed target", ["UPDATE audit SET target = 'x' WHERE seq = 3"], 3, "the row was changed"],
    ["a changed detail", ["UPDATE audit SET detail = '{}' WHERE seq = 4"], 4, "the row was changed"],
    ["a changed outcome", ["UPDATE audit SET outcome = 'denied' WHERE seq = 5"], 5, "the row was changed"],
    ["a forged MAC", ["UPDATE audit SET mac = 'ab' WHERE seq = 6"], 6, "the row was changed"],
    ["a removed row", ["DELETE FROM audit WHERE seq = 3"], 3, "the row is missing"],
    ["the first row removed", ["DELETE FROM audit WHERE seq = 1"], 1, "the row is missing"],
    [
      "a removed row, the rest moved up",
      ["DELETE FROM audit WHERE seq = 3", "UPDATE audit SET seq = seq - 1 WHERE seq > 3"],
      3,
      "the row was changed",
    ],
    [
      "two rows exchanged",
      [
        "UPDATE audit SET seq = -2 WHERE seq = 2",
        "UPDATE audit SET seq = 2 WHERE seq = 3",
        "UPDATE audit SET seq = 3 WHERE seq = -2",
      ],
      2,
      "the row was changed",
    ],
    ["the newest rows removed", ["DELETE FROM audit WHERE seq > 7"], 8, "the newest rows are missing"],
    ["everything removed", ["DELETE FROM audit"], 1, "the newest rows are missing"],
  ])("shows %s", async (_what, statements, seq, reason) => {
    await using made = await house(9);
    await tamper(made, ...statements);
    expect(await made.auditLog.verify()).toEqual({ seq, reason });
  });

  test.each([
    ["at", "at + 1"],
    ["actor", "actor || 'x'"],
    ["action", "action || 'x'"],
    ["target", "target || 'x'"],
    ["outcome", "'denied'"],
    ["correlation_id", "correlation_id || 'x'"],
    ["address", "address || 'x'"],
    ["detail", `'{"other":1}'`],
    ["count", "count + 1"],
  ])("holds %s: a row in which it was changed is found", async (column, other) => {
    await using made = await house(3);
    await tamper(made, `UPDATE audit SET ${column} = ${other} WHERE seq = 2`);
    expect(await made.auditLog.verify()).toEqual({ seq: 2, reason: "the row was changed" });
  });

  test("does not hold under another key", async () => {
    await using made = await house(2);
    const store = new AuditStore(made.state);
    const key = new Uint8Array(32).fill(8);
    const other = new AuditLog({ database: made.state, store, clock: made.clock, key });
    expect(await other.verify()).toEqual({ seq: 1, reason: "the row was changed" });
  });

  test("cannot be edited through the application's own connection", async () => {
    await using made = await house(1);
    for (const statement of ["UPDATE audit SET target = 'x'", "DELETE FROM audit"]) {
      await expect(made.state.write((tx) => tx.$client.run(statement))).rejects.toThrow("append-only");
    }
    expect(await made.auditLog.verify()).toBeUndefined();
  });
});

describe("a change and its line", () => {
  test("are one: neither stands without the other", async () => {
    await using made = await house(1);
    const failing = made.state.write(async (tx) => {
      await made.audit.append(tx, AS_OWNER, { action: "test.write", target: "never" });
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(made.stored("SELECT * FROM audit")).toHaveLength(1);
    await made.state.write((tx) => made.audit.append(tx, AS_OWNER, { action: "test.write", target: "next" }));
    expect(await made.auditLog.verify()).toBeUndefined();
  });

  test("the line says who, what, when, from where and how it went", async () => {
    await using made = new AccessHouse();
    const user = await made.add("root", "admin");
    expect(
      made.stored("SELECT at, actor, action, target, outcome, correlation_id, address, detail FROM audit"),
    ).toEqual([
      {
        at: made.clock.now(),
        actor: "owner",
        action: "user.create",
        target: user.id,
        outcome: "ok",
        correlation_id: AS_OWNER.correlationId,
        address: AS_OWNER.clientAddress,
        detail: '{"name":"root","role":"admin"}',
      },
    ]);
  });

  test("a huge text is clipped, not refused", async () => {
    await using made = await house(0);
    const text = "x".repeat(100_000);
    await made.state.write((tx) =>
      made.audit.append(tx, AS_OWNER, { action: text, target: text, detail: { text } }),
    );
    const [row] = made.stored<{ action: string; detail: string }>("SELECT * FROM audit");
    expect(row?.action).toHaveLength(200);
    expect(row?.detail).toBe('{"clipped":true}');
    expect(await made.auditLog.verify()).toBeUndefined();
  });
});

describe("refusals", () => {
  test("are gathered by minute, actor and action", async () => {
    await using made = await house(0);
    for (let index = 0; index < 500; index++)
      made.audit.recordRefusal(GUEST, { action: "token.use", target: `${index}` });
    await made.clock.advance(60_000);
    made.audit.recordRefusal(GUEST, { action: "token.use", target: "later" });
    made.audit.recordRefusal(AS_OWNER, { action: "token.use", target: "owner" });
    await made.audit.flush();
    expect(made.stored("SELECT actor, target, count FROM audit")).toEqual([
      { actor: "nobody", target: "0", count: 500 },
      { actor: "nobody", target: "later", count: 1 },
      { actor: "owner", target: "owner", count: 1 },
    ]);
    expect(await made.auditLog.verify()).toBeUndefined();
  });

  test("of ever new kinds cost bounded memory and rows, and each is counted", async () => {
    await using made = await house(0);
    for (let index = 0; index < 5_000; index++)
      made.audit.recordRefusal(GUEST, { action: `a${index}`, target: "x" });
    await made.audit.flush();
    expect(
      made.stored<{ rows: number; sum: number }>("SELECT count(*) AS rows, sum(count) AS sum FROM audit"),
    ).toEqual([{ rows: 1_001, sum: 5_000 }]);
  });

  test("wait when they cannot be written", async () => {
    await using made = await house(0);
    made.audit.recordRefusal(GUEST, { action: "token.use", target: "x" });
    await made.state.close();
    await expect(made.audit.flush()).rejects.toMatchObject({ code: "not_ready" });
    made.audit.recordRefusal(GUEST, { action: "token.use", target: "x" });
    await made.state.reopen();
    await made.audit.flush();
    expect(made.stored("SELECT count FROM audit")).toEqual([{ count: 2 }]);
  });
});
