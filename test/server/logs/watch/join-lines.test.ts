import { describe, expect, test } from "bun:test";
import { joinLines } from "../../../../server/logs/watch/join-lines.ts";
import { splitLines } from "../../../../server/logs/watch/split-lines.ts";

const MANY = 10_000;

const joined = (text: string): string[] =>
  joinLines(splitLines(Buffer.from(text), MANY, true).lines).map((line) => line.text);

const JAVA = `2030-01-01 ERROR Shop - failed
java.lang.IllegalStateException: no stock
\tat shop.Cart.pay(Cart.java:12)
Caused by: java.io.IOException: closed
\tat shop.Db.read(Db.java:3)
\t... 12 more`;
const PYTHON = `ERROR:root:failed
Traceback (most recent call last):
  File "a.py", line 3, in <module>
    pay()
KeyError: 'stock'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 5, in <module>
    refund()
shop.errors.Refused: no`;
const NODE = `Error: no stock
    at pay (/srv/cart.js:12:3)
    at async main (/srv/main.js:1:1) {
  code: 'E_STOCK'`;

describe("lines that go on with the one before", () => {
  for (const [language, trace] of Object.entries({ JAVA, PYTHON, NODE })) {
    test(`as a trace of ${language.toLowerCase()} does, become one`, () => {
      const whole = trace.replaceAll("\n\n", "\n");
      expect(joined(`before\n${trace}\nafter\nand after`)).toEqual(["before", whole, "after", "and after"]);
    });
  }

  test("stay apart when they only look like the end of one, or follow a document of JSON", () => {
    expect(joined("one\nValueError: no\n{}\n  after\n")).toEqual(["one", "ValueError: no", "{}", "  after"]);
    expect(joined("  first\n")).toEqual(["  first"]);
  });

  test("become a further record once one is full, by lines or by characters", () => {
    const many = joinLines(splitLines(Buffer.from(`start\n${" x\n".repeat(1_200)}`), MANY, true).lines);
    expect(many.map(({ text }) => text.split("\n").length)).toEqual([500, 500, 201]);
    const long = joinLines(
      splitLines(Buffer.from(`start\n${` ${"x".repeat(40_000)}\n`.repeat(3)}`), MANY, true).lines,
    );
    expect(long.map(({ isFull }) => isFull)).toEqual([true, false]);
  });

  test("keep where they end in the file, so that nothing is read twice", () => {
    const text = "a\n b\n c\nd\n";
    expect(joinLines(splitLines(Buffer.from(text), MANY, false).lines).map(({ endsAt }) => endsAt)).toEqual([
      8, 10,
    ]);
  });
});
