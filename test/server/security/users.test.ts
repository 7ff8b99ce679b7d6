import { describe, expect, test } from "bun:test";
import { ROLES } from "../../../schema/rules/scopes.ts";
import { AccessHouse, AGENT, AS_OWNER, GUEST, PASSWORD } from "../../support/access.ts";

const code = (expected: string) => expect.objectContaining({ code: expected });

describe("adding a user", () => {
  test("stores no password, answers none, and takes a name whatever its case", async () => {
    await using house = new AccessHouse();
    const user = await house.users.create({ name: "Ada", password: PASSWORD, role: "admin" }, AS_OWNER);
    expect(user).toMatchObject({ name: "ada", role: "admin", disabled: false, lastSignInAt: null });
    expect(user).not.toHaveProperty("passwordHash");
    const [row] = house.stored<{ password_hash: string }>("SELECT password_hash FROM users");
    expect(row?.password_hash).toStartWith("$argon2id$v=19$m=19456,t=2,p=1$");
    await expect(
      house.users.create({ name: "ADA", password: PASSWORD, role: "viewer" }, AS_OWNER),
    ).rejects.toEqual(code("name_taken"));
    expect((await house.signIn.withPassword({ name: "aDa", password: PASSWORD }, GUEST, AGENT)).user.id).toBe(
      user.id,
    );
  });

  test.each([
    ["", PASSWORD, "name"],
    ["-ada", PASSWORD, "name"],
    ["ada lovelace", PASSWORD, "name"],
    ["ädä", PASSWORD, "name"],
    ["a".repeat(64), PASSWORD, "name"],
    ["ada", "too short", "password"],
    ["ada", "x".repeat(257), "password"],
    ["ada", "aaaaaaaaaaaaaaa", "password"],
    ["ada", "Password123", "password"],
    ["administrator", "Administrator", "password"],
  ])("refuses %p with %p and says which field", async (name, password, path) => {
    await using house = new AccessHouse();
    await expect(house.users.create({ name, password, role: "admin" }, AS_OWNER)).rejects.toMatchObject({
      code: "validation_failed",
      issues: [{ path }],
    });
    expect(house.stored("SELECT * FROM users")).toEqual([]);
    expect(house.stored("SELECT * FROM audit")).toEqual([]);
  });

  test("the first of all must be an administrator", async () => {
    await using house = new AccessHouse();
    await expect(house.add("ada", "viewer")).rejects.toEqual(code("last_admin"));
    expect(house.stored("SELECT * FROM users")).toEqual([]);
  });

  test("nobody gives what they do not hold", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    await house.add("op", "operator");
    const admin = await house.enter("root");
    const token = await house.issue(admin.caller, "users:admin");
    for (const role of ["admin", "operator"] as const) {
      const creating = house.users.create({ name: "mallory", password: PASSWORD, role }, token.caller);
      await expect(creating).rejects.toEqual(code("scope_missing"));
    }
    await expect(
      house.users.create({ name: "eve", password: PASSWORD, role: "viewer" }, GUEST),
    ).rejects.toEqual(code("unauthenticated"));
  });

  test("of many with one name at once, one wins", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => house.add("twin", "viewer")));
    expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
    expect(house.stored("SELECT * FROM users WHERE name = 'twin'")).toHaveLength(1);
  });
});

describe("the last administrator", () => {
  test("is neither removed, demoted nor disabled, and nothing of the attempt stays", async () => {
    await using house = new AccessHouse();
    const { id } = await house.add("root", "admin");
    await house.add("op", "operator");
    const { secret } = await house.enter("root");
    await expect(house.users.remove(id, AS_OWNER)).rejects.toEqual(code("last_admin"));
    await expect(house.users.update(id, { role: "viewer" }, AS_OWNER)).rejects.toEqual(code("last_admin"));
    await expect(house.users.update(id, { disabled: true }, AS_OWNER)).rejects.toEqual(code("last_admin"));
    expect(await house.users.get(id)).toMatchObject({ role: "admin", disabled: false });
    expect(await house.sessions.authenticate(secret)).toBeDefined();
    expect(house.stored("SELECT * FROM audit WHERE action IN ('user.remove', 'user.update')")).toEqual([]);
  });

  test("a disabled one does not count", async () => {
    await using house = new AccessHouse();
    const first = await house.add("first", "admin");
    const second = await house.add("second", "admin");
    await house.users.update(second.id, { disabled: true }, AS_OWNER);
    await expect(house.users.remove(first.id, AS_OWNER)).rejects.toEqual(code("last_admin"));
  });

  test("survives two who remove each other at the same moment", async () => {
    await using house = new AccessHouse();
    const one = await house.add("one", "admin");
    const two = await house.add("two", "admin");
    const [asOne, asTwo] = [await house.enter("one"), await house.enter("two")];
    const outcomes = await Promise.allSettled([
      house.users.remove(two.id, asOne.caller),
      house.users.remove(one.id, asTwo.caller),
    ]);
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(house.stored("SELECT * FROM users WHERE role = 'admin'")).toHaveLength(1);
  });
});

