import { describe, expect, test } from "bun:test";
import { Configuration } from "../../../server/config/configuration.ts";
import { networkOf } from "../../../server/security/client-network.ts";
import { RateLimits } from "../../../server/security/rate-limits.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const layer = (settings: Record<string, number>) => [
  { origin: "test", values: new Map<string, unknown>(Object.entries(settings)) },
];

function make(settings: Record<string, number> = { "limits.login.burst": 3, "limits.login.perMinute": 6 }) {
  const clock = new ManualClock();
  const configuration = new Configuration(layer(settings));
  return { clock, configuration, limits: new RateLimits(configuration, clock) };
}

describe("a bucket", () => {
  test("gives the burst at once, then the sustained rate, and says when to come back", async () => {
    const { clock, limits } = make();
    const take = () => limits.take("login", "a");
    expect([take(), take(), take()]).toEqual([
      { allowed: true, retryAfterMs: 0, remaining: 2 },
      { allowed: true, retryAfterMs: 0, remaining: 1 },
      { allowed: true, retryAfterMs: 0, remaining: 0 },
    ]);
    expect(take()).toEqual({ allowed: false, retryAfterMs: 10_000, remaining: 0 });
    await clock.advance(9_999);
    expect(take().allowed).toBe(false);
    await clock.advance(1);
    expect(take().allowed).toBe(true);
    expect(take().allowed).toBe(false);
  });

  test("never holds more than the burst, however long nobody came", async () => {
    const { clock, limits } = make();
    limits.take("login", "a");
    await clock.advance(86_400_000);
    const allowed = Array.from({ length: 10 }, () => limits.take("login", "a").allowed);
    expect(allowed.filter(Boolean)).toHaveLength(3);
  });

  test("a refused attempt costs nothing: hammering does not lock out", async () => {
    const { clock, limits } = make();
    for (let attempt = 0; attempt < 1_000; attempt++) limits.take("login", "a");
    await clock.advance(10_000);
    expect(limits.take("login", "a").allowed).toBe(true);
  });

  test("is one's own, in each class", () => {
    const { limits } = make();
    for (let attempt = 0; attempt < 4; attempt++) limits.take("login", "a");
    expect(limits.take("login", "a").allowed).toBe(false);
    expect(limits.take("login", "b").allowed).toBe(true);
    expect(limits.take("api", "a").allowed).toBe(true);
  });

  test("takes a changed setting at once", () => {
    const { configuration, limits } = make();
    limits.take("login", "a");
    configuration.replace(layer({ "limits.login.burst": 1, "limits.login.perMinute": 6 }));
    expect(limits.take("login", "a").allowed).toBe(true);
    expect(limits.take("login", "a").allowed).toBe(false);
  });

  test("guessing passwords from one address gets ten tries a minute, as shipped", async () => {
    const { clock, limits } = make({});
    let allowed = 0;
    for (let second = 0; second < 600; second++) {
      for (let attempt = 0; attempt < 5; attempt++) if (limits.take("login", "a").allowed) allowed++;
      await clock.advance(1_000);
    }
    expect(allowed).toBeGreaterThan(100);
    expect(allowed).toBeLessThanOrEqual(110);
  });

  test("a flood of addresses costs bounded memory and does not free the one that is limited while it keeps coming", () => {
    const { limits } = make();
    for (let attempt = 0; attempt < 4; attempt++) limits.take("login", "a");
    for (let index = 0; index < 100_000; index++) {
      limits.take("login", `10.${index}`);
      if (index % 1_000 === 0) expect(limits.take("login", "a").allowed).toBe(false);
    }
  });
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"],
  ["2001:0DB8:0001:0002:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["control", "control"],
])("the client behind %s is %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});
