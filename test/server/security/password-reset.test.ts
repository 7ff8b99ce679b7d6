import { describe, expect, test } from "bun:test";
import { ROLES } from "../../../schema/rules/scopes.ts";
import { AccessHouse, AGENT, AS_OWNER, GUEST, PASSWORD } from "../../support/access.ts";

const DAY_MS = 86_400_000;
const NEW = "a new and better password";
const code = (expected: string) => expect.objectContaining({ code: expected });
const invalid = code("reset_link_invalid");

describe("a link that sets a new password", () => {
  test("works once, ends every session and says nothing about the old password", async () => {
    await using house = new AccessHouse();
    const { id } = await house.add("ada", "admin");
    const { secret } = await house.enter("ada");
    const { token, user } = await house.passwordReset.issue(id, AS_OWNER);
    expect(user.name).toBe("ada");
    await house.passwordReset.complete(token, NEW, GUEST);
    expect(await house.sessions.authenticate(secret)).toBeUndefined();
    await house.signIn.withPassword({ name: "ada", password: NEW }, GUEST, AGENT);
    await expect(
      house.signIn.withPassword({ name: "ada", password: PASSWORD }, GUEST, AGENT),
    ).rejects.toEqual(code("invalid_credentials"));
    await expect(house.passwordReset.complete(token, NEW, GUEST)).rejects.toEqual(invalid);
  });

  test("is stored as a hash only", async () => {
    await using house = new AccessHouse();
    const { id } = await house.add("ada", "admin");
    const { token } = await house.passwordReset.issue(id, AS_OWNER);
    expect(JSON.stringify(house.stored("SELECT * FROM password_resets"))).not.toContain(token);
    expect(JSON.stringify(house.stored("SELECT * FROM audit"))).not.toContain(token);
  });

  test("a weak password does not spend it; two who race are one", async () => {
    await using house = new AccessHouse();
    const { id } = await house.add("ada", "admin");
    const { token } = await house.passwordReset.issue(id, AS_OWNER);
    await expect(house.passwordReset.complete(token, "short", GUEST)).rejects.toEqual(
      code("validation_failed"),
    );
    const results = await Promise.allSettled([
      house.passwordReset.complete(token, `${NEW} 1`, GUEST),
      house.passwordReset.complete(token, `${NEW} 2`, GUEST),
    ]);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test.each<[string, (house: AccessHouse, id: string) => Promise<unknown>]>([
    ["a day has passed", (house) => house.clock.advance(DAY_MS)],
    ["a newer one was made", (house, id) => house.passwordReset.issue(id, AS_OWNER)],
    [
      "the password was set otherwise",
      (house, id) => house.userPasswords.change(id, { newPassword: NEW }, AS_OWNER),
    ],
    ["the user was disabled", (house, id) => house.users.update(id, { disabled: true }, AS_OWNER)],
    [
      "the user was given another role",
      (house, id) => house.users.update(id, { role: "operator" }, AS_OWNER),
    ],
    ["the user's role was widened", (house) => house.roles.update("clerk", { scopes: ["*"] }, AS_OWNER)],
    ["the user was removed", (house, id) => house.users.remove(id, AS_OWNER)],
  ])("is void when %s", async (_name, happen) => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    await house.roles.create({ name: "clerk", description: "", scopes: ["metrics:read"] }, AS_OWNER);
    const { id } = await house.add("ada", "clerk");
    const { token } = await house.passwordReset.issue(id, AS_OWNER);
    await happen(house, id);
    await expect(house.passwordReset.complete(token, `${NEW}!`, GUEST)).rejects.toEqual(invalid);
  });

  test("nobody makes one for somebody who may do more than themselves", async () => {
    await using house = new AccessHouse();
    const root = await house.add("root", "admin");
    await house.roles.create(
      { name: "clerk", description: "", scopes: ["users:admin", ...ROLES.viewer.scopes] },
      AS_OWNER,
    );
    await house.add("clara", "clerk");
    const viewer = await house.add("bob", "viewer");
    const { caller } = await house.enter("clara");
    await expect(house.passwordReset.issue(root.id, caller)).rejects.toEqual(code("scope_missing"));
    await expect(house.passwordReset.issue(viewer.id, (await house.enter("bob")).caller)).rejects.toEqual(
      code("scope_missing"),
    );
    await house.passwordReset.issue(viewer.id, caller);
  });
});

describe("ending sessions", () => {
  test("all of one's own but the one that asks; another's only with users:write", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    const { id } = await house.add("ada", "viewer");
    const [first, second, third] = [
      await house.enter("ada"),
      await house.enter("ada"),
      await house.enter("ada"),
    ];
    const root = await house.enter("root");
    expect(await house.sessions.endOthers(undefined, first.caller)).toBe(2);
    expect(await house.sessions.authenticate(first.secret)).toBeDefined();
    expect(await house.sessions.authenticate(second.secret)).toBeUndefined();
    expect(await house.sessions.authenticate(third.secret)).toBeUndefined();
    const rootId = "userId" in root.caller.principal ? root.caller.principal.userId : "";
    await expect(house.sessions.endOthers(rootId, first.caller)).rejects.toEqual(code("scope_missing"));
    await expect(house.sessions.endOthers(undefined, GUEST)).rejects.toEqual(code("unauthenticated"));
    await expect(house.sessions.endOthers(undefined, AS_OWNER)).rejects.toEqual(code("scope_missing"));
    expect(await house.sessions.endOthers(id, root.caller)).toBe(1);
    expect(await house.sessions.authenticate(first.secret)).toBeUndefined();
  });

  test("a changed password ends every other session, and a disabled user every one", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    const { id } = await house.add("ada", "viewer");
    const [here, there] = [await house.enter("ada"), await house.enter("ada")];
    await house.userPasswords.change(id, { currentPassword: PASSWORD, newPassword: NEW }, here.caller);
    expect(await house.sessions.authenticate(here.secret)).toBeDefined();
    expect(await house.sessions.authenticate(there.secret)).toBeUndefined();
    await house.users.update(id, { disabled: true }, AS_OWNER);
    expect(await house.sessions.authenticate(here.secret)).toBeUndefined();
  });
});
