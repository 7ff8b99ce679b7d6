import { expect, test } from "bun:test";
import { MAX_FOLLOWED_FILES, shareOut } from "../../../../server/logs/watch/file-places.ts";

test.each<[readonly number[], readonly number[]]>([
  [[], []],
  [
    [3, 0, 4],
    [3, 0, 4],
  ],
  [[10_000], [500]],
  [
    [10_000, 1, 2],
    [497, 1, 2],
  ],
  [
    [10_000, 10_000, 100],
    [200, 200, 100],
  ],
  [
    [1, 10_000, 600, 10_000],
    [1, 167, 166, 166],
  ],
])("of %j wanted places, %j are given", (wanted, given) => {
  expect(shareOut(wanted)).toEqual([...given]);
});

test("more patterns than places get one each while there are some", () => {
  const shares = shareOut(Array.from({ length: 600 }, () => 9));
  expect(shares.reduce((sum, share) => sum + share, 0)).toBe(MAX_FOLLOWED_FILES);
  expect(Math.max(...shares)).toBe(1);
});
