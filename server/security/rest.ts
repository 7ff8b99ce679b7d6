import type { Page } from "../database/paging.ts";
import { AppError } from "../errors/app-error.ts";
import type { Exchange } from "../http/exchange.ts";
import { guard, routes } from "../http/guard.ts";
import type { Caller } from "./caller.ts";
import type { DeviceCookies } from "./device-cookie.ts";
import * as model from "./model.ts";
import { type PasswordReset, resetUrl } from "./password-reset.ts";
import type { SessionCookie } from "./session-cookie.ts";
import type { Sessions, Voucher } from "./sessions.ts";
import { type Setup, setupUrl } from "./setup.ts";
import type { SignedIn, SignIn, SignInBrowser } from "./sign-in.ts";
import type { Tokens } from "./tokens.ts";
import type { UserPasswords } from "./user-passwords.ts";
import type { Users } from "./users.ts";
import { iso, sessionView, tokenView, userView } from "./views.ts";
import { whoAmI } from "./who-am-i.ts";

/** What the routes of access call. */
export interface AccessVerbs {
  users: Users;
  userPasswords: UserPasswords;
  sessions: Sessions;
  tokens: Tokens;
  signIn: SignIn;
  setup: Setup;
  passwordReset: PasswordReset;
  deviceCookies: DeviceCookies;
  sessionCookie: SessionCookie;
  /** Where people reach this server: `https://ops.example.org`. */
  baseUrl: () => string;
  /** Where the browser is signed out at the provider that vouched for the person, if there is such a place. */
  signOutUrl: (voucher: Voucher | undefined, exchange: Exchange) => Promise<string | undefined>;
}

const CREATED = 201;
const NO_CONTENT = 204;
const SECOND_MS = 1_000;

/** Set-up and the signed-in browser: the only routes that set or clear the session's cookie. */
export const sessionRoutes = (verbs: AccessVerbs) => {
  const { users, sessions, signIn, setup, passwordReset, sessionCookie, baseUrl, signOutUrl } = verbs;
  return routes("access")
    .get(
      "/api/v3/setup",
      async ({ exchange }) => ({
        needed: await setup.needed(),
        signedIn: exchange.principal.kind !== "nobody",
        anonymousScopes: exchange.principal.kind === "nobody" ? [...exchange.principal.scopes] : [],
      }),
      guard("open", {
        summary: "Whether the first administrator is still to come",
        response: model.SetupState,
      }),
    )
    .post(
      "/api/v3/setup",
      async ({ body, exchange }) =>
        entered(await setup.complete(body, exchange, browserOf(exchange, verbs)), exchange, verbs),
      guard("open", {
        summary: "Create the first administrator and sign in",
        body: model.SetupBody,
        response: model.SessionAnswer,
      }),
    )
    .post(
      "/api/v3/setup/links",
      async ({ exchange, set }) => {
        const link = await setup.issue(exchange);
        set.status = CREATED;
        return { url: setupUrl(baseUrl(), link.token), expiresAt: iso(link.expiresAt) };
      },
      guard("users:admin", {
        summary: "Make a new set-up link in place of the last",
        response: { 201: model.SetupLinkView },
      }),
    )
    .get(
      "/api/v3/session",
      ({ exchange }) => whoAmI(users, sessions, exchange),
      guard("signed-in", { summary: "Who is asking", response: model.SessionAnswer }),
    )
    .post(
      "/api/v3/session",
      async ({ body, exchange }) =>
        entered(await signIn.withPassword(body, exchange, browserOf(exchange, verbs)), exchange, verbs),
      guard("open", {
        summary: "Sign in by name and password",
        body: model.SignInBody,
        response: model.SessionAnswer,
      }),
    )
    .delete(
      "/api/v3/session",
      async ({ exchange }) => {
        const voucher = await sessions.end(currentSessionOf(exchange), exchange);
        exchange.cookies.push(sessionCookie.clear(exchange.isSecure));
        const url = await signOutUrl(voucher, exchange);
        return url === undefined
          ? new Response(null, { status: NO_CONTENT })
          : Response.json({ signOutUrl: url });
      },
      guard("signed-in", {
        summary: "Sign out; where a provider vouched for the person, says where to sign out there too",
        response: model.SignedOut,
      }),
    )
    .post(
      "/api/v3/password-resets",
      ({ body, exchange }) => passwordReset.complete(body.token, body.newPassword, exchange),
      guard("open", { summary: "Set a new password by a one-time link", body: model.ResetBody }),
    )
    .post(
      "/api/v3/users/:id/reset-links",
      async ({ params, exchange, set }) => {
        const { user, token, expiresAt } = await passwordReset.issue(params.id, exchange);
        set.status = CREATED;
        return { userName: user.name, url: resetUrl(baseUrl(), token), expiresAt: iso(expiresAt) };
      },
      guard("users:write", {
        summary: "Make a one-time link by which a user sets a new password",
        params: model.ById,
        response: { 201: model.ResetLinkView },
      }),
    );
};

