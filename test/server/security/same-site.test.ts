import { expect, test } from "bun:test";
import { isSafeMethod, isSameSiteProof } from "../../../server/security/same-site.ts";

const OWN = "https://ops.example.org";

test.each([
  ["nothing at all", {}, false],
  ["the CSRF header", { "x-binnacle-csrf": "1" }, true],
  ["the CSRF header with another value", { "x-binnacle-csrf": "0" }, false],
  ["a fetch from this origin", { "sec-fetch-site": "same-origin" }, true],
  ["our own Origin", { origin: OWN }, true],
  ["our own Origin in another case", { origin: "HTTPS://OPS.example.org" }, true],
  ["another Origin", { origin: "https://evil.example" }, false],
  ["our name as a prefix", { origin: `${OWN}.evil.example` }, false],
  ["our host by another scheme", { origin: "http://ops.example.org" }, false],
  ["an opaque Origin", { origin: "null" }, false],
  [
    "a fetch from another site with our header",
    { "sec-fetch-site": "cross-site", "x-binnacle-csrf": "1" },
    false,
  ],
  ["a fetch from a neighbouring host", { "sec-fetch-site": "same-site", origin: OWN }, false],
  ["an address typed in", { "sec-fetch-site": "none" }, false],
  ["a proxy that rewrites Origin, with our header", { origin: "http://inner", "x-binnacle-csrf": "1" }, true],
] as [string, Record<string, string>, boolean][])("a change with %j", (_what, headers, expected) => {
  expect(isSameSiteProof(new Headers(headers), OWN)).toBe(expected);
});

test("methods that change nothing need no proof", () => {
  expect(["GET", "HEAD", "OPTIONS"].every(isSafeMethod)).toBe(true);
  expect(["POST", "PUT", "PATCH", "DELETE", "get", "QUERY"].some(isSafeMethod)).toBe(false);
});
