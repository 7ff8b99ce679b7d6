import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { SessionCookie } from "../../../server/security/session-cookie.ts";
import { VerifiedCredentials } from "../../../server/security/verified-credentials.ts";
import { AccessHouse } from "../../support/access.ts";

const WHENCE = { correlationId: "c", clientAddress: "192.0.2.7" };
const NOBODY_AT_ALL = { principal: { kind: "nobody", scopes: [] }, hasStaleCookie: false };

const COOKIE = new SessionCookie("7e57ed");

describe("who asks", () => {
  test("is nobody without credentials", async () => {
    await using house = new AccessHouse();
    expect(await house.access.authenticate(WHENCE)).toMatchObject(NOBODY_AT_ALL);
    expect(await house.access.authenticate({ ...WHENCE, cookie: "theme=dark; a=%E0%A4%A" })).toMatchObject(
      NOBODY_AT_ALL,
    );
  });

  test("is the person of the cookie, or whom the bearer token stands for", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    const session = await house.enter("root");
    const token = await house.issue(session.caller, "metrics:read");
    const cookie = `theme=dark; ${COOKIE.name}=${session.secret}; x=y`;
    expect((await house.access.authenticate({ ...WHENCE, cookie })).principal).toEqual(
      session.caller.principal,
    );
    for (const authorization of [`Bearer ${token.secret}`, `bearer  ${token.secret}`]) {
      const { principal } = await house.access.authenticate({ ...WHENCE, authorization, cookie });
      expect(principal).toEqual(token.caller.principal);
    }
    const behindProxy = await house.access.authenticate({ ...WHENCE, authorization: "Basic YTpi", cookie });
    expect(behindProxy.principal.kind).toBe("session");
  });

  test("a bearer token that is wrong never falls back to the cookie, and is audited", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    const { secret } = await house.enter("root");
    const cookie = `${COOKIE.name}=${secret}`;
    const wrong = [
      "Bearer",
      "Bearer ",
      "Bearer bnc_",
      `Bearer bnc_${"A".repeat(43)}`,
      `Bearer ${secret}`,
      "Bearer a b",
      `Token bnc_${"A".repeat(43)}`,
      "garbage",
      `Bearer ${"x".repeat(100_000)}`,
      "Bearer bnc_\u0000'; DROP TABLE users; --",
    ];
    for (const authorization of wrong) {
      const asking = house.access.authenticate({ ...WHENCE, authorization, cookie });
      await expect(asking).rejects.toMatchObject({ code: "invalid_token" });
    }
    await house.audit.flush();
    expect(house.stored("SELECT action, count FROM audit WHERE outcome = 'denied'")).toEqual([
      { action: "token.use", count: wrong.length },
    ]);
  });

  test("a cookie that is worth nothing makes a nobody and asks to be cleared", async () => {
    await using house = new AccessHouse();
    await house.add("root", "admin");
    const { secret, caller, sessionId } = await house.enter("root");
    const { secret: live } = await house.enter("root");
    await house.sessions.end(sessionId, caller);
    const useless = [
      `${COOKIE.name}=${secret}`,
      `${COOKIE.name}=`,
      `${COOKIE.name}=%`,
      `${COOKIE.name}=%00%ff`,
      `${COOKIE.name}="${live}"`,
      `${COOKIE.name}=${live}; ${COOKIE.name}=${secret}`,
      `${COOKIE.name}=${live}; ${COOKIE.name}=${live}`,
      `${COOKIE.name}=${"A".repeat(43)}`,
      `a=b; ${COOKIE.name}=${"x".repeat(10_000)}`,
    ];
    for (const cookie of useless) {
      expect(await house.access.authenticate({ ...WHENCE, cookie })).toEqual({
        principal: { kind: "nobody", scopes: [] },
        hasStaleCookie: true,
      });
    }
  });
});

describe("the session cookie", () => {
  test("is out of reach of scripts, other sites and plain HTTP", () => {
    expect(COOKIE.print("s", 60, true)).toBe(
      `${COOKIE.name}=s; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure`,
    );
    expect(COOKIE.print("s", 60, false)).not.toContain("Secure");
  });

  test("is read from any header without throwing, and is found only whole", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (header) => {
        expect(COOKIE.read(header).kind).not.toBe("present");
      }),
    );
    expect(COOKIE.read(`x${COOKIE.name}=${"A".repeat(43)}`).kind).toBe("absent");
  });
});

test("what was verified while something changed is used once and not kept", async () => {
  const verified = new VerifiedCredentials<{ name: string }>();
  const { promise, resolve } = Promise.withResolvers<{ name: string }>();
  const reading = verified.findOrRead("hash", () => promise);
  verified.forgetAll();
  resolve({ name: "before the change" });
  expect(await reading).toEqual({ name: "before the change" });
  expect(await verified.findOrRead("hash", async () => undefined)).toBeUndefined();
});
