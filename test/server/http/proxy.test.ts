import { describe, expect, test } from "bun:test";
import { Configuration } from "../../../server/config/configuration.ts";
import { TrustedProxies } from "../../../server/http/forwarded.ts";
import { startApp } from "../../support/start-app.ts";

const SEEN = { isSecure: false, host: "seen.example" };

const proxies = (settings: Record<string, unknown>): TrustedProxies =>
  new TrustedProxies(new Configuration([{ origin: "test", values: new Map(Object.entries(settings)) }]));

const TRUSTING = { "server.trustedProxies": ["10.0.0.0/8", "2001:db8::/32", "127.0.0.1"] };

/** What is believed when `peer` sends these headers. */
const read = (
  headers: Record<string, string>,
  peer = "10.0.0.1",
  settings: Record<string, unknown> = TRUSTING,
) => proxies(settings).read(new Headers(headers), peer, SEEN);

describe("X-Forwarded", () => {
  test.each([
    ["one proxy", "198.51.100.7", "198.51.100.7"],
    ["a client that invents hops", "1.1.1.1, 9.9.9.9, 198.51.100.7", "198.51.100.7"],
    ["a chain of trusted proxies", "198.51.100.7, 10.1.1.1, 10.2.2.2", "198.51.100.7"],
    ["an invented hop before a chain", "8.8.8.8, 198.51.100.7, 10.1.1.1", "198.51.100.7"],
    ["nothing but trusted ones", "10.9.9.9, 10.1.1.1", "10.9.9.9"],
    ["an address with a port", "198.51.100.7:4711", "198.51.100.7"],
    ["IPv6 with a port", "[2001:470::1]:443", "2001:470::1"],
    ["IPv4 in IPv6", "::ffff:198.51.100.7", "198.51.100.7"],
    ["a hop that hides itself", "198.51.100.7, unknown", "10.0.0.1"],
    ["nonsense", "<script>", "10.0.0.1"],
    ["nothing", "", "10.0.0.1"],
    ["more invented hops than are looked at", `${"9.9.9.9, ".repeat(40)}198.51.100.7`, "198.51.100.7"],
    ["an absurdly long chain", "1.1.1.1, ".repeat(2_000), "10.0.0.1"],
  ])("%s", (_name, chain, address) => {
    expect(read({ "x-forwarded-for": chain }).address).toBe(address);
  });

  test("scheme and host come with it, each from its own hop", () => {
    const headers = {
      "x-forwarded-for": "1.1.1.1, 198.51.100.7",
      "x-forwarded-proto": "https, http",
      "x-forwarded-host": "evil.example, ops.example.org",
    };
    expect(read(headers)).toEqual({ address: "198.51.100.7", isSecure: false, host: "ops.example.org" });
    expect(read({ "x-forwarded-for": "198.51.100.7", "x-forwarded-proto": "HTTPS" }).isSecure).toBe(true);
  });

  test("from a peer that is no trusted proxy, nothing counts", () => {
    const headers = { "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "https", "x-forwarded-host": "x" };
    expect(read(headers, "203.0.113.5")).toEqual({ address: "203.0.113.5", ...SEEN });
    expect(read(headers, "10.0.0.1", {})).toEqual({ address: "10.0.0.1", ...SEEN });
    expect(read({ forwarded: "for=1.1.1.1;proto=https" }).address).toBe("10.0.0.1");
  });

  test("a dual-stack peer is recognised", () => {
    expect(read({ "x-forwarded-for": "198.51.100.7" }, "::ffff:10.0.0.1").address).toBe("198.51.100.7");
  });
});

describe("Forwarded", () => {
  const settings = { ...TRUSTING, "server.forwardedHeader": "forwarded" };

  test.each([
    [
      "for=198.51.100.7;proto=https;host=ops.example.org",
      { address: "198.51.100.7", isSecure: true, host: "ops.example.org" },
    ],
    ['for="[2001:470::1]:80";proto=http', { address: "2001:470::1", isSecure: false, host: "seen.example" }],
    [
      'for=1.1.1.1;host="a,b;c=d", for=198.51.100.7',
      { address: "198.51.100.7", isSecure: false, host: "seen.example" },
    ],
    [
      "For=198.51.100.7 ; Proto=HTTPS, for=10.1.1.1",
      { address: "198.51.100.7", isSecure: true, host: "seen.example" },
    ],
    ["for=_hidden;proto=https", { address: "10.0.0.1", isSecure: true, host: "seen.example" }],
    ["nonsense", { address: "10.0.0.1", isSecure: false, host: "seen.example" }],
  ])("%s", (header, expected) => {
    expect(read({ forwarded: header, "x-forwarded-for": "9.9.9.9" }, "10.0.0.1", settings)).toEqual(expected);
  });
});

test("what the proxy says decides over limits, cookies, origins and the audit log alike", async () => {
  await using app = await startApp({
    settings: {
      "server.trustedProxies": ["127.0.0.1"],
      "server.allowedHosts": ["ops.example.org"],
      "limits.login.perMinute": 1,
      "limits.login.burst": 1,
    },
  });
  const attempt = (address: string) =>
    fetch(`${app.address}/api/v3/session`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-forwarded-for": address,
        "x-forwarded-proto": "https",
        "x-forwarded-host": "ops.example.org",
        origin: "https://ops.example.org",
        cookie: `${app.cookieName("session")}=stale`,
      },
      body: JSON.stringify({ name: "nobody", password: "wrong password" }),
    });
  const first = await attempt("198.51.100.7");
  expect(first.status).toBe(401);
  expect(first.headers.getSetCookie().join()).toContain("; Secure");
  expect((await attempt("198.51.100.7")).status).toBe(429);
  expect((await attempt("1.1.1.1, 198.51.100.7")).status).toBe(429);
  expect((await attempt("198.51.100.8")).status).toBe(401);
});

test("a block that is none is refused with the place", async () => {
  await expect(startApp({ settings: { "server.trustedProxies": ["10.0.0.0/99"] } })).rejects.toThrow();
});
