import { describe, expect, test } from "bun:test";
import { CookieBrowser } from "../../support/cookie-browser.ts";
import { ForgedProvider } from "../../support/forged-provider.ts";
import { PASSWORD, type RunningApp, startApp } from "../../support/start-app.ts";

/** Signs in with the cookies of a header; gives the cookies that came back. */
async function signIn(app: RunningApp, name: string, cookie = "", password = PASSWORD) {
  const answer = await app.guest().with({ cookie }).send("POST", "/api/v3/session", { name, password });
  const cookies = answer.headers.getSetCookie().map((text) => text.split(";", 1)[0] ?? "");
  return { status: answer.status, cookies };
}

describe("two servers under one host name", () => {
  test("sign nobody out of each other: each has cookies of its own name", async () => {
    await using one = await startApp();
    await using other = await startApp();
    for (const app of [one, other]) await app.session("admin");
    const first = await signIn(one, "admin-1");
    const second = await signIn(other, "admin-1", first.cookies.join("; "));
    expect(second.status).toBe(200);
    // A browser sends all of them to both, whatever the port.
    const jar = [...first.cookies, ...second.cookies].join("; ");
    const names = jar.split("; ").map((pair) => pair.split("=", 1)[0]);
    expect(new Set(names).size).toBe(names.length);
    for (const app of [one, other]) {
      const answer = await app.guest().with({ cookie: jar }).get("/api/v3/session");
      expect(answer.status).toBe(200);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
  });
});

describe("when the master key is replaced while the server runs", () => {
  test("browsers that were known are strangers, those that sign in from then on are known, sessions go on", async () => {
    await using app = await startApp();
    const admin = await app.session("admin");
    const deviceOf = async (): Promise<string> => (await signIn(app, "admin-1")).cookies[1] ?? "";
    const before = await deviceOf();
    await admin.send("POST", "/api/v3/secret-keys/rotations", { key: "master" });
    const after = await deviceOf();
    for (let count = 0; count < 8; count++) await signIn(app, "admin-1", "", "wrong password");
    expect((await signIn(app, "admin-1", before)).status).toBe(429);
    expect((await signIn(app, "admin-1", after)).status).toBe(200);
    expect((await admin.get("/api/v3/session")).status).toBe(200);
  });

  test("a sign-in at a provider that was under way begins anew, the next one succeeds", async () => {
    using provider = new ForgedProvider("binnacle");
    provider.forgery = {};
    const settings = { id: "test", issuer: provider.issuer, clientId: "binnacle", defaultRole: "viewer" };
    await using app = await startApp({
      settings: { "signIn.providers": [{ ...settings, create: true, allow: ["127.0.0.1"] }] },
    });
    const admin = await app.session("admin");
    const start = `${app.address}/api/v3/sign-in/test`;
    const begin = async (browser: CookieBrowser): Promise<string> => {
      const authorize = await browser.follow(start, ({ pathname }) => pathname === "/auth");
      provider.nonce = authorize.searchParams.get("nonce") ?? "";
      return authorize.searchParams.get("state") ?? "";
    };
    const browser = new CookieBrowser();
    const state = await begin(browser);
    await admin.send("POST", "/api/v3/secret-keys/rotations", { key: "master" });
    const late = await browser.follow(`${start}/callback?code=any&state=${state}`);
    expect(late.search).toContain("problem=sign_in_expired");
    const next = await begin(browser);
    await browser.follow(`${start}/callback?code=any&state=${next}`);
    expect(browser.cookie(app.address, app.cookieName("session"))).toBeDefined();
  });
});