describe("disabling and removing", () => {
  test("end sessions and tokens at once, and enabling brings none back", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    const { id } = await house.add("op", "operator");
    const session = await house.enter("op");
    const token = await house.issue(session.caller, "metrics:read");
    await house.users.update(id, { disabled: true }, AS_OWNER);
    expect(await house.sessions.authenticate(session.secret)).toBeUndefined();
    expect(await house.tokens.authenticate(token.secret)).toBeUndefined();
    await expect(house.enter("op")).rejects.toEqual(code("invalid_credentials"));
    await house.users.update(id, { disabled: false }, AS_OWNER);
    expect(await house.sessions.authenticate(session.secret)).toBeUndefined();
    expect(await house.tokens.authenticate(token.secret)).toBeUndefined();
    await house.users.remove(id, AS_OWNER);
    await expect(house.users.get(id)).rejects.toEqual(code("user_not_found"));
  });

  test("a change of role counts at once, for sessions and tokens alike", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    const { id } = await house.add("op", "operator");
    const session = await house.enter("op");
    const token = await house.issue(session.caller, "metrics:write", "config:read");
    await house.users.update(id, { role: "viewer" }, AS_OWNER);
    expect((await house.sessions.authenticate(session.secret))?.scopes).toEqual([...ROLES.viewer.scopes]);
    expect((await house.tokens.authenticate(token.secret))?.scopes).toEqual(["metrics:read"]);
  });

  test("who holds less does not touch who holds more", async () => {
    await using house = new AccessHouse();
    const root = await house.add("root", "admin");
    const admin = await house.enter("root");
    const token = await house.issue(admin.caller, "users:admin");
    await expect(house.users.update(root.id, { disabled: true }, token.caller)).rejects.toEqual(
      code("scope_missing"),
    );
    await expect(house.users.remove(root.id, token.caller)).rejects.toEqual(code("scope_missing"));
    const reset = house.userPasswords.change(root.id, { newPassword: "another good one" }, token.caller);
    await expect(reset).rejects.toEqual(code("scope_missing"));
  });
});

describe("changing a password", () => {
  const NEW = "an entirely new one";

  test("of one's own needs the current one, keeps this session and ends the others", async () => {
    await using house = new AccessHouse();
    const { id } = await house.add("ada", "admin");
    const [here, there] = [await house.enter("ada"), await house.enter("ada")];
    for (const currentPassword of [undefined, "not this one!"]) {
      const changing = house.userPasswords.change(id, { currentPassword, newPassword: NEW }, here.caller);
      await expect(changing).rejects.toMatchObject({
        code: "validation_failed",
        issues: [{ path: "currentPassword" }],
      });
    }
    await house.userPasswords.change(id, { currentPassword: PASSWORD, newPassword: NEW }, here.caller);
    expect(await house.sessions.authenticate(here.secret)).toBeDefined();
    expect(await house.sessions.authenticate(there.secret)).toBeUndefined();
    await expect(house.enter("ada")).rejects.toEqual(code("invalid_credentials"));
    await house.signIn.withPassword({ name: "ada", password: NEW }, GUEST, AGENT);
  });

  test("guessing the current one is slowed", async () => {
    await using house = new AccessHouse({ "limits.login.burst": 3, "limits.login.perMinute": 1 });
    const { id } = await house.add("ada", "admin");
    const { caller } = await house.enter("ada");
    const guess = () =>
      house.userPasswords.change(id, { currentPassword: "guess guess", newPassword: NEW }, caller);
    for (let attempt = 0; attempt < 3; attempt++)
      await expect(guess()).rejects.toEqual(code("validation_failed"));
    await expect(guess()).rejects.toMatchObject({ code: "rate_limited", retryAfterMs: 60_000 });
    await house.clock.advance(60_000);
    await expect(guess()).rejects.toEqual(code("validation_failed"));
  });

  test("of another needs the right to, and ends all their sessions", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    const { id } = await house.add("op", "operator");
    await house.add("viewer", "viewer");
    const op = await house.enter("op");
    const asViewer = await house.enter("viewer");
    const changing = house.userPasswords.change(id, { newPassword: NEW }, asViewer.caller);
    await expect(changing).rejects.toEqual(code("scope_missing"));
    const admin = await house.enter("root");
    await house.userPasswords.change(id, { newPassword: NEW }, admin.caller);
    expect(await house.sessions.authenticate(op.secret)).toBeUndefined();
    expect(await house.sessions.authenticate(admin.secret)).toBeDefined();
  });

  test("a token of one's own is not oneself", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    const { id } = await house.add("op", "operator");
    const { caller } = await house.enter("op");
    const token = await house.issue(caller, "metrics:read");
    const changing = house.userPasswords.change(
      id,
      { currentPassword: PASSWORD, newPassword: NEW },
      token.caller,
    );
    await expect(changing).rejects.toEqual(code("scope_missing"));
  });
});

test("the list pages by name without gap or repetition, and refuses another list's cursor", async () => {
  await using house = new AccessHouse();
  for (const name of ["root", "a", "b", "c", "d"]) await house.add(name, "admin");
  const first = await house.users.list({ limit: 2 });
  const second = await house.users.list({ limit: 2, cursor: first.nextCursor ?? "" });
  const third = await house.users.list({ limit: 2, cursor: second.nextCursor ?? "" });
  const names = [first, second, third].map((page) => page.items.map((user) => user.name));
  expect(names).toEqual([["a", "b"], ["c", "d"], ["root"]]);
  expect(third.nextCursor).toBeNull();
  expect(JSON.stringify(first)).not.toContain("argon2");
  const cursor = first.nextCursor ?? "";
  for (const bad of ["", "%%%", "x".repeat(600), btoa("null"), btoa('["users"]'), btoa('["users",1]')]) {
    await expect(house.users.list({ limit: 2, cursor: bad })).rejects.toEqual(code("invalid_cursor"));
  }
  await expect(house.sessions.list({ limit: 2, cursor }, AS_OWNER)).rejects.toEqual(code("invalid_cursor"));
});
