import type { Static, TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { ROLE_NAMES } from "../../schema/rules/scopes.ts";
import type { Page } from "../database/paging.ts";
import { AppError } from "../errors/app-error.ts";
import { type GraphBuilder, type GraphFeature, pageOf } from "../http/graphql-types.ts";
import * as model from "./model.ts";
import { type AccessVerbs, roleViews } from "./rest.ts";
import { sessionView, tokenView, userView } from "./views.ts";
import { whoAmI } from "./who-am-i.ts";

type GraphVerbs = Pick<AccessVerbs, "users" | "sessions" | "tokens">;

/** Users, sessions, tokens and roles as a graph: the verbs and limits of the REST routes. */
export const accessGraph =
  (verbs: GraphVerbs): GraphFeature =>
  (builder) => {
    const types = accessTypes(builder);
    addQueries(builder, types, verbs);
    addUserMutations(builder, types, verbs);
    addCredentialMutations(builder, types, verbs);
  };

type AccessTypes = ReturnType<typeof accessTypes>;

function accessTypes(builder: GraphBuilder) {
  const user = builder.objectRef<model.UserView>("User").implement({
    description: "A person who can sign in",
    fields: (t) => ({
      id: t.exposeID("id"),
      name: t.exposeString("name"),
      role: t.exposeString("role"),
      createdAt: t.expose("createdAt", { type: "DateTime" }),
      lastSignInAt: t.expose("lastSignInAt", { type: "DateTime", nullable: true }),
      disabled: t.exposeBoolean("disabled"),
    }),
  });
  const session = builder.objectRef<model.SessionView>("Session").implement({
    description: "A signed-in browser",
    fields: (t) => ({
      id: t.exposeID("id"),
      userId: t.exposeID("userId"),
      userName: t.exposeString("userName"),
      createdAt: t.expose("createdAt", { type: "DateTime" }),
      lastSeenAt: t.expose("lastSeenAt", { type: "DateTime" }),
      expiresAt: t.expose("expiresAt", { type: "DateTime" }),
      address: t.exposeString("address"),
      userAgent: t.exposeString("userAgent"),
      current: t.exposeBoolean("current", { description: "It is the session that asks" }),
    }),
  });
  const token = builder.objectRef<model.TokenView>("Token").implement({
    description: "An API token; the token itself is shown once, when it is made",
    fields: (t) => ({
      id: t.exposeID("id"),
      name: t.exposeString("name"),
      userId: t.exposeID("userId"),
      userName: t.exposeString("userName"),
      scopes: t.exposeStringList("scopes"),
      prefix: t.exposeString("prefix"),
      createdAt: t.expose("createdAt", { type: "DateTime" }),
      expiresAt: t.expose("expiresAt", { type: "DateTime", nullable: true }),
      lastUsedAt: t.expose("lastUsedAt", { type: "DateTime", nullable: true }),
    }),
  });
  const createdToken = builder
    .objectRef<{ token: model.TokenView; secret: string }>("CreateTokenPayload")
    .implement({
      fields: (t) => ({
        token: t.field({ type: token, resolve: (made) => made.token }),
        secret: t.exposeString("secret", { description: "The token itself, shown this once" }),
      }),
    });
  const viewer = builder.objectRef<model.SessionAnswer>("Viewer").implement({
    description: "Who is asking",
    fields: (t) => ({
      user: t.field({ type: user, resolve: (answer) => answer.user }),
      scopes: t.exposeStringList("scopes"),
      expiresAt: t.expose("expiresAt", { type: "DateTime", nullable: true }),
    }),
  });
  const role = builder.objectRef<ReturnType<typeof roleViews>[number]>("Role").implement({
    description: "A bundle of scopes",
    fields: (t) => ({
      name: t.exposeString("name"),
      scopes: t.exposeStringList("scopes"),
      description: t.exposeString("description"),
    }),
  });
  const roleName = builder.enumType("RoleName", { values: ROLE_NAMES });
  const userPage = pageOf(builder, "User", user);
  const sessionPage = pageOf(builder, "Session", session);
  const tokenPage = pageOf(builder, "Token", token);
  return { user, createdToken, viewer, role, roleName, userPage, sessionPage, tokenPage };
}

function addQueries(
  builder: GraphBuilder,
  types: AccessTypes,
  { users, sessions, tokens }: GraphVerbs,
): void {
  builder.queryFields((t) => {
    const paging = { limit: t.arg.int({ required: false }), cursor: t.arg.string({ required: false }) };
    return {
      viewer: t.field({
        type: types.viewer,
        access: "signed-in",
        resolve: (_root, _args, context) => whoAmI(users, sessions, context),
      }),
      users: t.field({
        type: types.userPage,
        access: "users:read",
        cache: { tags: ["users"] },
        args: paging,
        resolve: async (_root, args) => pageView(await users.list(pageQuery(args)), userView),
      }),
      user: t.field({
        type: types.user,
        access: "users:read",
        args: { id: t.arg.id({ required: true }) },
        resolve: async (_root, { id }) => userView(await users.get(id)),
      }),
      sessions: t.field({
        type: types.sessionPage,
        access: "signed-in",
        args: paging,
        resolve: async (_root, args, context) =>
          pageView(await sessions.list(pageQuery(args), context), sessionView),
      }),
      tokens: t.field({
        type: types.tokenPage,
        access: "signed-in",
        args: paging,
        resolve: async (_root, args, context) =>
          pageView(await tokens.list(pageQuery(args), context), tokenView),
      }),
      roles: t.field({ type: [types.role], access: "signed-in", resolve: roleViews }),
    };
  });
}

function addUserMutations(builder: GraphBuilder, types: AccessTypes, { users }: GraphVerbs): void {
  builder.mutationFields((t) => ({
    createUser: t.field({
      type: types.user,
      access: "users:write",
      args: {
        name: t.arg.string({ required: true }),
        password: t.arg.string({ required: true }),
        role: t.arg({ type: types.roleName, required: true }),
      },
      resolve: async (_root, args, context) =>
        userView(await users.create(accepted(model.NewUserBody, args), context)),
    }),
    updateUser: t.field({
      type: types.user,
      access: "users:write",
      args: {
        id: t.arg.id({ required: true }),
        role: t.arg({ type: types.roleName, required: false }),
        disabled: t.arg.boolean({ required: false }),
      },
      resolve: async (_root, { id, ...changes }, context) =>
        userView(await users.update(id, accepted(model.UserChangesBody, changes), context)),
    }),
    removeUser: t.boolean({
      access: "users:admin",
      args: { id: t.arg.id({ required: true }) },
      resolve: async (_root, { id }, context) => {
        await users.remove(id, context);
        return true;
      },
    }),
    changePassword: t.boolean({
      access: "signed-in",
      args: {
        userId: t.arg.id({ required: true }),
        currentPassword: t.arg.string({ required: false }),
        newPassword: t.arg.string({ required: true }),
      },
      resolve: async (_root, { userId, ...change }, context) => {
        await users.changePassword(userId, accepted(model.PasswordBody, change), context);
        return true;
      },
    }),
  }));
}

function addCredentialMutations(
  builder: GraphBuilder,
  types: AccessTypes,
  { sessions, tokens }: GraphVerbs,
): void {
  builder.mutationFields((t) => ({
    createToken: t.field({
      type: types.createdToken,
      access: "signed-in",
      args: {
        name: t.arg.string({ required: true }),
        scopes: t.arg.stringList({ required: true }),
        expiresInDays: t.arg.int({ required: false, description: "Absent or null: it never ends" }),
        userId: t.arg.id({ required: false, description: "Absent: one's own" }),
      },
      resolve: async (_root, args, context) => {
        const { expiresInDays, ...rest } = args;
        const body = accepted(model.NewTokenBody, { ...rest, expiresInDays: expiresInDays ?? null });
        const { token, secret } = await tokens.create(body, context);
        return { token: tokenView(token), secret };
      },
    }),
    revokeToken: t.boolean({
      access: "signed-in",
      args: { id: t.arg.id({ required: true }) },
      resolve: async (_root, { id }, context) => {
        await tokens.revoke(id, context);
        return true;
      },
    }),
    revokeSession: t.boolean({
      access: "signed-in",
      args: { id: t.arg.id({ required: true }) },
      resolve: async (_root, { id }, context) => {
        await sessions.end(id, context);
        return true;
      },
    }),
  }));
}

const pageQuery = (args: object) => accepted(model.Paging, args);

const pageView = <Item, View>({ items, nextCursor }: Page<Item>, view: (item: Item) => View) => ({
  items: items.map(view),
  nextCursor,
});

/**
 * The arguments as the REST body of the same verb: the same limits, defaults filled in. A null argument is an absent one
 * unless the schema knows null.
 * @throws AppError `validation_failed`
 */
function accepted<Schema extends TSchema>(schema: Schema, args: object): Static<Schema> {
  const known: Record<string, TSchema> = schema.properties;
  const given = Object.entries(args).filter(
    ([name, value]) => value !== undefined && (value !== null || Value.Check(known[name] ?? schema, null)),
  );
  const filled = Value.Default(schema, Object.fromEntries(given));
  const issues = [...Value.Errors(schema, filled)].map(({ path, message }) => ({
    path: path.split("/").filter(Boolean).join("."),
    message,
  }));
  const [first] = issues;
  if (!first) return filled as Static<Schema>;
  throw new AppError("validation_failed", `${first.path}: ${first.message}.`, { issues });
}
