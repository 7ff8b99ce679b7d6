import { expect, test } from "bun:test";
import { onOneLine } from "../../../server/lib/one-line.ts";

test("a text that would break a line or steer a terminal is written out, and all else stays", () => {
  expect(onOneLine("plain – ü 日本 👩‍🚀\\n")).toBe("plain – ü 日本 👩‍🚀\\n");
  expect(onOneLine("a\r\nb\tc\u001b[2J\u0000\u007f")).toBe("a\\r\\nb\\tc\\u001b[2J\\u0000\\u007f");
  expect(onOneLine("C1 \u009b31m, turned \u202ecod.exe\u2066, \u200fmark, \u2028line")).toBe(
    "C1 \\u009b31m, turned \\u202ecod.exe\\u2066, \\u200fmark, \\u2028line",
  );
});
