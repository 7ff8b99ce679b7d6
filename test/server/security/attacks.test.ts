import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { median } from "../../bench/model.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { sized } from "../../support/sizes.ts";
import { PASSWORD, type RunningApp, startApp, type TestClient } from "../../support/start-app.ts";

const EVIL = "https://evil.example";
const ROUNDS = sized(12, 40);

let app: RunningApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app[Symbol.asyncDispose]());

const secretOf = ({ headers }: TestClient): string => headers.cookie?.split("=")[1] ?? "";

/** Tries to open a WebSocket; whether it opened. */
const opens = (path: string, headers: Record<string, string>): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = new WebSocket(`${app.address.replace("http", "ws")}${path}`, {
      headers,
    } as unknown as string[]);
    socket.onopen = () => {
      socket.close();
      resolve(true);
    };
    socket.onerror = () => resolve(false);
  });

describe("fixation", () => {
  test("a session that was there before the sign-in is worth nothing after it", async () => {
    const planted = await app.session("viewer");
    const answer = await planted.send("POST", "/api/v3/session", { name: "viewer-2", password: PASSWORD });
    expect(answer.status).toBe(200);
    const given = answer.headers
      .getSetCookie()
      .find((cookie) => cookie.startsWith(`${app.cookieName("session")}=`));
    expect(given).not.toContain(secretOf(planted));
    expect((await planted.get("/api/v3/session")).status).toBe(401);
  });

  test("a cookie that an attacker chose is never adopted, and two of them count as none", async () => {
    const chosen = "A".repeat(43);
    const answer = await app
      .guest()
      .with({ cookie: `${app.cookieName("session")}=${chosen}` })
      .get("/api/v3/setup");
    expect(answer.headers.getSetCookie().join()).toContain("Max-Age=0");
    const real = await app.session("viewer");
    const name = app.cookieName("session");
    const both = app.guest().with({ cookie: `${name}=${chosen}; ${name}=${secretOf(real)}` });
    expect((await both.get("/api/v3/session")).status).toBe(401);
  });
});

describe("replay", () => {
  test("a session is dead once it signed out; a token once it was revoked; at once, on every edge", async () => {
    const browser = await app.session("admin");
    await browser.fetch("/api/v3/session", { method: "DELETE" });
    expect((await browser.get("/api/v3/users")).status).toBe(401);
    expect((await browser.graphql("{ viewer { user { id } } }")).result.errors?.[0]?.extensions.code).toBe(
      "unauthenticated",
    );
    expect(await opens("/api/v3/ws/live-metrics", { ...browser.headers })).toBe(false);

    const admin = await app.session("admin");
    const made = await admin.send("POST", "/api/v3/tokens", {
      name: "t",
      scopes: ["metrics:read"],
      expiresInDays: 1,
    });
    const { id, token } = (await made.json()) as { id: string; token: string };
    const bearer = app.guest().with({ authorization: `Bearer ${token}` });
    expect((await bearer.get("/api/metrics")).status).toBe(200);
    await admin.fetch(`/api/v3/tokens/${id}`, { method: "DELETE" });
    expect((await bearer.get("/api/metrics")).status).toBe(401);
    expect(await opens("/api/v3/ws/live-metrics", { ...bearer.headers })).toBe(false);
  });

  test("ending the others ends them at once", async () => {
    const here = await app.session("viewer");
    const signIn = await app.guest().send("POST", "/api/v3/session", {
      name: ((await (await here.get("/api/v3/session")).json()) as { user: { name: string } }).user.name,
      password: PASSWORD,
    });
    const there = app.guest().with({ cookie: signIn.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "" });
    expect((await there.get("/api/v3/session")).status).toBe(200);
    expect(await (await here.fetch("/api/v3/sessions", { method: "DELETE" })).json()).toEqual({ ended: 1 });
    expect((await there.get("/api/v3/session")).status).toBe(401);
    expect((await here.get("/api/v3/session")).status).toBe(200);
  });
});

describe("cross-site requests with the victim's cookie", () => {
  const FORM = "application/x-www-form-urlencoded";

  test.each<[string, Record<string, string>]>([
    [
      "a form",
      { origin: EVIL, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "content-type": FORM },
    ],
    ["a form without an origin", { origin: "null", "content-type": "text/plain" }],
    ["a fetch without CORS", { origin: EVIL, "sec-fetch-site": "cross-site", "content-type": "text/plain" }],
    [
      "a page of a neighbouring subdomain",
      { origin: "http://evil.localhost", "sec-fetch-site": "same-site" },
    ],
    ["a page on another port", { origin: "http://127.0.0.1:1", "sec-fetch-site": "same-site" }],
    ["an old browser that says nothing", { "content-type": "application/json" }],
    [
      "a page that forges the header by a loose proxy",
      { origin: EVIL, "sec-fetch-site": "cross-site", "x-binnacle-csrf": "1" },
    ],
  ])("%s changes nothing", async (_name, headers) => {
    const victim = await app.session("admin");
    const forged = app.guest().with({ cookie: victim.headers.cookie ?? "", ...headers });
    for (const [method, path] of [
      ["POST", "/api/v3/users"],
      ["DELETE", "/api/v3/session"],
      ["DELETE", "/api/v3/sessions"],
      ["POST", "/api/v3/roles"],
    ] as const) {
      const body = JSON.stringify({ name: "mallory", password: PASSWORD, role: "admin" });
      const answer = await forged.fetch(path, { method, ...(method === "POST" ? { body } : {}) });
      expect([path, answer.status]).toEqual([path, 403]);
    }
    const query = JSON.stringify({
      query: 'mutation { createRole(name: "x", description: "", scopes: ["*"]) { name } }',
    });
    const graph = await forged.fetch("/graphql", {
      method: "POST",
      body: query,
      headers: { "content-type": "application/json" },
    });
    expect(await graph.text()).not.toContain('"createRole":{');
    expect((await victim.get("/api/v3/session")).status).toBe(200);
  });

  test("a GraphQL mutation by GET is refused, so that a link or an image cannot send one", async () => {
    const victim = await app.session("admin");
    const query = encodeURIComponent('mutation { removeRole(name: "x") }');
    const answer = await victim.get(`/graphql?query=${query}`);
    expect(answer.status).toBeGreaterThanOrEqual(400);
  });

  test.each(["/api/v3/ws/live-metrics", "/graphql", "/api/v3/ws/events"])(
    "a WebSocket to %s from another site does not open",
    async (path) => {
      const victim = await app.session("admin");
      const { cookie = "" } = victim.headers;
      const protocol = path === "/graphql" ? { "sec-websocket-protocol": "graphql-transport-ws" } : {};
      expect(await opens(path, { cookie, origin: EVIL, ...protocol })).toBe(false);
      expect(await opens(path, { cookie, origin: "null", ...protocol })).toBe(false);
    },
  );

  test("a sign-in by another site's form is refused: nobody is signed in as somebody else unawares", async () => {
    const forged = app.guest().with({ origin: EVIL, "sec-fetch-site": "cross-site" });
    const answer = await forged.send("POST", "/api/v3/session", { name: "admin-1", password: PASSWORD });
    expect(answer.status).toBe(403);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });
});

