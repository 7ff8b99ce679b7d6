import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { type RunningApp, startApp, type TestClient } from "../../support/start-app.ts";

let app: RunningApp;
let guest: TestClient;
let admin: TestClient;

beforeAll(async () => {
  app = await startApp({ settings: { "server.bodyLimitBytes": 2_048 } });
  guest = app.guest();
  admin = await app.token(["*"]);
});
afterAll(() => app[Symbol.asyncDispose]());

const problemOf = async (response: Response) => (await response.json()) as { code: string; detail: string };

describe("correlation", () => {
  test("a caller's id comes back in header and problem; an odd one is replaced", async () => {
    const response = await guest.with({ "x-correlation-id": "deploy-42.a_b" }).get("/api/v3/system");
    expect(response.headers.get("x-correlation-id")).toBe("deploy-42.a_b");
    expect(await response.json()).toMatchObject({ correlationId: "deploy-42.a_b" });
    const odd = await guest.with({ "x-correlation-id": "a b\u00e9<script>" }).get("/livez");
    expect(odd.headers.get("x-correlation-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("the trace id of a traceparent becomes the id", async () => {
    const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    const response = await guest.with({ traceparent: `00-${trace}-00f067aa0ba902b7-01` }).get("/livez");
    expect(response.headers.get("x-correlation-id")).toBe(trace);
  });
});

describe("hosts", () => {
  const status = async (host: string) => (await guest.with({ host }).get("/livez")).status;

  test("loopback names pass, with any port; every other name is refused", async () => {
    for (const host of ["localhost", "127.0.0.1:1", "[::1]:8000", "LOCALHOST:99"]) {
      expect([host, await status(host)]).toEqual([host, 200]);
    }
    for (const host of ["evil.example", "localhost.evil.example", "10.0.0.1", "127.0.0.1.evil.example"]) {
      expect([host, await status(host)]).toEqual([host, 421]);
    }
    expect(await problemOf(await guest.with({ host: "evil.example" }).get("/livez"))).toMatchObject({
      code: "host_not_allowed",
    });
  });

  test("publicUrl and allowedHosts add names, and https there makes the answer secure", async () => {
    await using other = await startApp({
      settings: { "server.publicUrl": "https://ops.example.org", "server.allowedHosts": ["lan.example"] },
    });
    const client = other.guest();
    expect((await client.with({ host: "ops.example.org" }).get("/livez")).status).toBe(200);
    expect((await client.with({ host: "lan.example:8000" }).get("/livez")).status).toBe(200);
    const page = await client.with({ host: "ops.example.org" }).get("/docs");
    expect(page.headers.get("strict-transport-security")).toContain("max-age");
    await page.body?.cancel();
  });
});

describe("methods", () => {
  test("a known path answers a wrong method with 405 and what it knows", async () => {
    const response = await admin.fetch("/api/v3/users", { method: "PUT" });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, POST, HEAD, OPTIONS");
    expect(await problemOf(response)).toMatchObject({ code: "method_not_allowed" });
    expect((await admin.fetch("/api/v3/users/x", { method: "PUT" })).status).toBe(405);
  });

  test("HEAD answers as GET without a body; OPTIONS lists methods and opens nothing to other sites", async () => {
    const [head, get] = [
      await admin.fetch("/api/v3/roles", { method: "HEAD" }),
      await admin.get("/api/v3/roles"),
    ];
    expect(head.status).toBe(200);
    expect(await head.text()).toBe("");
    expect(Number(head.headers.get("content-length"))).toBe(Buffer.byteLength(await get.text()));
    const options = await guest
      .with({ origin: "https://evil.example", "access-control-request-method": "POST" })
      .fetch("/api/v3/users", { method: "OPTIONS" });
    expect(options.status).toBe(204);
    expect(options.headers.get("allow")).toBe("GET, POST, HEAD, OPTIONS");
    expect([...options.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  });
});

describe("bodies", () => {
  const post = (body: BodyInit, headers: Record<string, string>) =>
    admin.fetch("/api/v3/users", { method: "POST", body, headers });
  const json = { "content-type": "application/json" };

  test("only JSON in UTF-8 is read", async () => {
    for (const type of ["text/plain", "application/xml", "application/json; charset=latin1", "json", ""]) {
      const response = await post("{}", type ? { "content-type": type } : {});
      expect([type, response.status]).toEqual([type, 415]);
    }
    expect((await post("{}", { "content-type": "application/json; charset=utf-8" })).status).toBe(422);
  });

  test("a body over the limit is refused, announced or not", async () => {
    const announced = await post(JSON.stringify({ name: "x".repeat(3_000) }), json);
    expect(announced.status).toBe(413);
    expect(await problemOf(announced)).toMatchObject({ code: "body_too_large" });
    const chunks = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode(" ".repeat(1_000)));
      },
    });
    expect((await post(chunks, json)).status).toBe(413);
  });

  test("malformed, too deep and poisoned JSON is refused before anything reads it", async () => {
    expect(await problemOf(await post("{", json))).toMatchObject({ code: "invalid_request" });
    const deep = `${"[".repeat(40)}${"]".repeat(40)}`;
    expect((await problemOf(await post(deep, json))).detail).toContain("32 levels");
    const bracketsInText = JSON.stringify({ name: "[".repeat(60) });
    expect((await post(bracketsInText, json)).status).toBe(422);
    expect((await post('{"__proto__":{"role":"admin"}}', json)).status).toBe(400);
  });

  test("what cannot be written as a text is refused like anything else that is wrong", async () => {
    for (const name of ["toString", "valueOf"]) {
      const answer = await post(JSON.stringify({ name: { [name]: 1 }, password: "x" }), json);
      expect(await problemOf(answer)).toMatchObject({ status: 422, code: "validation_failed" });
    }
  });

  test("a stranger is refused before the body is looked at", async () => {
    const response = await guest.fetch("/api/v3/users", { method: "POST", body: "{", headers: json });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toContain("Bearer");
  });

  test("validation names each field that is wrong", async () => {
    const response = await post(JSON.stringify({ name: 7, colour: "red" }), json);
    expect(response.status).toBe(422);
    const { errors } = (await response.json()) as { errors: { path: string }[] };
    expect(errors.map(({ path }) => path)).toEqual(expect.arrayContaining(["colour", "name", "password"]));
    const query = await admin.get("/api/v3/users?limit=100000");
    expect((await problemOf(query)).detail).toBe("limit: Expected a whole number from 1 to 200.");
  });
});

