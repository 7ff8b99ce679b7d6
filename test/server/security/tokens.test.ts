import { describe, expect, test } from "bun:test";
import { ROLES } from "../../../schema/rules/scopes.ts";
import { AccessHouse, AS_OWNER, GUEST } from "../../support/access.ts";

const DAY_MS = 86_400_000;
const code = (expected: string) => expect.objectContaining({ code: expected });

describe("making a token", () => {
  test("shows it once; a prefix and a hash are what is kept", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    const { caller } = await house.enter("root");
    const { token, secret } = await house.tokens.create(
      { name: "ci", scopes: ["metrics:read", "analytics:users:read", "metrics:read"], expiresInDays: 30 },
      caller,
    );
    expect(secret).toMatch(/^bnc_[A-Za-z0-9_-]{43}$/);
    expect(token).toMatchObject({
      name: "ci",
      userName: "root",
      prefix: secret.slice(0, 12),
      scopes: ["metrics:read", "users:read"],
      expiresAt: house.clock.now() + 30 * DAY_MS,
      lastUsedAt: null,
    });
    const kept = [
      house.stored("SELECT * FROM tokens"),
      house.stored("SELECT * FROM audit"),
      await house.tokens.list({ limit: 10 }, caller),
    ];
    expect(JSON.stringify(kept)).not.toContain(secret);
  });

  test("gives no scope that its maker lacks, and none that its owner lacks", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    const ada = await house.add("ada", "viewer");
    const asAda = await house.enter("ada");
    for (const scope of ["*", "metrics:write", "users:read"]) {
      await expect(house.issue(asAda.caller, scope)).rejects.toEqual(code("scope_missing"));
    }
    const root = await house.enter("root");
    const forAda = { name: "x", scopes: ["users:read"], expiresInDays: null, userId: ada.id };
    await expect(house.tokens.create(forAda, root.caller)).rejects.toEqual(code("scope_missing"));
    await house.tokens.create({ ...forAda, scopes: ["metrics:read"] }, root.caller);
    await expect(house.tokens.create({ ...forAda, userId: undefined }, AS_OWNER)).rejects.toEqual(
      code("validation_failed"),
    );
    expect(
      (await house.tokens.create({ ...forAda, scopes: ["metrics:read"] }, AS_OWNER)).token.userName,
    ).toBe("ada");
  });

  test("by a token needs the scope for it; another's needs tokens:admin; a stranger gets none", async () => {
    await using house = new AccessHouse();
    const root = await house.add("root", "admin");
    const ada = await house.add("ada", "viewer");
    const session = await house.enter("root");
    const plain = await house.issue(session.caller, "metrics:read");
    await expect(house.issue(plain.caller, "metrics:read")).rejects.toEqual(code("scope_missing"));
    const maker = await house.issue(session.caller, "metrics:read", "tokens:write");
    await house.issue(maker.caller, "metrics:read");
    await expect(house.issue(maker.caller, "system:read")).rejects.toEqual(code("scope_missing"));
    const another = { name: "x", scopes: ["metrics:read"], expiresInDays: null };
    const asAda = await house.enter("ada");
    for (const [userId, caller] of [
      [ada.id, maker.caller],
      [root.id, asAda.caller],
    ] as const) {
      await expect(house.tokens.create({ ...another, userId }, caller)).rejects.toEqual(
        code("scope_missing"),
      );
    }
    await expect(house.tokens.create(another, GUEST)).rejects.toEqual(code("unauthenticated"));
  });

  test.each([
    [[]],
    [["metrics"]],
    [["metrics:own"]],
    [["metrics:read:more"]],
    [["__proto__:read"]],
    [["* "]],
  ])("refuses the scopes %p", async (scopes) => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    const { caller } = await house.enter("root");
    await expect(house.issue(caller, ...scopes)).rejects.toEqual(code("validation_failed"));
  });

  test("stops at a hundred a person", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    const { caller } = await house.enter("root");
    for (let index = 0; index < 100; index++) await house.issue(caller, "metrics:read");
    await expect(house.issue(caller, "metrics:read")).rejects.toThrow("has 100 tokens already");
  });
});

describe("using a token", () => {
  test("ends when it expires", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    const { caller } = await house.enter("root");
    const { secret } = await house.tokens.create({ name: "x", scopes: ["*"], expiresInDays: 1 }, caller);
    await house.clock.advance(DAY_MS - 1);
    expect(await house.tokens.authenticate(secret)).toMatchObject({
      kind: "token",
      scopes: ["*"],
      userName: "root",
    });
    await house.clock.advance(1);
    expect(await house.tokens.authenticate(secret)).toBeUndefined();
  });

  test("ends at once when it is revoked, and cannot be replayed", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    await house.add("ada", "viewer");
    const root = await house.enter("root");
    const ada = await house.enter("ada");
    const { secret, id } = await house.issue(root.caller, "*");
    await expect(house.tokens.revoke(id, ada.caller)).rejects.toEqual(code("token_not_found"));
    expect(await house.tokens.authenticate(secret)).toBeDefined();
    await house.tokens.revoke(id, root.caller);
    expect(await house.tokens.authenticate(secret)).toBeUndefined();
  });

  test("grants what its scopes and its owner's role have in common", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    const { id } = await house.add("second", "admin");
    const { caller } = await house.enter("second");
    const token = await house.issue(caller, "*");
    await house.users.update(id, { role: "operator" }, AS_OWNER);
    expect((await house.tokens.authenticate(token.secret))?.scopes).toEqual([...ROLES.operator.scopes]);
  });

  test("costs no SQL once verified, and its last use is written later", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    const { caller } = await house.enter("root");
    const { secret } = await house.issue(caller, "metrics:read");
    await house.clock.advance(5_000);
    await house.state.close();
    for (let request = 0; request < 100; request++)
      expect(await house.tokens.authenticate(secret)).toBeDefined();
    await house.state.reopen();
    const lastUsed = () =>
      house.stored<{ at: number | null }>("SELECT last_used_at AS at FROM tokens")[0]?.at;
    expect(lastUsed()).toBeNull();
    await house.tokens.flushLastUsed();
    expect(lastUsed()).toBe(house.clock.now());
  });
});
