import { describe, expect, test } from "bun:test";
import { lineText } from "../../../server/logs/store/text.ts";
import { parseTextQuery } from "../../../server/logs/text-query.ts";

function matches(query: string, message: string, fields: Record<string, unknown> = {}): boolean {
  const text = lineText(message, fields);
  return parseTextQuery(query)?.matches({ text, lower: text.toLowerCase() }) ?? true;
}

describe("a search", () => {
  test.each<[string, string, boolean]>([
    ["refused", "Connection refused", true],
    ["REFUSED", "connection refused", true],
    ["refuse", "connection refused", false],
    ["refuse*", "connection refused", true],
    ["connection refused", "refused: connection 7", true],
    ['"connection refused"', "refused: connection 7", false],
    ['"connection refused"', "Connection, refused", true],
    ["10.0.3.21", "from 10.0.3.21 in", true],
    ["10.0.3.2", "from 10.0.3.21 in", false],
    ["-healthz", "GET /healthz", false],
    ["get -healthz", "GET /login", true],
    ['-"bad gateway"', "502 bad gateway", false],
    ["Straße", "auf der STRASSE", false],
    ["ошибка", "Ошибка базы", true],
    ["データ", "壊れたデータです", true],
    ["->", "a -> b", false],
    ["=>", "a => b", true],
  ])("%s in %p: %p", (query, message, expected) => {
    expect(matches(query, message)).toBe(expected);
  });

  test("asks for the value of a field, in any case, a number by its digits", () => {
    const fields = { status: 502, user: "Alice Smith", "http.path": "/x" };
    expect(matches("status=502", "x", fields)).toBe(true);
    expect(matches("status=50", "x", fields)).toBe(false);
    expect(matches("STATUS=502", "x", fields)).toBe(true);
    expect(matches('user="alice smith"', "x", fields)).toBe(true);
    expect(matches("user=alice", "x", fields)).toBe(false);
    expect(matches("http.path=/x", "x", fields)).toBe(true);
    expect(matches("-status=502", "x", fields)).toBe(false);
    expect(matches("status=502", "status 502")).toBe(false);
  });

  test("looks into the values of fields for words", () => {
    expect(matches("alice", "x", { user: "Alice" })).toBe(true);
  });

  test("of nothing is none", () => {
    expect(parseTextQuery("   ")).toBeUndefined();
  });

  test("is refused when it is too long or of too many words", () => {
    expect(() => parseTextQuery("a".repeat(501))).toThrow("at most 500 characters");
    expect(() => parseTextQuery("a ".repeat(21))).toThrow("at most 20 words");
    expect(() => parseTextQuery(`"${"a ".repeat(65)}"`)).toThrow("at most 64 words");
    expect(() => parseTextQuery(`"${"a ".repeat(33)}" "${"b ".repeat(32)}"`)).toThrow("at most 64 words");
  });

  test("names blocks by the words it must find, never by those it must not", () => {
    expect(parseTextQuery('timeout "db pool" -healthz user*')?.index).toBe(
      '"timeout" AND "db" AND "pool" AND ("user"* OR "zquser"*)',
    );
    expect(parseTextQuery("a*")?.index).toBeUndefined();
    expect(parseTextQuery("-healthz")?.index).toBeUndefined();
    expect(parseTextQuery("データ")?.index).toBeUndefined();
  });
});
