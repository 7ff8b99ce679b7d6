import { describe, expect, test } from "bun:test";
import { type Attempt, GuessingDelays } from "../../../server/security/guessing-delays.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const ATTACKER = "203.0.113.0";
const HOME = "198.51.100.1";
const HOUR_MS = 3_600_000;

function setUp() {
  const clock = new ManualClock();
  const delays = new GuessingDelays(clock);
  const fail = (attempt: Attempt, times: number) => {
    for (let count = 0; count < times; count++) delays.failed(attempt);
  };
  return { clock, delays, fail };
}

describe("guessing", () => {
  test("costs nothing for a few typing errors, then twice as long each time, up to a quarter of an hour", () => {
    const { delays, fail } = setUp();
    const attempt = { name: "ada", network: ATTACKER };
    fail(attempt, 4);
    expect(delays.waitMs(attempt)).toBe(0);
    const waits = Array.from({ length: 12 }, () => {
      fail(attempt, 1);
      return delays.waitMs(attempt) / 1_000;
    });
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
  });

  test("a right password forgets; so do twelve quiet hours", async () => {
    const { clock, delays, fail } = setUp();
    const attempt = { name: "ada", network: HOME };
    fail(attempt, 5);
    delays.succeeded(attempt);
    expect(delays.waitMs(attempt)).toBe(0);
    fail(attempt, 16);
    await clock.advance(13 * HOUR_MS);
    fail(attempt, 1);
    expect(delays.waitMs(attempt)).toBe(0);
  });

  test("from elsewhere keeps nobody out at home", () => {
    const { delays, fail } = setUp();
    for (let index = 0; index < 200; index++) fail({ name: "ada", network: `192.0.2.${index}` }, 10);
    expect(delays.waitMs({ name: "ada", network: HOME })).toBe(0);
  });

  test("from the very same network keeps nobody out who signed in from their browser before", () => {
    const { delays, fail } = setUp();
    fail({ name: "ada", network: HOME }, 40);
    expect(delays.waitMs({ name: "ada", network: HOME })).toBeGreaterThan(0);
    expect(delays.waitMs({ name: "ada", network: HOME, deviceId: "hers" })).toBe(0);
  });

  test("by a stolen browser is as slow as by any other", () => {
    const { delays, fail } = setUp();
    const attempt = { name: "ada", network: HOME, deviceId: "stolen" };
    fail(attempt, 6);
    expect(delays.waitMs(attempt)).toBe(2_000);
    expect(delays.waitMs({ ...attempt, network: ATTACKER })).toBe(2_000);
  });

  test("one password for many names (credential stuffing) is slowed by the network it comes from", () => {
    const { delays } = setUp();
    const attempt = (index: number) => ({ name: `person-${index}`, network: ATTACKER });
    for (let index = 0; index < 20; index++) delays.failed(attempt(index));
    expect(delays.waitMs(attempt(99))).toBe(0);
    for (let index = 20; index < 25; index++) delays.failed(attempt(index));
    expect(delays.waitMs(attempt(99))).toBe(16_000);
    delays.succeeded({ name: "own-account", network: ATTACKER });
    for (let index = 25; index < 27; index++) delays.failed(attempt(index));
    expect(delays.waitMs(attempt(99))).toBeGreaterThan(16_000);
  });

  test("an office that signs in all morning behind one address is not slowed", () => {
    const { delays } = setUp();
    for (let index = 0; index < 500; index++) {
      const attempt = { name: `person-${index}`, network: HOME };
      delays.failed(attempt);
      delays.succeeded(attempt);
    }
    expect(delays.waitMs({ name: "next", network: HOME })).toBe(0);
  });
});
