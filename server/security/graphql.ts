import type { Page } from "../database/paging.ts";
import { type GraphBuilder, type GraphFeature, pageOf } from "../http/graphql-types.ts";
import { acceptedInput } from "./accepted-input.ts";
import * as model from "./model.ts";
import { resetUrl } from "./password-reset.ts";
import type { AccessVerbs } from "./rest.ts";
import { sessionView, tokenView, userView } from "./views.ts";
import { whoAmI } from "./who-am-i.ts";

type GraphVerbs = Pick<
  AccessVerbs,
  "users" | "userPasswords" | "sessions" | "tokens" | "passwordReset" | "baseUrl"
>;

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

interface ResetLink {
  userName: string;
  url: string;
  /** Epoch milliseconds. */
  expiresAt: number;
}

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
      hasPassword: t.exposeBoolean("hasPassword", {
        description: "False for somebody who signs in by a provider only",
      }),
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
      provider: t.exposeString("provider", {
        nullable: true,
        description: "Id of the provider that vouched for the person; null for a password",
      }),
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
  const resetLink = builder.objectRef<ResetLink>("ResetLink").implement({
    description: "A one-time link by which a user sets a new password",
    fields: (t) => ({
      userName: t.exposeString("userName"),
      url: t.exposeString("url"),
      expiresAt: t.expose("expiresAt", { type: "DateTime" }),
    }),
  });
  const userPage = pageOf(builder, "User", user);
  const sessionPage = pageOf(builder, "Session", session);
  const tokenPage = pageOf(builder, "Token", token);
  return { user, createdToken, viewer, resetLink, userPage, sessionPage, tokenPage };
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
    };
  });
}

function addUserMutations(
  builder: GraphBuilder,
  types: AccessTypes,
  { users, userPasswords, passwordReset, baseUrl }: GraphVerbs,
): void {
  builder.mutationFields((t) => ({
    createUser: t.field({
      type: types.user,
      access: "users:write",
      args: {
        name: t.arg.string({ required: true }),
        password: t.arg.string({ required: true }),
        role: t.arg.string({ required: true }),
      },
      resolve: async (_root, args, context) =>
        userView(await users.create(acceptedInput(model.NewUserBody, args), context)),
    }),
    updateUser: t.field({
      type: types.user,
      access: "users:write",
      args: {
        id: t.arg.id({ required: true }),
        role: t.arg.string({ required: false }),
        disabled: t.arg.boolean({ required: false }),
      },
      resolve: async (_root, { id, ...changes }, context) =>
        userView(await users.update(id, acceptedInput(model.UserChangesBody, changes), context)),
    }),
    removeUser: t.boolean({
      access: "users:admin",
      args: { id: t.arg.id({ required: true }) },
      resolve: async (_root, { id }, context) => {
        await users.remove(id, context);
        return true;
      },
    }),
    createResetLink: t.field({
      type: types.resetLink,
      access: "users:write",
      args: { userId: t.arg.id({ required: true }) },
      resolve: async (_root, { userId }, context) => {
        const { user, token, expiresAt } = await passwordReset.issue(userId, context);
        return { userName: user.name, url: resetUrl(baseUrl(), token), expiresAt };
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
        await userPasswords.change(userId, acceptedInput(model.PasswordBody, change), context);
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
        const body = acceptedInput(model.NewTokenBody, { ...rest, expiresInDays: expiresInDays ?? null });
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
    revokeOtherSessions: t.int({
      description: "Ends one's own sessions but the one that asks, or all of another; how many they were",
      access: "signed-in",
      args: { userId: t.arg.id({ required: false, description: "Absent: one's own" }) },
      resolve: (_root, { userId }, context) => sessions.endOthers(userId ?? undefined, context),
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

const pageQuery = (args: object) => acceptedInput(model.Paging, args);

const pageView = <Item, View>({ items, nextCursor }: Page<Item>, view: (item: Item) => View) => ({
  items: items.map(view),
  nextCursor,
});
