import { describe, expect, test } from "bun:test";
import { type RunningApp, startApp } from "../../support/start-app.ts";

const FRIEND = "https://friend.example";
const STRANGER = "https://stranger.example";

const withOrigins = (origins: string[], credentials = false): Promise<RunningApp> =>
  startApp({ settings: { "server.cors.origins": origins, "server.cors.credentials": credentials } });

const preflight = (app: RunningApp, origin: string, method = "POST"): Promise<Response> =>
  fetch(`${app.address}/api/v3/tokens`, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": method,
      "access-control-request-headers": "authorization",
    },
  });

/** The CORS headers of an answer. */
const granted = ({ headers }: Response): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith("access-control-")));

describe("CORS", () => {
  test("is off unless configured", async () => {
    await using app = await startApp();
    expect(granted(await preflight(app, FRIEND))).toEqual({});
    expect(granted(await fetch(`${app.address}/api/health`, { headers: { origin: FRIEND } }))).toEqual({});
  });

  test("answers exactly the origins that are named", async () => {
    await using app = await withOrigins([FRIEND]);
    expect(granted(await preflight(app, FRIEND))).toMatchObject({
      "access-control-allow-origin": FRIEND,
      "access-control-allow-methods": "GET, POST, HEAD, OPTIONS",
      "access-control-max-age": "600",
    });
    for (const origin of [
      STRANGER,
      `${FRIEND}.evil`,
      "https://sub.friend.example",
      "http://friend.example",
      "null",
    ]) {
      expect(granted(await preflight(app, origin))).toEqual({});
    }
    const answer = await fetch(`${app.address}/api/health`, { headers: { origin: FRIEND } });
    expect(granted(answer)["access-control-allow-origin"]).toBe(FRIEND);
    expect(answer.headers.get("vary")).toContain("origin");
    const other = await fetch(`${app.address}/api/health`, { headers: { origin: STRANGER } });
    expect(other.headers.get("vary")).toContain("origin");
  });

  test("without credentials an allowed origin still cannot act by the cookie", async () => {
    await using app = await withOrigins([FRIEND]);
    const browser = await app.session("admin");
    const forged = browser.with({ origin: FRIEND, "x-binnacle-csrf": "" });
    const response = await forged.send("POST", "/api/v3/tokens", {});
    expect(response.status).toBe(403);
    expect(granted(response)["access-control-allow-credentials"]).toBeUndefined();
  });

  test("with credentials the named origin may, another may not", async () => {
    await using app = await withOrigins([FRIEND], true);
    const browser = await app.session("admin");
    const body = { name: "by page", scopes: ["metrics:read"], expiresInDays: 1 };
    const friendly = browser.with({ origin: FRIEND, "x-binnacle-csrf": "", "sec-fetch-site": "cross-site" });
    const response = await friendly.send("POST", "/api/v3/tokens", body);
    expect(response.status).toBe(201);
    expect(granted(response)).toMatchObject({ "access-control-allow-credentials": "true" });
    const hostile = browser.with({ origin: STRANGER, "x-binnacle-csrf": "", "sec-fetch-site": "cross-site" });
    expect((await hostile.send("POST", "/api/v3/tokens", body)).status).toBe(403);
  });

  test.each<[string, Record<string, string>]>([
    ["a page that may only read", { origin: FRIEND, "sec-fetch-site": "cross-site" }],
    ["a neighbouring host that names no origin", { "sec-fetch-site": "same-site" }],
  ])("nobody is signed in by %s", async (_who, headers) => {
    await using app = await withOrigins([FRIEND]);
    const page = app.guest().with({ ...headers, "x-binnacle-csrf": "" });
    const response = await page.send("POST", "/api/v3/session", { name: "ann", password: "a guess" });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: "cross_site_request" });
  });

  test("a token works from anywhere with *, and * never says credentials", async () => {
    await using app = await withOrigins(["*"]);
    const client = (await app.token(["system:read"])).with({ origin: STRANGER });
    const response = await client.get("/api/v3/system");
    expect(response.status).toBe(200);
    expect(granted(response)).toMatchObject({ "access-control-allow-origin": "*" });
    expect(granted(response)["access-control-allow-credentials"]).toBeUndefined();
  });

  test.each([
    [["*"], true],
    [["*", FRIEND], false],
    [[`${FRIEND}/`], false],
    [["friend.example"], false],
  ])("%p with credentials %p is refused at the start", async (origins, credentials) => {
    await expect(withOrigins(origins, credentials)).rejects.toThrow();
  });
});
