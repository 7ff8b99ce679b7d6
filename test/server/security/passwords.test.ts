import { describe, expect, test } from "bun:test";
import { Configuration } from "../../../server/config/configuration.ts";
import { passwordIssue } from "../../../server/security/password-rules.ts";
import { DUMMY_HASH, Passwords } from "../../../server/security/passwords.ts";
import { RateLimits } from "../../../server/security/rate-limits.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const make = () => new Passwords(new RateLimits(new Configuration([]), new ManualClock()));
const parameters = (hash: string): string[] => hash.split("$").slice(0, 4);

describe("a password", () => {
  test("is known again in whatever way its accents are composed", async () => {
    const passwords = make();
    const hash = await passwords.hash("caf\u00e9 au lait!");
    expect(await passwords.verify("cafe\u0301 au lait!", hash)).toBe(true);
    expect(await passwords.verify("cafe au lait!", hash)).toBe(false);
    expect(await passwords.verify("", hash)).toBe(false);
  });

  test("without a hash is never right, even one that the stand-in would accept, and costs the same parameters", async () => {
    const passwords = make();
    expect(parameters(await passwords.hash("anything long"))).toEqual(parameters(DUMMY_HASH));
    expect(await passwords.verify("abcdefghij", undefined)).toBe(false);
  });
});

describe("the rules", () => {
  test("count characters, not bytes or UTF-16 units", () => {
    expect(passwordIssue("🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵", "ada")).toBeUndefined();
    expect(passwordIssue("🦊🐻🐼🐨🐯", "ada")).toContain("at least 10");
    expect(passwordIssue("aé🦊".repeat(85), "ada")).toBeUndefined();
    expect(passwordIssue("aé🦊".repeat(86), "ada")).toContain("at most 256");
  });

  test("see through case and composition", () => {
    expect(passwordIssue("PASSWORD123", "ada")).toContain("commonest");
    expect(passwordIssue("ｐａｓｓｗｏｒｄ１２３", "ada")).toContain("commonest");
    expect(passwordIssue("LongerName10", "longername10")).toContain("name");
  });
});