/** People, their sessions, their tokens and roles. */
export const peopleRoutes = ({ users, userPasswords, sessions, tokens }: AccessVerbs) =>
  routes("access")
    .get(
      "/api/v3/users",
      async ({ query }) => pageView(await users.list(query), userView),
      guard("users:read", { summary: "List users", query: model.Paging, response: model.UserPage }),
    )
    .post(
      "/api/v3/users",
      async ({ body, exchange, set }) => {
        const user = await users.create(body, exchange);
        set.status = CREATED;
        return userView(user);
      },
      guard("users:write", {
        summary: "Add a user",
        body: model.NewUserBody,
        response: { 201: model.UserView },
      }),
    )
    .get(
      "/api/v3/users/:id",
      async ({ params }) => userView(await users.get(params.id)),
      guard("users:read", { summary: "Show a user", params: model.ById, response: model.UserView }),
    )
    .patch(
      "/api/v3/users/:id",
      async ({ params, body, exchange }) => userView(await users.update(params.id, body, exchange)),
      guard("users:write", {
        summary: "Change a user's role, or disable",
        params: model.ById,
        body: model.UserChangesBody,
        response: model.UserView,
      }),
    )
    .delete(
      "/api/v3/users/:id",
      ({ params, exchange }) => users.remove(params.id, exchange),
      guard("users:admin", { summary: "Remove a user with sessions and tokens", params: model.ById }),
    )
    .put(
      "/api/v3/users/:id/password",
      ({ params, body, exchange }) => userPasswords.change(params.id, body, exchange),
      guard("signed-in", {
        summary: "Change one's own password, or with users:write another's",
        params: model.ById,
        body: model.PasswordBody,
      }),
    )
    .get(
      "/api/v3/sessions",
      async ({ query, exchange }) => pageView(await sessions.list(query, exchange), sessionView),
      guard("signed-in", {
        summary: "List one's own sessions, or with users:read everybody's",
        query: model.Paging,
        response: model.SessionPage,
      }),
    )
    .delete(
      "/api/v3/sessions",
      async ({ query, exchange }) => ({ ended: await sessions.endOthers(query.userId, exchange) }),
      guard("signed-in", {
        summary: "End one's own sessions but the one that asks, or with users:write all of another",
        query: model.WhoseSessions,
        response: model.EndedSessions,
      }),
    )
    .delete(
      "/api/v3/sessions/:id",
      async ({ params, exchange }) => {
        await sessions.end(params.id, exchange);
      },
      guard("signed-in", {
        summary: "End one of one's own sessions, or with users:write anybody's",
        params: model.ById,
      }),
    )
    .get(
      "/api/v3/tokens",
      async ({ query, exchange }) => pageView(await tokens.list(query, exchange), tokenView),
      guard("signed-in", {
        summary: "List one's own tokens, or with tokens:read everybody's",
        query: model.Paging,
        response: model.TokenPage,
      }),
    )
    .post(
      "/api/v3/tokens",
      async ({ body, exchange, set }) => {
        const { token, secret } = await tokens.create(body, exchange);
        set.status = CREATED;
        return { ...tokenView(token), token: secret };
      },
      guard("signed-in", {
        summary: "Make a token; it is shown once",
        body: model.NewTokenBody,
        response: { 201: model.CreatedTokenView },
      }),
    )
    .delete(
      "/api/v3/tokens/:id",
      ({ params, exchange }) => tokens.revoke(params.id, exchange),
      guard("signed-in", {
        summary: "Revoke one of one's own tokens, or with tokens:write anybody's",
        params: model.ById,
      }),
    );

/** Hands the browser its new session: secret by cookie only, the rest in the body. */
async function entered(
  { user, session, secret }: SignedIn,
  exchange: Exchange,
  { sessions, ...cookies }: AccessVerbs,
): Promise<model.SessionAnswer> {
  handSession({ user, session, secret }, exchange, cookies);
  const principal = await sessions.authenticate(secret);
  return {
    user: userView(user),
    scopes: [...(principal?.scopes ?? [])],
    expiresAt: iso(session.expiresAt),
  };
}

/** Puts the session's secret, and the mark of a browser that is known from now on, into the answer. */
export function handSession(
  { user, session, secret }: SignedIn,
  exchange: Exchange,
  { sessionCookie, deviceCookies }: Pick<AccessVerbs, "sessionCookie" | "deviceCookies">,
): void {
  const { isSecure, cookies, request } = exchange;
  const maxAgeSeconds = Math.floor((session.endsAt - session.createdAt) / SECOND_MS);
  const known = deviceCookies.read(request.headers.get("cookie"));
  cookies.push(sessionCookie.print(secret, maxAgeSeconds, isSecure));
  cookies.push(deviceCookies.print(user.id, known, isSecure));
}

const browserOf = ({ request: { headers } }: Exchange, { deviceCookies }: AccessVerbs): SignInBrowser => ({
  userAgent: headers.get("user-agent") ?? "",
  device: deviceCookies.read(headers.get("cookie")),
});

function currentSessionOf({ principal }: Caller): string {
  if (principal.kind === "session") return principal.sessionId;
  throw new AppError("session_not_found", "This request came without a session; a token is revoked instead.");
}

const pageView = <Item, View>({ items, nextCursor }: Page<Item>, view: (item: Item) => View) => ({
  items: items.map(view),
  nextCursor,
});
