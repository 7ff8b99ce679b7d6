import { describe, expect, test } from "bun:test";
import { AccessHouse, AS_OWNER } from "../../../support/access.ts";

const code = (expected: string) => expect.objectContaining({ code: expected });
const WATCHER = {
  name: "watcher",
  description: "Looks at charts and settings",
  scopes: ["metrics:read", "config:read"],
};

describe("custom roles", () => {
  test("are made, shown beside those that ship, changed and removed; each is audited", async () => {
    await using house = new AccessHouse();
    expect(await house.roles.create({ ...WATCHER, name: "Watcher" }, AS_OWNER)).toEqual({
      ...WATCHER,
      scopes: ["metrics:read", "config:read"],
      builtIn: false,
    });
    expect((await house.roles.list()).map(({ name, builtIn }) => [name, builtIn])).toEqual([
      ["viewer", true],
      ["operator", true],
      ["admin", true],
      ["watcher", false],
    ]);
    await house.roles.update("watcher", { description: "Only charts", scopes: ["metrics:read"] }, AS_OWNER);
    expect(await house.roles.get("watcher")).toMatchObject({
      description: "Only charts",
      scopes: ["metrics:read"],
    });
    await house.roles.remove("watcher", AS_OWNER);
    await expect(house.roles.get("watcher")).rejects.toEqual(code("role_not_found"));
    const rows = house.stored<{ action: string }>("SELECT action FROM audit ORDER BY seq");
    expect(rows.map(({ action }) => action)).toEqual(["role.create", "role.update", "role.remove"]);
  });

  test("what is no role is refused in words", async () => {
    await using house = new AccessHouse();
    await house.roles.create(WATCHER, AS_OWNER);
    const create = (changes: Partial<typeof WATCHER>) =>
      house.roles.create({ ...WATCHER, ...changes }, AS_OWNER);
    await expect(create({})).rejects.toEqual(code("name_taken"));
    await expect(create({ name: "admin" })).rejects.toEqual(code("name_taken"));
    await expect(create({ name: "9lives" })).rejects.toEqual(code("validation_failed"));
    await expect(create({ name: "new", scopes: ["root"] })).rejects.toEqual(code("validation_failed"));
    await expect(create({ name: "new", scopes: [] })).rejects.toEqual(code("validation_failed"));
    await expect(house.roles.update("admin", { scopes: ["metrics:read"] }, AS_OWNER)).rejects.toEqual(
      code("role_built_in"),
    );
    await expect(house.roles.remove("viewer", AS_OWNER)).rejects.toEqual(code("role_built_in"));
    await expect(house.roles.update("none", {}, AS_OWNER)).rejects.toEqual(code("role_not_found"));
    await expect(house.add("ada", "none")).rejects.toEqual(code("validation_failed"));
  });

  test("a role that somebody has stays until they have another", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    await house.roles.create(WATCHER, AS_OWNER);
    const { id } = await house.add("ada", "watcher");
    await expect(house.roles.remove("watcher", AS_OWNER)).rejects.toEqual(code("role_in_use"));
    await house.users.update(id, { role: "viewer" }, AS_OWNER);
    await house.roles.remove("watcher", AS_OWNER);
  });

  test("nobody grants beyond their own scopes: not by making, widening, narrowing, giving or removing a role", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    await house.roles.create(
      { ...WATCHER, name: "clerk", scopes: ["users:admin", "metrics:read"] },
      AS_OWNER,
    );
    await house.roles.create({ ...WATCHER, name: "keeper", scopes: ["config:admin"] }, AS_OWNER);
    await house.add("clara", "clerk");
    const target = await house.add("bob", "viewer");
    const { caller } = await house.enter("clara");
    const refused = code("scope_missing");
    await expect(
      house.roles.create({ ...WATCHER, name: "sly", scopes: ["config:read"] }, caller),
    ).rejects.toEqual(refused);
    await expect(house.roles.create({ ...WATCHER, name: "sly", scopes: ["*"] }, caller)).rejects.toEqual(
      refused,
    );
    await expect(
      house.roles.update("clerk", { scopes: ["users:admin", "config:read"] }, caller),
    ).rejects.toEqual(refused);
    await expect(house.roles.update("keeper", { scopes: ["metrics:read"] }, caller)).rejects.toEqual(refused);
    await expect(house.roles.remove("keeper", caller)).rejects.toEqual(refused);
    await expect(house.users.update(target.id, { role: "keeper" }, caller)).rejects.toEqual(refused);
    await house.roles.create({ ...WATCHER, name: "helper", scopes: ["users:read"] }, caller);
  });

  test("a change counts at the next request, in sessions and tokens alike", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    await house.roles.create({ ...WATCHER, scopes: ["metrics:write", "config:read"] }, AS_OWNER);
    await house.add("ada", "watcher");
    const { caller, secret } = await house.enter("ada");
    const token = await house.issue(caller, "metrics:write", "config:read");
    const held = async () => [
      (await house.sessions.authenticate(secret))?.scopes,
      (await house.tokens.authenticate(token.secret))?.scopes,
    ];
    expect(await held()).toEqual([
      ["metrics:write", "config:read"],
      ["metrics:write", "config:read"],
    ]);
    await house.roles.update("watcher", { scopes: ["metrics:read"] }, AS_OWNER);
    expect(await held()).toEqual([["metrics:read"], ["metrics:read"]]);
    await house.roles.update("watcher", { scopes: ["metrics:admin", "users:read"] }, AS_OWNER);
    expect(await held()).toEqual([["metrics:admin", "users:read"], ["metrics:write"]]);
  });
});
