import { expect, test } from "bun:test";
import { judgeUserRanges } from "../../../server/cli/user-range-check.ts";

const WHOLE = "         0          0 4294967295\n";

test.each([
  ["the machine itself", [WHOLE, WHOLE], true, "ok", "have users of their own"],
  [
    "a usual container",
    ["0 100000 65536", "0 100000 65536"],
    true,
    "warning",
    "for browsers of plugins (1900000000",
  ],
  [
    "one of a single user",
    ["0 1000 1", "0 1000 1"],
    true,
    "warning",
    "for plugins (61000 to 64999), browsers",
  ],
  ["groups that are missing alone", [WHOLE, "0 1000 1"], true, "warning", "for plugins (61000"],
  ["several lines", ["0 0 1000\n1000 5000 2000000000", WHOLE], true, "ok", ""],
  ["nobody special", [WHOLE, WHOLE], false, "skipped", "only root"],
] as const)("users for plugins in %s", (_where, maps, isRoot, state, said) => {
  const verdict = judgeUserRanges(maps, isRoot);
  expect(verdict).toMatchObject({ state });
  expect(JSON.stringify(verdict)).toContain(said);
});