describe("changes made with a cookie", () => {
  const change = (client: TestClient) => client.send("POST", "/api/v3/users", {});

  test("need the header or the browser's word that they come from here", async () => {
    const browser = await app.session("admin");
    const bare = browser.with({ "x-binnacle-csrf": "" });
    expect((await change(browser)).status).toBe(422);
    expect((await change(bare.with({ "sec-fetch-site": "same-origin" }))).status).toBe(422);
    expect((await change(bare.with({ origin: app.address }))).status).toBe(422);
    for (const headers of [{}, { origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
      const response = await change(bare.with(headers));
      expect(response.status).toBe(403);
      expect(await problemOf(response)).toMatchObject({ code: "cross_site_request" });
    }
    expect((await bare.get("/api/v3/users")).status).toBe(200);
  });

  test("GraphQL mutations need the header, whatever else the browser says", async () => {
    const bare = (await app.session("admin")).with({
      "x-binnacle-csrf": "",
      "sec-fetch-site": "same-origin",
    });
    const { status, result } = await bare.graphql("mutation { clearCache { hits } }");
    expect(status).toBe(403);
    expect(result.errors?.[0]?.extensions.code).toBe("cross_site_request");
    expect((await bare.graphql("{ cacheStats { hits } }")).status).toBe(200);
    expect(
      (await bare.with({ "x-binnacle-csrf": "1" }).graphql("mutation { clearCache { hits } }")).status,
    ).toBe(200);
  });

  test("another site cannot sign a visitor in", async () => {
    const response = await guest
      .with({ origin: "https://evil.example" })
      .send("POST", "/api/v3/session", { name: "a", password: "b" });
    expect(response.status).toBe(403);
  });
});

describe("credentials", () => {
  test("a wrong token is 401 even on open paths; a worthless cookie makes a nobody and is cleared", async () => {
    const wrong = await guest.with({ authorization: "Bearer bnc_nonsense" }).get("/livez");
    expect(wrong.status).toBe(401);
    expect(await problemOf(wrong)).toMatchObject({ code: "invalid_token" });
    const stale = await guest.with({ cookie: `${app.cookieName("session")}=nonsense` }).get("/livez");
    expect(stale.status).toBe(200);
    expect(stale.headers.get("set-cookie")).toContain("Max-Age=0");
  });

  test("versions are for those who are known", async () => {
    expect(await (await guest.get("/api/health")).json()).toEqual({ status: "ok" });
    expect(await (await admin.get("/api/health")).json()).toContainKeys(["version", "uptimeSeconds"]);
  });
});

describe("rates", () => {
  test("each class has its own bucket, requests that turn out invalid count, and 429 says when to return", async () => {
    await using limited = await startApp({
      settings: { "limits.api.burst": 2, "limits.api.perMinute": 6, "limits.graphql.burst": 1 },
    });
    const token = await limited.token(["*"]);
    expect((await token.send("POST", "/api/v3/users", {})).status).toBe(422);
    expect((await token.get("/api/v3/roles")).status).toBe(200);
    const third = await token.get("/api/v3/roles");
    expect(third.status).toBe(429);
    expect(Number(third.headers.get("retry-after"))).toBeWithin(1, 11);
    expect((await token.graphql("{ cacheStats { hits } }")).status).toBe(200);
    expect((await limited.guest().get("/livez")).status).toBe(200);
  });

  test("guessing passwords is slowed by address", async () => {
    await using limited = await startApp({
      settings: { "limits.login.burst": 3, "limits.login.perMinute": 3 },
    });
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      const response = await limited
        .guest()
        .send("POST", "/api/v3/session", { name: "root", password: "guess" });
      statuses.push(response.status);
    }
    expect(statuses).toEqual([401, 401, 401, 429]);
  });
});

describe("answers", () => {
  const raw = (path: string, headers: Record<string, string>) =>
    admin.with(headers).fetch(path, { decompress: false } as RequestInit);

  test("are compressed as the client likes best, when it pays", async () => {
    const plain = Buffer.from(
      await (await raw("/openapi.json", { "accept-encoding": "identity" })).arrayBuffer(),
    );
    const decoders = { zstd: zstdDecompressSync, br: brotliDecompressSync, gzip: gunzipSync };
    for (const [encoding, decode] of Object.entries(decoders)) {
      const response = await raw("/openapi.json", { "accept-encoding": `${encoding}, identity;q=0.1` });
      const body = Buffer.from(await response.arrayBuffer());
      expect(response.headers.get("content-encoding")).toBe(encoding);
      expect(response.headers.get("vary")).toContain("accept-encoding");
      expect(decode(body).equals(plain)).toBe(true);
      expect(body.length).toBeLessThan(plain.length * 0.4);
    }
    const preferred = await raw("/openapi.json", { "accept-encoding": "zstd;q=0.2, br;q=0.1, gzip;q=0.9" });
    expect(preferred.headers.get("content-encoding")).toBe("gzip");
    const refused = await raw("/openapi.json", { "accept-encoding": "gzip;q=0" });
    expect(refused.headers.has("content-encoding")).toBe(false);
    const small = await raw("/livez", { "accept-encoding": "gzip" });
    expect(small.headers.has("content-encoding")).toBe(false);
  });

  test("carry a tag, and 304 answers who holds it", async () => {
    const first = await admin.get("/api/v3/roles");
    const etag = first.headers.get("etag") ?? "";
    const second = await admin.with({ "if-none-match": etag }).get("/api/v3/roles");
    expect(second.status).toBe(304);
    expect(await second.text()).toBe("");
    expect((await admin.with({ "if-none-match": '"other"' }).get("/api/v3/roles")).status).toBe(200);
  });

  test("pages have a policy without inline scripts, cannot be framed, and no answer is guessed at", async () => {
    const page = await guest.get("/docs");
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(page.headers.get("x-frame-options")).toBe("DENY");
    expect((await guest.get("/livez")).headers.get("x-content-type-options")).toBe("nosniff");
  });
});

describe("the owner's socket", () => {
  test("is the owner's alone and needs no token", async () => {
    const { controlSocket } = app.parts.folder.paths;
    expect(statSync(controlSocket).mode & 0o777).toBe(0o600);
    const response = await fetch("http://localhost/api/v3/users", { unix: controlSocket });
    expect(response.status).toBe(200);
  });
});

describe("start and stop", () => {
  test("a port in use is one clear sentence", async () => {
    const failed = startApp({ settings: { "server.port": app.app.port } });
    await expect(failed).rejects.toThrow(/port \d+ is in use/);
  });

  test("once stopped, nothing listens and the owner's socket is gone", async () => {
    const other = await startApp();
    const { controlSocket } = other.parts.folder.paths;
    const { address } = other;
    await other[Symbol.asyncDispose]();
    await expect(fetch(`${address}/livez`)).rejects.toThrow();
    expect(() => statSync(controlSocket)).toThrow();
  });

  test("requests are counted with their durations", async () => {
    app.parts.traffic.read();
    await guest.get("/livez");
    const before = app.parts.traffic.read();
    await guest.get("/livez");
    const after = app.parts.traffic.read();
    expect(after.httpRequests).toBe(before.httpRequests + 1);
    expect(after.httpDurationSeconds?.p99).toBeGreaterThan(0);
  });
});
