import { describe, expect, test } from "bun:test";
import { type GraphQLSchema, graphql } from "graphql";
import { AppError } from "../../../server/errors/app-error.ts";
import { buildGraph } from "../../../server/http/graphql/schema.ts";
import type { GraphFeature } from "../../../server/http/graphql-types.ts";
import type { Caller } from "../../../server/security/caller.ts";
import { accessGraph } from "../../../server/security/graphql.ts";
import { roleGraph } from "../../../server/security/roles/graphql.ts";
import { AccessHouse, AS_OWNER, GUEST, PASSWORD } from "../../support/access.ts";

/** Runs an operation as `caller`; data as plain JSON, errors by their codes. */
async function ask(schema: GraphQLSchema, caller: Caller, source: string) {
  const request = new Request("http://127.0.0.1:8000/graphql", { method: "POST" });
  const { data, errors } = await graphql({ schema, source, contextValue: { ...caller, request } });
  const codes = (errors ?? []).map(({ originalError, message }) =>
    originalError instanceof AppError ? originalError.code : message,
  );
  return { data: JSON.parse(JSON.stringify(data ?? null)), codes };
}

/** A schema must have a subscription; access has none of its own. */
const someSubscription: GraphFeature = (builder) => {
  builder.subscriptionField("nothing", (t) =>
    t.boolean({ access: "open", subscribe: async function* () {}, resolve: () => true }),
  );
};

const schemaOf = (house: AccessHouse): GraphQLSchema =>
  buildGraph([accessGraph(house), roleGraph(house.roles), someSubscription]);

describe("access as a graph", () => {
  test("answers who asks, the lists and the roles", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    const { caller } = await house.enter("root");
    const { data, codes } = await ask(
      schemaOf(house),
      caller,
      `{ viewer { user { name role } scopes expiresAt }
         users { items { name createdAt lastSignInAt } nextCursor }
         sessions(limit: 1) { items { userName current address } }
         tokens { items { name } }
         roles { name } }`,
    );
    expect(codes).toEqual([]);
    const now = new Date(house.clock.now()).toISOString();
    expect(data).toMatchObject({
      viewer: { user: { name: "root", role: "admin" }, scopes: ["*"] },
      users: { items: [{ name: "root", createdAt: now, lastSignInAt: now }], nextCursor: null },
      sessions: { items: [{ userName: "root", current: true, address: "192.0.2.7" }] },
      tokens: { items: [] },
      roles: [{ name: "viewer" }, { name: "operator" }, { name: "admin" }],
    });
  });

  test("does every change that REST does", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    const schema = schemaOf(house);
    const { caller } = await house.enter("root");
    const change = async (field: string) => {
      const { data, codes } = await ask(schema, caller, `mutation { it: ${field} }`);
      expect(codes).toEqual([]);
      return data.it;
    };
    const user = await change(
      `createUser(name: "Op", password: "${PASSWORD}", role: "operator") { id name }`,
    );
    expect(user.name).toBe("op");
    const op = await house.enter("op");
    expect(await change(`updateUser(id: "${user.id}", role: "viewer") { role }`)).toEqual({ role: "viewer" });
    expect(await change(`changePassword(userId: "${user.id}", newPassword: "another good one")`)).toBe(true);
    expect(await house.sessions.authenticate(op.secret)).toBeUndefined();
    const made = await change(
      `createToken(name: "ci", scopes: ["metrics:read"]) { secret token { id prefix expiresAt } }`,
    );
    expect(made.secret).toStartWith(made.token.prefix);
    expect(made.token.expiresAt).toBeNull();
    expect(await change(`revokeToken(id: "${made.token.id}")`)).toBe(true);
    expect(await house.tokens.authenticate(made.secret)).toBeUndefined();
    expect(await change(`removeUser(id: "${user.id}")`)).toBe(true);
    const other = await house.enter("root");
    expect(await change(`revokeSession(id: "${other.sessionId}")`)).toBe(true);
    expect(await house.sessions.authenticate(other.secret)).toBeUndefined();
    expect(await house.auditLog.verify()).toBeUndefined();
  });

  test.each([
    ["{ viewer { scopes } }", "unauthenticated", undefined],
    ["{ users { items { name } } }", "unauthenticated", "scope_missing"],
    ['{ user(id: "x") { name } }', "unauthenticated", "scope_missing"],
    ["{ sessions { items { id } } }", "unauthenticated", undefined],
    ["{ tokens { items { id } } }", "unauthenticated", undefined],
    ['mutation { removeUser(id: "x") }', "unauthenticated", "scope_missing"],
    [
      `mutation { createUser(name: "a", password: "${PASSWORD}", role: "admin") { id } }`,
      "unauthenticated",
      "scope_missing",
    ],
    ['mutation { createToken(name: "a", scopes: ["*"]) { secret } }', "unauthenticated", "scope_missing"],
    ['mutation { revokeSession(id: "x") }', "unauthenticated", "session_not_found"],
    [
      `mutation { changePassword(userId: "x", newPassword: "${PASSWORD}") }`,
      "unauthenticated",
      "scope_missing",
    ],
  ])("%s is refused to a stranger, and a viewer gets their own", async (source, stranger, viewer) => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    await house.add("viewer", "viewer");
    const schema = schemaOf(house);
    const { caller } = await house.enter("viewer");
    expect((await ask(schema, GUEST, source)).codes).toEqual([stranger]);
    expect((await ask(schema, caller, source)).codes).toEqual(viewer === undefined ? [] : [viewer]);
  });

  test.each([
    'mutation { createToken(name: "", scopes: ["*"]) { secret } }',
    'mutation { createToken(name: "a", scopes: []) { secret } }',
    'mutation { createToken(name: "a", scopes: ["*"], expiresInDays: 0) { secret } }',
    `mutation { createToken(name: "${"x".repeat(101)}", scopes: ["*"]) { secret } }`,
    `mutation { createUser(name: "${"x".repeat(100)}", password: "${PASSWORD}", role: "viewer") { id } }`,
    "{ users(limit: 0) { nextCursor } }",
    "{ users(limit: 201) { nextCursor } }",
    `{ users(cursor: "${"x".repeat(600)}") { nextCursor } }`,
  ])("the limits are those of REST: %s", async (source) => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    const { caller } = await house.enter("root");
    expect((await ask(schemaOf(house), caller, source)).codes).toEqual(["validation_failed"]);
  });

  test("the owner of the data folder is nobody's viewer", async () => {
    await using house = new AccessHouse();
    const { codes } = await ask(schemaOf(house), AS_OWNER, "{ viewer { scopes } }");
    expect(codes).toEqual(["session_not_found"]);
  });
});
