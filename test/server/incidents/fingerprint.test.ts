import { describe, expect, test } from "bun:test";
import { AppError, toAppError } from "../../../server/errors/app-error.ts";
import { fingerprintOf, normalise } from "../../../server/incidents/fingerprint.ts";

const fail = (message: string): AppError => toAppError(new Error(message));
const failElsewhere = (message: string): AppError => toAppError(new Error(message));

describe("what varies from one occurrence to the next is left out", () => {
  test.each([
    ["row 17 of 42 is gone", "row <n> of <n> is gone"],
    ["no user 01a1fd42-0000-7000-8000-00000000000f", "no user <id>"],
    ["cannot read /srv/data/state.db-wal today", "cannot read <path> today"],
    ["cannot read '/tmp'", "cannot read '<path>'"],
    ["GET https://example.com/a?b=1 failed", "GET <url> failed"],
    ["bad chunk 0xdeadbeef01 of 9f86d081884c7d65", "bad chunk <hex> of <hex>"],
    ["since 2026-11-21T09:15:06.123Z nothing", "since <time> nothing"],
    ["mail to ann@example.com bounced", "mail to <address> bounced"],
    ["two\n  lines", "two lines"],
  ])("%p reads %p", (message, normal) => {
    expect(normalise(message)).toBe(normal);
  });

  test("words stay, however alike they look to hexadecimal", () => {
    expect(normalise("feedbacks decade acceded")).toBe("feedbacks decade acceded");
  });

  test("a message of any size is looked at within bounds", () => {
    expect(normalise("x ".repeat(1_000_000)).length).toBeLessThanOrEqual(200);
  });
});

describe("a group", () => {
  test("is the same for the same failure with other numbers", () => {
    expect(fingerprintOf(fail("row 1 is gone")).id).toBe(fingerprintOf(fail("row 2 is gone")).id);
    expect(fingerprintOf(fail("row 1 is gone")).id).toMatch(/^[0-9a-f]{16}$/);
  });

  test("is another for another message, place or code", () => {
    const one = fingerprintOf(fail("gone")).id;
    expect(fingerprintOf(fail("broken")).id).not.toBe(one);
    expect(fingerprintOf(failElsewhere("gone")).id).not.toBe(one);
    const cause = new Error("gone");
    const ids = (["internal", "storage_full"] as const).map(
      (code) => fingerprintOf(new AppError(code, undefined, { cause })).id,
    );
    expect(new Set(ids).size).toBe(2);
  });

  test("names our own innermost frame without line numbers; what is thrown need not be an error", () => {
    expect(fingerprintOf(fail("gone")).frame).toBe("fail (test/server/incidents/fingerprint.test.ts)");
    for (const thrown of [undefined, null, "text", 7, { toString: null }, Object.create(null)]) {
      expect(fingerprintOf(toAppError(thrown)).id).toMatch(/^[0-9a-f]{16}$/);
    }
  });
});
