import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { CookieBrowser } from "../../../support/cookie-browser.ts";
import { ForgedProvider, type Forgery } from "../../../support/forged-provider.ts";
import { type RunningApp, startApp } from "../../../support/start-app.ts";

const HOUR_SECONDS = 3_600;
const START = "/api/v3/sign-in/test";

let provider: ForgedProvider;
let app: RunningApp;

beforeAll(async () => {
  provider = new ForgedProvider("binnacle");
  const settings = {
    id: "test",
    issuer: provider.issuer,
    clientId: "binnacle",
    defaultRole: "viewer",
    create: true,
  };
  app = await startApp({
    settings: {
      "signIn.providers": [
        { ...settings, allow: ["127.0.0.1"] },
        { ...settings, id: "private" },
      ],
    },
  });
  await app.session("admin");
});
beforeEach(() => {
  provider.forgery = {};
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  provider[Symbol.dispose]();
});

/** Signs in as the forgery says; where the browser lands, and whether it holds a session. */
async function signIn(forgery: Forgery): Promise<{ landing: string; isSignedIn: boolean }> {
  provider.forgery = forgery;
  const browser = new CookieBrowser();
  const authorize = await browser.follow(`${app.address}${START}`, ({ pathname }) => pathname === "/auth");
  provider.nonce = authorize.searchParams.get("nonce") ?? "";
  const state = authorize.searchParams.get("state") ?? "";
  const end = await browser.follow(`${app.address}${START}/callback?code=any&state=${state}`);
  return {
    landing: `${end.pathname}${end.search}`.replace(/&correlation=.*/, ""),
    isSignedIn: browser.cookie(app.address, app.cookieName("session")) !== undefined,
  };
}

const nowSeconds = (): number => Math.floor(Date.now() / 1_000);

test("an honest token is taken", async () => {
  expect(await signIn({})).toEqual({ landing: "/", isSignedIn: true });
});

test.each([
  ["wrong issuer", () => ({ claims: { iss: "https://evil.example" } })],
  ["another audience", () => ({ claims: { aud: "another-client" } })],
  [
    "several audiences without being the authorized party",
    () => ({ claims: { aud: ["binnacle", "x"], azp: "x" } }),
  ],
  ["expired", () => ({ claims: { exp: nowSeconds() - HOUR_SECONDS } })],
  ["not yet valid", () => ({ claims: { nbf: nowSeconds() + HOUR_SECONDS } })],
  ["another nonce", () => ({ claims: { nonce: "another" } })],
  ["no nonce", () => ({ claims: { nonce: undefined } })],
  ["no subject", () => ({ claims: { sub: undefined } })],
  ["signature of another key", () => ({ hasForeignSignature: true })],
  ["algorithm none", () => ({ header: { alg: "none" } })],
  ["algorithm that was not announced", () => ({ header: { alg: "HS256" } })],
  ["a key nobody published", () => ({ header: { kid: "unknown" }, hasForeignSignature: true })],
  ["no token at all", () => ({ idToken: "" })],
  ["nonsense", () => ({ idToken: "a.b.c" })],
  ["an error", () => ({ answer: () => Response.json({ error: "invalid_grant" }, { status: 400 }) })],
  [
    "a page",
    () => ({ answer: () => new Response("<h1>hello</h1>", { headers: { "content-type": "text/html" } }) }),
  ],
  [
    "a redirect inwards",
    () => ({ answer: () => Response.redirect("http://169.254.169.254/latest/meta-data") }),
  ],
  ["an answer without end", () => ({ answer: () => new Response("x".repeat(2_000_000)) })],
] satisfies [string, () => Forgery][])("%s is refused", async (_name, forgery) => {
  expect(await signIn(forgery())).toEqual({ landing: "/sign-in?problem=provider_failed", isSignedIn: false });
});

test("a provider at a private address that the settings do not allow is never asked", async () => {
  const end = await new CookieBrowser().follow(`${app.address}/api/v3/sign-in/private`);
  expect(end.searchParams.get("problem")).toBe("provider_failed");
});

test("what the provider answered stays inside", async () => {
  provider.forgery = { answer: () => Response.json({ error: "internal words of theirs" }, { status: 500 }) };
  const { landing } = await signIn(provider.forgery);
  expect(landing).not.toContain("theirs");
});
