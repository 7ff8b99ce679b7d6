import { describe, expect, test } from "bun:test";
import { Exchange } from "../../../server/http/exchange.ts";
import { authentication, refuseBadCredentials } from "../../../server/http/middleware/authentication.ts";
import { answerHeaders } from "../../../server/http/middleware/headers.ts";
import { rateLimit } from "../../../server/http/middleware/rate-limit.ts";
import { sameSite } from "../../../server/http/middleware/same-site.ts";
import { Pipeline } from "../../../server/http/pipeline.ts";
import { Router } from "../../../server/http/router.ts";
import { silentLogger } from "../../../server/logs/logger.ts";
import { OWNER } from "../../../server/security/principal.ts";
import { peopleRoutes, sessionRoutes } from "../../../server/security/rest.ts";
import { roleRoutes } from "../../../server/security/roles/rest.ts";
import { AccessHouse, PASSWORD } from "../../support/access.ts";

const ORIGIN = "https://ops.example.org";

/** Which credential a request carries: a session's secret, a token, or the control socket. */
interface As {
  cookie?: string;
  token?: string;
  owner?: true;
  /** In place of the CSRF header that goes with a cookie. */
  proof?: Record<string, string>;
}

interface Reply {
  status: number;
  body: Record<string, unknown>;
  text: string;
  setCookie: string;
}

/** The routes of access behind the steps of the pipeline that concern them. */
class RestHouse extends AccessHouse {
  readonly #pipeline: Pipeline;

