import { describe, expect, test } from "bun:test";
import { TokenBucket } from "../../../server/lib/token-bucket.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const scenario = () => {
  const clock = new ManualClock(0);
  return { clock, bucket: new TokenBucket({ perSecond: 100, burst: 50 }, clock) };
};

describe("a token bucket", () => {
  test("gives a burst, then as much as time brings", async () => {
    const { bucket, clock } = scenario();
    const given = (): number => Array.from({ length: 60 }, () => bucket.take()).filter(Boolean).length;
    expect(given()).toBe(50);
    await clock.advance(100);
    expect(given()).toBe(10);
    await clock.advance(3_600_000);
    expect(given()).toBe(50);
  });

  test("lets what has happened go into debt, and says how long to rest", () => {
    const { bucket } = scenario();
    expect(bucket.owe(50)).toBe(0);
    expect(bucket.owe(10)).toBe(100);
    expect(bucket.take()).toBe(false);
  });

  test("has again what was rested, never more than a burst", async () => {
    const { bucket, clock } = scenario();
    bucket.owe(60);
    await clock.advance(100);
    expect(bucket.owe(0)).toBe(0);
    await clock.advance(3_600_000);
    expect(bucket.owe(51)).toBe(10);
  });
});
