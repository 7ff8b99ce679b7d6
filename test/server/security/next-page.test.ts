import { expect, test } from "bun:test";
import fc from "fast-check";
import { nextPage } from "../../../server/security/next-page.ts";

const OURS = "https://binnacle.example";

test.each([
  ["/metrics?range=1h#cpu", "/metrics?range=1h#cpu"],
  ["/", "/"],
  [undefined, "/"],
  ["", "/"],
  ["metrics", "/"],
  ["//evil.example", "/"],
  ["/x/..//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["https://evil.example", "/"],
  ["/%2f/evil.example", "/%2f/evil.example"],
])("%p leads to %p", (wanted, page) => {
  expect(nextPage(wanted)).toBe(page);
});

test("whatever is asked for, a browser that follows it stays at home", () => {
  const piece = fc.constantFrom(
    "/",
    "\\",
    "..",
    ".",
    "//",
    "%2f",
    "%5c",
    "@",
    ":",
    "evil.example",
    "\t",
    "\n",
    "?",
    "#",
    "a",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(piece, { maxLength: 12 }).map((list) => list.join("")),
        fc.string(),
      ),
      (wanted) => {
        expect(new URL(nextPage(wanted), OURS).origin).toBe(OURS);
      },
    ),
    { numRuns: 3_000 },
  );
});