  constructor(settings: Readonly<Record<string, unknown>> = {}) {
    super(settings);
    const verbs = { ...this, baseUrl: () => ORIGIN, signOutUrl: async () => undefined };
    const router = new Router([sessionRoutes(verbs), peopleRoutes(verbs), roleRoutes(this.roles)]);
    this.#pipeline = new Pipeline({
      middleware: [
        authentication(this.access),
        sameSite,
        rateLimit(this.rateLimits, this.deviceCookies),
        refuseBadCredentials,
        answerHeaders(this.sessionCookie),
      ],
      handler: (exchange) => router.handle(exchange),
      log: silentLogger,
      monotonicMs: this.clock.monotonic,
      onEnd({ exchange }) {
        if (exchange.error?.code === "internal") console.log(exchange.error.cause);
      },
    });
  }

  async send(as: As, method: string, path: string, body?: unknown): Promise<Reply> {
    const headers = new Headers({ host: "ops.example.org", "user-agent": "Test/1.0" });
    if (as.cookie !== undefined) headers.set("cookie", `${this.sessionCookie.name}=${as.cookie}`);
    const proof = as.proof ?? (as.cookie === undefined ? {} : { "x-binnacle-csrf": "1" });
    for (const [name, value] of Object.entries(proof)) headers.set(name, value);
    if (as.token !== undefined) headers.set("authorization", `Bearer ${as.token}`);
    if (body !== undefined) headers.set("content-type", "application/json");
    const exchange = new Exchange({
      request: new Request(ORIGIN + path, {
        method,
        headers,
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
      correlationId: "test-correlation",
      carrier: { requestIP: () => ({ address: "192.0.2.7" }) },
      startedAtMs: 0,
      bodyLimitBytes: 1_048_576,
      isSecure: true,
      ...(as.owner ? { principal: OWNER } : {}),
    });
    const response = await this.#pipeline.handle(exchange);
    if (!response) throw new Error("The connection was taken over.");
    const text = await response.text();
    const setCookie = response.headers.get("set-cookie") ?? "";
    return { status: response.status, body: text === "" ? {} : JSON.parse(text), text, setCookie };
  }

  /** Signs in over REST; gives the secret of the cookie. */
  async cookieOf(name: string): Promise<string> {
    const { setCookie } = await this.send({}, "POST", "/api/v3/session", { name, password: PASSWORD });
    return /^binnacle_session_7e57ed=([^;]+)/.exec(setCookie)?.[1] ?? "";
  }
}

const items = (reply: Reply): Record<string, unknown>[] => reply.body.items as Record<string, unknown>[];

describe("set-up over REST", () => {
  test("the owner asks for a link, the first person uses it and is signed in", async () => {
    await using house = new RestHouse();
    expect((await house.send({}, "GET", "/api/v3/setup")).body).toMatchObject({
      needed: true,
      signedIn: false,
    });
    expect((await house.send({}, "POST", "/api/v3/setup/links")).status).toBe(401);
    const link = await house.send({ owner: true }, "POST", "/api/v3/setup/links");
    const [page, token] = String(link.body.url).split("#token=");
    expect([link.status, page]).toEqual([201, `${ORIGIN}/setup`]);
    const weak = await house.send({}, "POST", "/api/v3/setup", { token, name: "ada", password: "short" });
    expect(weak).toMatchObject({
      status: 422,
      body: { code: "validation_failed", errors: [{ path: "password" }] },
    });
    const done = await house.send({}, "POST", "/api/v3/setup", { token, name: "ada", password: PASSWORD });
    expect(done).toMatchObject({
      status: 200,
      body: { user: { name: "ada", role: "admin" }, scopes: ["*"] },
    });
    expect(done.setCookie).toMatch(
      /^binnacle_session_7e57ed=[\w-]{43}; Path=\/; Max-Age=1209600; HttpOnly; SameSite=Strict; Secure, binnacle_device_7e57ed=/,
    );
    const again = await house.send({}, "POST", "/api/v3/setup", { token, name: "eve", password: PASSWORD });
    expect(again).toMatchObject({ status: 409, body: { code: "already_set_up" } });
  });
});

describe("the session over REST", () => {
  test("signs in, says who it is, signs out and is worth nothing afterwards", async () => {
    await using house = new RestHouse();
    await house.add("ada", "admin");
    const cookie = await house.cookieOf("ada");
    const who = await house.send({ cookie }, "GET", "/api/v3/session");
    const expiresAt = new Date(house.clock.now() + 86_400_000).toISOString();
    expect(who).toMatchObject({ status: 200, body: { user: { name: "ada" }, scopes: ["*"], expiresAt } });
    expect((await house.send({ cookie }, "GET", "/api/v3/setup")).body).toMatchObject({
      needed: false,
      signedIn: true,
    });
    const out = await house.send({ cookie }, "DELETE", "/api/v3/session");
    expect(out).toMatchObject({ status: 204, text: "" });
    expect(out.setCookie).toStartWith("binnacle_session_7e57ed=; Path=/; Max-Age=0");
    expect(await house.send({ cookie }, "GET", "/api/v3/session")).toMatchObject({
      status: 401,
      body: { code: "unauthenticated" },
    });
  });

  test("ten wrong passwords a minute from one address, then 429 with a time", async () => {
    await using house = new RestHouse();
    await house.add("ada", "admin");
    const guess = (name: string) =>
      house.send({}, "POST", "/api/v3/session", { name, password: "wrong password" });
    for (let attempt = 0; attempt < 10; attempt++) {
      expect(await guess(`person-${attempt}`)).toMatchObject({
        status: 401,
        body: { code: "invalid_credentials" },
        setCookie: "",
      });
    }
    expect(await guess("ada")).toMatchObject({ status: 429, body: { code: "rate_limited" } });
    const right = await house.send({}, "POST", "/api/v3/session", { name: "ada", password: PASSWORD });
    expect(right.status).toBe(429);
    await house.clock.advance(6_000);
    expect(await house.cookieOf("ada")).not.toBe("");
  });

  test("a token knows who it is, and has no session to end", async () => {
    await using house = new RestHouse();
    await house.add("ada", "admin");
    const { caller } = await house.enter("ada");
    const { secret: token } = await house.issue(caller, "metrics:read");
    expect(await house.send({ token }, "GET", "/api/v3/session")).toMatchObject({
      status: 200,
      body: { user: { name: "ada" }, scopes: ["metrics:read"], expiresAt: null },
    });
    expect(await house.send({ token }, "DELETE", "/api/v3/session")).toMatchObject({ status: 404 });
    expect(await house.send({ owner: true }, "GET", "/api/v3/session")).toMatchObject({ status: 404 });
  });
});

describe("every route of access", () => {
  const NEW_USER = { name: "new", password: PASSWORD, role: "viewer" };
  const NEW_TOKEN = { name: "t", scopes: ["metrics:read"], expiresInDays: null };
  const demands: [string, string, unknown, number, number][] = [
    // method, path, body, status for a viewer's session, status for an administrator's
    ["GET", "/api/v3/users", undefined, 403, 200],
    ["POST", "/api/v3/users", NEW_USER, 403, 201],
    ["GET", "/api/v3/users/none", undefined, 403, 404],
    ["PATCH", "/api/v3/users/none", { disabled: true }, 403, 404],
    ["DELETE", "/api/v3/users/none", undefined, 403, 404],
    ["PUT", "/api/v3/users/none/password", { newPassword: PASSWORD }, 403, 404],
    ["GET", "/api/v3/sessions", undefined, 200, 200],
    ["DELETE", "/api/v3/sessions/none", undefined, 404, 404],
    ["GET", "/api/v3/tokens", undefined, 200, 200],
    ["POST", "/api/v3/tokens", NEW_TOKEN, 201, 201],
    ["DELETE", "/api/v3/tokens/none", undefined, 404, 404],
    ["GET", "/api/v3/roles", undefined, 200, 200],
    ["POST", "/api/v3/setup/links", undefined, 403, 409],
  ];

  test.each(demands)(
    "%s %s refuses a stranger, and each role gets its own",
    async (method, path, body, asViewer, asAdmin) => {
      await using house = new RestHouse();
      await house.add("root", "admin");
      await house.add("viewer", "viewer");
      const [viewer, admin] = [await house.cookieOf("viewer"), await house.cookieOf("root")];
      const { caller } = await house.enter("root");
      const { secret: token } = await house.issue(caller, "metrics:read");
      expect(await house.send({}, method, path, body)).toMatchObject({
        status: 401,
        body: { code: "unauthenticated" },
      });
      expect(await house.send({ token: "bnc_wrong" }, method, path, body)).toMatchObject({
        status: 401,
        body: { code: "invalid_token" },
      });
      if (path !== "/api/v3/roles") {
        expect(await house.send({ token }, method, path, body)).toMatchObject({
          status: 403,
          body: { code: "scope_missing" },
        });
      }
      expect((await house.send({ cookie: viewer }, method, path, body)).status).toBe(asViewer);
      const answer = await house.send({ cookie: admin }, method, path, body);
      expect(answer.status).toBe(asAdmin);
      expect(answer.text).not.toMatch(/argon2|hash|secret/i);
      expect(answer.text).not.toContain(PASSWORD);
    },
  );

  test.each([
    ["POST", "/api/v3/users", { ...NEW_USER, extra: 1 }],
    ["POST", "/api/v3/users", { ...NEW_USER, role: "god" }],
    ["POST", "/api/v3/users", { ...NEW_USER, name: 7 }],
    ["POST", "/api/v3/users", [NEW_USER]],
    ["POST", "/api/v3/users", null],
    ["POST", "/api/v3/users", undefined],
    ["POST", "/api/v3/users", { ...NEW_USER, name: "x".repeat(1_000) }],
    ["POST", "/api/v3/users", { ...NEW_USER, password: "x".repeat(10_000) }],
    ["PATCH", "/api/v3/users/x", { disabled: "yes" }],
    ["POST", "/api/v3/tokens", { ...NEW_TOKEN, expiresInDays: 0 }],
    ["POST", "/api/v3/tokens", { ...NEW_TOKEN, expiresInDays: 1.5 }],
    ["POST", "/api/v3/tokens", { ...NEW_TOKEN, scopes: "*" }],
    ["POST", "/api/v3/tokens", { ...NEW_TOKEN, scopes: [] }],
    ["POST", "/api/v3/tokens", { ...NEW_TOKEN, scopes: ["root"] }],
    ["POST", "/api/v3/session", { name: { $ne: "" }, password: PASSWORD }],
    ["GET", "/api/v3/users?limit=0", undefined],
    ["GET", "/api/v3/users?limit=201", undefined],
    ["GET", "/api/v3/users?limit=ten", undefined],
    ["GET", "/api/v3/users?sort=password_hash", undefined],
    ["GET", "/api/v3/users?cursor=nonsense", undefined],
    ["POST", "/api/v3/users", "{ not json"],
  ])("%s %s with %j is a 4xx with a sentence", async (method, path, body) => {
    await using house = new RestHouse();
    await house.add("root", "admin");
    const cookie = await house.cookieOf("root");
    const answer = await house.send({ cookie }, method, path, body);
    expect([400, 415, 422]).toContain(answer.status);
    expect(answer.body).toMatchObject({
      status: answer.status,
      code: expect.any(String),
      detail: expect.any(String),
    });
    expect(house.stored("SELECT * FROM users")).toHaveLength(1);
  });

  test("a change by cookie without proof of our own page changes nothing", async () => {
    await using house = new RestHouse();
    const { id } = await house.add("root", "admin");
    await house.add("second", "admin");
    const cookie = await house.cookieOf("root");
    const change = ["PATCH", `/api/v3/users/${id}`, { role: "viewer" }] as const;
    for (const proof of [{}, { "sec-fetch-site": "cross-site" }, { origin: "https://evil.example" }]) {
      expect(await house.send({ cookie, proof }, ...change)).toMatchObject({
        status: 403,
        body: { code: "cross_site_request" },
      });
    }
    expect((await house.users.get(id)).role).toBe("admin");
    expect((await house.send({ cookie, proof: { origin: ORIGIN } }, ...change)).status).toBe(200);
  });
});

test("the life of a user and a token, as a client sees it", async () => {
  await using house = new RestHouse();
  await house.add("root", "admin");
  const cookie = await house.cookieOf("root");
  const made = await house.send({ cookie }, "POST", "/api/v3/users", {
    name: "Op",
    password: PASSWORD,
    role: "operator",
  });
  const createdAt = new Date(house.clock.now()).toISOString();
  expect(made).toMatchObject({
    status: 201,
    body: { name: "op", role: "operator", createdAt, lastSignInAt: null, disabled: false },
  });
  const path = `/api/v3/users/${made.body.id}`;
  expect((await house.send({ cookie }, "GET", path)).body).toEqual(made.body);
  expect((await house.send({ cookie }, "PATCH", path, { role: "viewer" })).body).toEqual({
    ...made.body,
    role: "viewer",
  });

  const theirs = await house.cookieOf("op");
  const reset = await house.send({ cookie: theirs }, "PUT", `${path}/password`, {
    currentPassword: PASSWORD,
    newPassword: "another good one",
  });
  expect(reset).toMatchObject({ status: 204, text: "" });

  const created = await house.send({ cookie: theirs }, "POST", "/api/v3/tokens", {
    name: "ci",
    scopes: ["metrics:read"],
    expiresInDays: 1,
  });
  const { token, ...shown } = created.body;
  expect(token).toMatch(/^bnc_/);
  const listed = await house.send({ cookie: theirs }, "GET", "/api/v3/tokens");
  expect(items(listed)).toEqual([shown]);
  expect(listed.text).not.toContain(String(token));
  expect((await house.send({ token: String(token) }, "GET", "/api/v3/roles")).status).toBe(200);
  expect((await house.send({ cookie: theirs }, "DELETE", `/api/v3/tokens/${shown.id}`)).status).toBe(204);
  expect((await house.send({ token: String(token) }, "GET", "/api/v3/roles")).status).toBe(401);

  const sessions = await house.send({ cookie }, "GET", "/api/v3/sessions?limit=1");
  expect(items(sessions)).toMatchObject([
    { userName: "op", current: false, address: "192.0.2.7", userAgent: "Test/1.0" },
  ]);
  expect((await house.send({ cookie }, "DELETE", path)).status).toBe(204);
  expect((await house.send({ cookie: theirs }, "GET", "/api/v3/session")).status).toBe(401);
  expect((await house.send({ cookie }, "GET", path)).status).toBe(404);
  expect(await house.auditLog.verify()).toBeUndefined();
  const actions = house
    .stored<{ action: string }>("SELECT action FROM audit ORDER BY seq")
    .map((row) => row.action);
  expect(actions).toEqual([
    "user.create",
    "session.open",
    "user.create",
    "user.update",
    "session.open",
    "user.change_password",
    "token.create",
    "token.revoke",
    "user.remove",
  ]);
});

test("by the control socket the owner manages everybody, without a password of theirs", async () => {
  await using house = new RestHouse();
  const { id } = await house.add("root", "admin");
  const reset = await house.send({ owner: true }, "PUT", `/api/v3/users/${id}/password`, {
    newPassword: "given by hand",
  });
  expect(reset.status).toBe(204);
  const body = { name: "cli", scopes: ["*"], expiresInDays: null, userId: id };
  expect(await house.send({ owner: true }, "POST", "/api/v3/tokens", body)).toMatchObject({
    status: 201,
    body: { userName: "root", scopes: ["*"], token: expect.stringMatching(/^bnc_/) },
  });
});
