import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type RunningApp, startApp } from "../../support/start-app.ts";

const OVER_HTTPS = { "x-forwarded-for": "198.51.100.7", "x-forwarded-proto": "https" };
const OVER_HTTP = { "x-forwarded-for": "198.51.100.7", "x-forwarded-proto": "http" };

let app: RunningApp;
beforeAll(async () => {
  app = await startApp({
    settings: {
      "server.requireHttps": true,
      "server.trustedProxies": ["127.0.0.1"],
      "server.allowedHosts": ["ops.example.org"],
    },
  });
});
afterAll(() => app[Symbol.asyncDispose]());

const ask = (path: string, init: RequestInit & { headers: Record<string, string> }): Promise<Response> =>
  fetch(`${app.address}${path}`, {
    redirect: "manual",
    ...init,
    headers: { host: "ops.example.org", ...init.headers },
  });

describe("requireHttps", () => {
  test("sends a page on, path and query kept", async () => {
    for (const method of ["GET", "HEAD"]) {
      const response = await ask("/metrics-page?a=1&b=%2F", {
        method,
        headers: { ...OVER_HTTP, accept: "text/html" },
      });
      expect(response.status).toBe(308);
      expect(response.headers.get("location")).toBe("https://ops.example.org/metrics-page?a=1&b=%2F");
    }
  });

  test.each([
    ["GET", "/api/v3/system", {}],
    ["POST", "/api/v3/session", {}],
    ["POST", "/", {}],
    ["GET", "/graphql?query={a}", {}],
    ["GET", "/", { authorization: "Bearer bnc_x" }],
    ["GET", "/api/v3/ws/live-metrics", { upgrade: "websocket", connection: "upgrade" }],
  ])("refuses %s %s with a problem, before anything looks at it", async (method, path, headers) => {
    const response = await ask(path, {
      method,
      headers: { ...OVER_HTTP, ...headers } as Record<string, string>,
    });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: "https_required" });
  });

  test("answers supervisors, and whoever comes by HTTPS, who is told to stay with it", async () => {
    expect((await ask("/livez", { headers: OVER_HTTP })).status).toBe(200);
    const response = await ask("/api/v3/setup", { headers: OVER_HTTPS });
    expect(response.status).toBe(200);
    expect(response.headers.get("strict-transport-security")).toBe("max-age=31536000");
    expect((await ask("/livez", { headers: OVER_HTTP })).headers.has("strict-transport-security")).toBe(
      false,
    );
  });

  test("never sends anybody to a host that is not ours", async () => {
    const response = await ask("/", {
      headers: { ...OVER_HTTP, host: "evil.example", "x-forwarded-host": "evil.example" },
    });
    expect(response.status).toBe(421);
    expect(response.headers.has("location")).toBe(false);
  });

  test("is refused where nothing could come by HTTPS", async () => {
    await expect(startApp({ settings: { "server.requireHttps": true } })).rejects.toThrow();
  });
});
