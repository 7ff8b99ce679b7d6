import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { CookieBrowser } from "../../../support/cookie-browser.ts";
import { CLIENT, OpenIdProvider } from "../../../support/openid-provider.ts";
import { CSRF, PASSWORD, type RunningApp, startApp } from "../../../support/start-app.ts";

const ID = "test";
const START = `/api/v3/sign-in/${ID}`;

let provider: OpenIdProvider;
let app: RunningApp;

beforeAll(async () => {
  provider = await OpenIdProvider.listen();
  app = await startApp({
    settings: {
      "signIn.providers": [
        {
          id: ID,
          label: "The company",
          issuer: provider.issuer,
          clientId: CLIENT.id,
          clientSecret: CLIENT.secret,
          allow: ["127.0.0.1"],
          allowedDomains: ["example.org"],
          roles: [{ value: "ops", role: "operator" }],
          defaultRole: "viewer",
          create: true,
        },
      ],
    },
  });
  provider.serve(app.address, ID);
  // There must be an administrator before a stranger can become a user.
  await app.session("admin");
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

/** Somebody with an account there, before a browser of their own. */
function visitor(sub: string, claims: Record<string, unknown> = {}): CookieBrowser {
  provider.accounts.set(sub, {
    email: `${sub}@example.org`,
    email_verified: true,
    preferred_username: sub,
    ...claims,
  });
  provider.visitor = sub;
  return new CookieBrowser();
}

const isCallback = ({ pathname }: URL): boolean => pathname.endsWith("/callback");

const whoIs = async (browser: CookieBrowser) => {
  const response = await browser.send(`${app.address}/api/v3/session`);
  return (await response.json()) as {
    user: { name: string; role: string; hasPassword: boolean; id: string };
  };
};

const landing = (url: URL): string => `${url.pathname}${url.search}`.replace(/&?correlation=[^&]*/, "");

describe("signing in at a real provider", () => {
  test("a stranger of the right domain becomes a user with the role of their group, and lands where they wanted", async () => {
    const browser = visitor("grace", { groups: ["ops", "other"] });
    const end = await browser.follow(`${app.address}${START}?next=%2Fmetrics%3Frange%3D1h`);
    expect(landing(end)).toBe("/metrics?range=1h");
    expect((await whoIs(browser)).user).toMatchObject({
      name: "grace",
      role: "operator",
      hasPassword: false,
    });
  });

  test("the next sign-in is the same user, with the role that the provider gives now", async () => {
    const first = visitor("linus", { groups: ["ops"] });
    await first.follow(`${app.address}${START}`);
    const { user } = await whoIs(first);
    const second = visitor("linus", { groups: [], preferred_username: "renamed" });
    await second.follow(`${app.address}${START}`);
    expect((await whoIs(second)).user).toMatchObject({ id: user.id, name: "linus", role: "viewer" });
  });

  test("a name that is taken leads to nobody's account: the newcomer gets another", async () => {
    const browser = visitor("impostor", { preferred_username: "admin-1" });
    await browser.follow(`${app.address}${START}`);
    expect((await whoIs(browser)).user).toMatchObject({ name: "admin-1-2", role: "viewer" });
  });

  test("another domain, or an address that is not verified, may not enter", async () => {
    for (const claims of [
      { email: "eve@evil.example" },
      { email_verified: false },
      { email: "eve@example.org.evil" },
    ]) {
      const browser = visitor("eve", claims);
      const end = await browser.follow(`${app.address}${START}`);
      expect(landing(end)).toBe("/sign-in?problem=sign_in_refused");
      expect((await browser.send(`${app.address}/api/v3/session`)).status).toBe(401);
    }
  });

  test("a disabled user stays out", async () => {
    const browser = visitor("mallory");
    await browser.follow(`${app.address}${START}`);
    const { user } = await whoIs(browser);
    const admin = await app.session("admin");
    await admin.send("PATCH", `/api/v3/users/${user.id}`, { disabled: true });
    expect(landing(await visitor("mallory").follow(`${app.address}${START}`))).toBe(
      "/sign-in?problem=sign_in_refused",
    );
  });

  test("nobody guesses the password of somebody who has none", async () => {
    await visitor("nopass").follow(`${app.address}${START}`);
    for (const password of ["", PASSWORD]) {
      const response = await app.guest().send("POST", "/api/v3/session", { name: "nopass", password });
      expect([401, 422]).toContain(response.status);
    }
  });

  test("signing out here goes on to sign out there", async () => {
    const browser = visitor("ada");
    await browser.follow(`${app.address}${START}`);
    const response = await browser.send(`${app.address}/api/v3/session`, { method: "DELETE", headers: CSRF });
    expect(response.status).toBe(200);
    const { signOutUrl } = (await response.json()) as { signOutUrl: string };
    const url = new URL(signOutUrl);
    expect(url.origin).toBe(provider.issuer);
    expect(url.searchParams.get("post_logout_redirect_uri")).toBe(`${app.address}/sign-in`);
    expect(url.searchParams.get("id_token_hint")?.split(".")).toHaveLength(3);
    const page = await browser.send(signOutUrl);
    expect(page.status).toBe(200);
  });
});

describe("linking an account", () => {
  test("a signed-in person links theirs, signs in by it, and keeps their role", async () => {
    const admin = await app.session("admin");
    const browser = visitor("own-account", { groups: [] });
    const cookie = admin.headers.cookie?.split("=")[1] ?? "";
    browser.setCookie(app.address, app.cookieName("session"), cookie);
    const begun = await browser.send(`${app.address}${START}/links`, { method: "POST", headers: CSRF });
    const { url } = (await begun.json()) as { url: string };
    expect(landing(await browser.follow(url))).toBe("/account");
    const { user } = await whoIs(browser);
    const other = visitor("own-account", { groups: [] });
    await other.follow(`${app.address}${START}`);
    expect((await whoIs(other)).user).toMatchObject({ id: user.id, role: "admin" });
  });

  test("an account that is another's is not linked twice; a session that ended links nothing", async () => {
    await visitor("taken").follow(`${app.address}${START}`);
    const viewer = await app.session("viewer");
    const browser = visitor("taken");
    browser.setCookie(app.address, app.cookieName("session"), viewer.headers.cookie?.split("=")[1] ?? "");
    const begin = async () => {
      const begun = await browser.send(`${app.address}${START}/links`, { method: "POST", headers: CSRF });
      return ((await begun.json()) as { url: string }).url;
    };
    expect(landing(await browser.follow(await begin()))).toBe("/account?problem=identity_taken");
    provider.visitor = "fresh";
    provider.accounts.set("fresh", { email: "fresh@example.org", email_verified: true });
    const callback = await new CookieBrowser().follow(await begin(), isCallback);
    await viewer.fetch("/api/v3/session", { method: "DELETE" });
    expect(landing(await browser.follow(callback.href))).toBe("/account?problem=sign_in_expired");
  });

  test("the only way in is not unlinked; another's account is not even seen", async () => {
    const browser = visitor("single");
    await browser.follow(`${app.address}${START}`);
    const list = await browser.send(`${app.address}/api/v3/identities`);
    const { items } = (await list.json()) as { items: { id: string }[] };
    const path = `${app.address}/api/v3/identities/${items[0]?.id}`;
    expect((await browser.send(path, { method: "DELETE", headers: CSRF })).status).toBe(409);
    const stranger = await app.session("viewer");
    expect((await stranger.fetch(`/api/v3/identities/${items[0]?.id}`, { method: "DELETE" })).status).toBe(
      404,
    );
  });
});

describe("attacks on the way back", () => {
  test("a state that is not ours, and a browser that began nothing, are refused", async () => {
    const browser = visitor("victim");
    const callback = await browser.follow(`${app.address}${START}`, isCallback);
    const forged = new URL(callback);
    forged.searchParams.set("state", "another");
    expect(landing(await browser.follow(forged.href))).toBe("/sign-in?problem=sign_in_expired");
    const other = new CookieBrowser();
    expect(landing(await other.follow(callback.href))).toBe("/sign-in?problem=sign_in_expired");
    expect(other.cookie(app.address, app.cookieName("session"))).toBeUndefined();
  });

  test("an answer counts once, whoever kept its cookie", async () => {
    const browser = visitor("replay");
    const callback = await browser.follow(`${app.address}${START}`, isCallback);
    const kept = browser.cookie(app.address, app.cookieName("oidc")) ?? "";
    expect(landing(await browser.follow(callback.href))).toBe("/");
    browser.setCookie(app.address, app.cookieName("oidc"), kept);
    expect(landing(await browser.follow(callback.href))).toBe("/sign-in?problem=sign_in_expired");
  });

  test("a code of another flow is worth nothing in mine: neither injected nor replayed", async () => {
    const stolen = await visitor("rich").follow(`${app.address}${START}`, isCallback);
    const browser = visitor("poor");
    const own = await browser.follow(`${app.address}${START}`, isCallback);
    own.searchParams.set("code", stolen.searchParams.get("code") ?? "");
    expect(landing(await browser.follow(own.href))).toBe("/sign-in?problem=provider_failed");
    expect(browser.cookie(app.address, app.cookieName("session"))).toBeUndefined();
  });

  test("a nonce that was exchanged on the way is noticed", async () => {
    const browser = visitor("nonce");
    const authorize = await browser.follow(`${app.address}${START}`, ({ pathname }) => pathname === "/auth");
    authorize.searchParams.set("nonce", "of-the-attacker");
    expect(landing(await browser.follow(authorize.href))).toBe("/sign-in?problem=provider_failed");
  });

  test("an answer in the name of another issuer is refused (mix-up)", async () => {
    const browser = visitor("mixup");
    const callback = await browser.follow(`${app.address}${START}`, isCallback);
    callback.searchParams.set("iss", "https://evil.example");
    expect(landing(await browser.follow(callback.href))).toBe("/sign-in?problem=provider_failed");
  });

  test("a person who says no at the provider is told so", async () => {
    const browser = visitor("no");
    const callback = await browser.follow(`${app.address}${START}`, isCallback);
    callback.searchParams.delete("code");
    callback.searchParams.set("error", "access_denied");
    expect(landing(await browser.follow(callback.href))).toBe("/sign-in?problem=sign_in_refused");
  });

  test.each([
    "//evil.example",
    "https://evil.example/",
    "/\\evil.example",
    "/%5cevil.example/..//evil",
    "javascript:alert(1)",
    "/\tevil",
    "\\\\evil",
    "/a\r\nlocation: https://evil.example",
  ])("next=%j stays at home", async (next) => {
    const browser = visitor("redirected");
    const end = await browser.follow(
      `${app.address}${START}?next=${encodeURIComponent(next)}`,
      ({ origin }) => origin.includes("evil"),
    );
    expect(end.origin).toBe(app.address);
  });

  test("a session planted before does not survive the sign-in", async () => {
    const planted = await app.session("viewer");
    const secret = planted.headers.cookie?.split("=")[1] ?? "";
    const browser = visitor("fixed");
    browser.setCookie(app.address, app.cookieName("session"), secret);
    await browser.follow(`${app.address}${START}`);
    expect(browser.cookie(app.address, app.cookieName("session"))).not.toBe(secret);
    expect((await planted.get("/api/v3/session")).status).toBe(401);
  });

  test("an unknown provider is a page that says so, not a trace", async () => {
    const end = await new CookieBrowser().follow(`${app.address}/api/v3/sign-in/none`);
    expect(landing(end)).toBe("/sign-in?problem=provider_not_found");
  });

  test("the flow's cookie cannot be read or forged", async () => {
    const browser = visitor("seal");
    await browser.follow(`${app.address}${START}`, isCallback);
    const sealed = browser.cookie(app.address, app.cookieName("oidc")) ?? "";
    expect(Buffer.from(sealed, "base64url").toString("latin1")).not.toContain("codeVerifier");
    const bytes = Buffer.from(sealed, "base64url");
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    browser.setCookie(app.address, app.cookieName("oidc"), bytes.toString("base64url"));
    const callback = await browser.follow(`${app.address}${START}/callback?code=x&state=y`);
    expect(landing(callback)).toBe("/sign-in?problem=sign_in_expired");
  });
});
