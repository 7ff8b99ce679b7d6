import { describe, expect, test } from "bun:test";
import { DEFAULT_MASKS, MASK_NAMES } from "../../../schema/rules/log-masks.ts";
import { maskerOf } from "../../../server/logs/masks.ts";
import { lineText, readLineText } from "../../../server/logs/store/text.ts";

const mask = maskerOf(DEFAULT_MASKS);
const maskAll = maskerOf(MASK_NAMES);

const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N";
const KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----";

describe("what looks like a secret", () => {
  const CASES: readonly [string, string][] = [
    ["sent Authorization: Bearer abcdef0123456789", "sent Authorization: [redacted]"],
    ["curl -H 'x: Basic YWRtaW46c2VjcmV0'", "curl -H 'x: Basic [redacted]'"],
    [`id ${JWT} seen`, "id [redacted] seen"],
    [`read\n${KEY}\ndone`, "read\n[redacted]\ndone"],
    ["postgres://shop:hunter22@db:5432/shop", "postgres://shop:[redacted]@db:5432/shop"],
    ['{"user":"ann","password":"hunter22"}', '{"user":"ann","password":"[redacted]"}'],
    ["login user=ann api_key=0123 ok", "login user=ann api_key=[redacted] ok"],
    ["GET /reset?token=abc&page=2", "GET /reset?token=[redacted]&page=2"],
  ];
  for (const [text, expected] of CASES) {
    test(`is masked: ${text.replaceAll("\n", " ")}`, () => expect(mask(text)).toBe(expected));
  }

  test("is masked in fields of such names, the others stay", () => {
    const text = mask(lineText("login", { user: "ann", db: { password: "hunter22" }, apiKey: 7, ms: 3 }));
    expect(readLineText(text)).toEqual({
      message: "login",
      fields: { user: "ann", "db.password": "[redacted]", apiKey: "[redacted]", ms: 3 },
    });
  });

  test("of cards is masked where it is asked for, by their check digit", () => {
    expect(maskAll("card 4111 1111 1111 1111, order 4111 1111 1111 1112")).toBe(
      "card [redacted], order 4111 1111 1111 1112",
    );
    // Digits that are ten or more once they are doubled.
    expect(maskAll("5500 0000 0000 0004, 378282246310005")).toBe("[redacted], [redacted]");
    expect(mask("card 4111111111111111")).toBe("card 4111111111111111");
  });

  test("leaves ordinary lines alone, and hostile ones take no time", () => {
    for (const text of ["the password was wrong", "token expired", "GET /a?b=c", "mail a@b.c http://x/y@z"]) {
      expect(maskAll(text)).toBe(text);
    }
    const started = performance.now();
    for (const piece of [
      "password",
      "eyJ.",
      "://a:",
      "Bearer ",
      "1 ",
      "-----BEGIN PRIVATE KEY-----",
      "a.",
      "\x1fsecret",
    ]) {
      maskAll(piece.repeat(Math.ceil(65_536 / piece.length)));
    }
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

test.each([
  ["a token", "eyJ-".repeat(16_384)],
  ["the name of a secret", `token ${"a-".repeat(32_768)}`],
])("what begins like %s thousands of times is looked through once", (_what, line) => {
  const timeOf = (text: string): number => {
    const startedAt = performance.now();
    for (let n = 0; n < 20; n++) mask(text);
    return performance.now() - startedAt;
  };
  const plain = timeOf("a".repeat(line.length));
  // Begun again at each of them, a line of the first kind took half a second, one of the second thirty milliseconds.
  expect(timeOf(line)).toBeLessThan(20 * plain + 200);
  expect(mask(`${line} ${JWT} password=x`)).toBe(`${line} [redacted] password=[redacted]`);
});
