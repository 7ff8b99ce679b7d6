import { expect, test } from "bun:test";
import { readLevel } from "../../../server/lib/log-level.ts";

test.each([
  ["WARN", "warning"],
  ["Critical", "error"],
  ["verbose", "debug"],
  [30, "info"],
  [60, "error"],
] as const)("%p means %s", (word, level) => {
  expect(readLevel(word)).toBe(level);
});

test.each(["constructor", "__proto__", "valueOf", "", "loud", null, {}, true])(
  "%p means no level",
  (word) => {
    expect(readLevel(word)).toBeUndefined();
  },
);