describe("guessing at the door", () => {
  test("takes ever longer, for a name that exists and for one that does not, in the same words", async () => {
    // On a clock that stands still, a wait is not over because the machine is slow.
    await using house = await startApp({ clock: new ManualClock() });
    const victim = await house.session("viewer");
    const { user } = (await (await victim.get("/api/v3/session")).json()) as { user: { name: string } };
    const seen = async (name: string) => {
      const answers: [number, string | null, string][] = [];
      for (let count = 0; count < 7; count++) {
        const body = { name, password: "wrong password" };
        const answer = await house.guest().send("POST", "/api/v3/session", body);
        const { code } = (await answer.json()) as { code: string };
        answers.push([answer.status, answer.headers.get("retry-after"), code]);
      }
      return answers;
    };
    const existing = await seen(user.name);
    expect(existing.map(([status]) => status)).toEqual([401, 401, 401, 401, 401, 429, 429]);
    expect(await seen("no-such-person")).toEqual(existing);
    const right = await house
      .guest()
      .send("POST", "/api/v3/session", { name: user.name, password: PASSWORD });
    expect(right.status).toBe(429);
  });

  test("keeps nobody out who has signed in from their browser before", async () => {
    await using house = await startApp({ clock: new ManualClock() });
    const victim = await house.session("viewer");
    const { user } = (await (await victim.get("/api/v3/session")).json()) as { user: { name: string } };
    const first = await house
      .guest()
      .send("POST", "/api/v3/session", { name: user.name, password: PASSWORD });
    const device = first.headers
      .getSetCookie()
      .find((cookie) => cookie.startsWith(`${house.cookieName("device")}=`));
    const cookie = device?.split(";", 1)[0] ?? "";
    expect(device).toMatch(/HttpOnly; SameSite=Strict/);
    const wrong = { name: user.name, password: "wrong password" };
    for (let count = 0; count < 8; count++) await house.guest().send("POST", "/api/v3/session", wrong);
    const right = { name: user.name, password: PASSWORD };
    expect((await house.guest().send("POST", "/api/v3/session", right)).status).toBe(429);
    expect((await house.guest().with({ cookie }).send("POST", "/api/v3/session", right)).status).toBe(200);
    const forged = `${cookie.slice(0, -2)}xx`;
    expect((await house.guest().with({ cookie: forged }).send("POST", "/api/v3/session", right)).status).toBe(
      429,
    );
  });

  test("an unknown name takes as long as a wrong password", async () => {
    await using house = await startApp();
    await house.session("admin");
    const time = async (name: string, address: number): Promise<number> => {
      const startedAt = performance.now();
      const caller = {
        principal: { kind: "nobody", scopes: [] },
        correlationId: "timing",
        clientAddress: `192.0.2.${address}`,
      } as const;
      await house.parts.signIn
        .withPassword({ name, password: "wrong password" }, caller, { userAgent: "" })
        .catch(() => undefined);
      return performance.now() - startedAt;
    };
    const [known, unknown]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      known.push(await time("admin-1", round));
      unknown.push(await time("no-such-person", round));
    }
    const ratio = median(unknown) / median(known);
    expect(ratio).toBeGreaterThan(0.6);
    expect(ratio).toBeLessThan(1.6);
  });

  test("what was tried stands in the audit log, with the address and the browser that got in", async () => {
    await using house = await startApp();
    const admin = await house.session("admin");
    await house.guest().send("POST", "/api/v3/session", { name: "mallory", password: "wrong password" });
    await house.parts.audit.flush();
    const rows = house.parts.databases.state.reader.$client
      .query<{ outcome: string; target: string; detail: string; address: string }, []>(
        "SELECT outcome, target, detail, address FROM audit WHERE action = 'session.open' ORDER BY seq",
      )
      .all();
    expect(rows).toMatchObject([
      { outcome: "ok", address: "127.0.0.1" },
      { outcome: "denied", target: "mallory", address: "127.0.0.1" },
    ]);
    expect(JSON.parse(rows[0]?.detail ?? "{}")).toMatchObject({ by: "password" });
    expect((await admin.get("/api/v3/session")).status).toBe(200);
  });
});
