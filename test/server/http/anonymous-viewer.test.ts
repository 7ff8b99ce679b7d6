import { expect, test } from "bun:test";
import { ROLES } from "../../../schema/rules/scopes.ts";
import { startApp } from "../../support/start-app.ts";

const OFF = { "dashboard.auth": false };

test("without sign-in, whoever reaches the loopback address sees what a viewer sees, and changes nothing", async () => {
  await using app = await startApp({ settings: OFF });
  const guest = app.guest();
  expect((await guest.get("/api/metrics")).status).toBe(200);
  expect(await (await guest.get("/api/v3/setup")).json()).toMatchObject({
    signedIn: false,
    anonymousScopes: [...ROLES.viewer.scopes],
  });
  expect((await guest.get("/api/v3/users")).status).toBe(401);
  expect((await guest.get("/api/v3/tokens")).status).toBe(401);
  expect(
    (await guest.send("POST", "/api/v3/tokens", { name: "x", scopes: ["metrics:read"], expiresInDays: null }))
      .status,
  ).toBe(401);
  const { result } = await guest.graphql("{ users { items { id } } }");
  expect(result.errors?.[0]?.extensions.code).toBe("unauthenticated");
  expect(
    (await guest.with({ authorization: `Bearer bnc_${"x".repeat(43)}` }).get("/api/metrics")).status,
  ).toBe(401);
  const admin = await app.session("admin");
  expect((await admin.get("/api/v3/users")).status).toBe(200);
});

test.each<Record<string, string>>([
  { "x-forwarded-for": "203.0.113.5" },
  { forwarded: "for=203.0.113.5" },
  { via: "1.1 proxy" },
  { "x-real-ip": "203.0.113.5" },
])("a request that came by a proxy is not local: %p", async (headers) => {
  await using app = await startApp({ settings: OFF });
  expect((await app.guest().with(headers).get("/api/metrics")).status).toBe(401);
});

test.each<Record<string, unknown>>([
  { "server.host": "0.0.0.0" },
  { "server.trustedProxies": ["127.0.0.1"] },
  { "server.publicUrl": "https://ops.example.org" },
])("beyond loopback the setting counts for nothing: %p", async (settings) => {
  await using app = await startApp({ settings: { ...OFF, ...settings } });
  const address = `http://127.0.0.1:${app.app.port}`;
  expect((await fetch(`${address}/api/metrics`)).status).toBe(401);
});

test("and by default everybody signs in", async () => {
  await using app = await startApp();
  expect((await app.guest().get("/api/metrics")).status).toBe(401);
});
