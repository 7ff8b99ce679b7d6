import { describe, expect, test } from "bun:test";
import { USERS, UserPool } from "../../../../server/plugins/jail/user-pool.ts";

const NOBODY: ReadonlySet<number> = new Set();
const { first: FIRST, count: COUNT } = USERS.plugins;

describe("users that are lent", () => {
  test("are no two alike while they run, also for one plugin, and lie in their range", () => {
    const users = new UserPool(USERS.plugins);
    const taken = Array.from({ length: 500 }, (_, index) => users.take(`plugin-${index % 10}`, NOBODY));
    expect(new Set(taken).size).toBe(500);
    expect(taken.every((uid = 0) => uid >= FIRST && uid < FIRST + COUNT)).toBe(true);
  });

  test("come back to the same plugin once released", () => {
    const users = new UserPool(USERS.plugins);
    const uid = users.take("hello", NOBODY);
    users.release(uid ?? 0);
    expect(users.take("hello", NOBODY)).toBe(uid);
  });

  test("are not those of a process that runs on the machine", () => {
    const first = new UserPool(USERS.plugins).take("hello", NOBODY) ?? 0;
    expect(new UserPool(USERS.plugins).take("hello", new Set([first]))).not.toBe(first);
  });

  test("end: more than there are, there are none", () => {
    const users = new UserPool(USERS.plugins);
    for (let index = 0; index < COUNT; index++) expect(users.take("hello", NOBODY)).toBeDefined();
    expect(users.take("hello", NOBODY)).toBeUndefined();
  });

  test("of one use are none of another's: their ranges lie apart", () => {
    const ranges = Object.values(USERS).toSorted((a, b) => a.first - b.first);
    for (const [index, { first }] of ranges.entries()) {
      const before = ranges[index - 1];
      if (before) expect(before.first + before.count).toBeLessThanOrEqual(first);
    }
  });

  test("are drawn from so many that two servers of one machine hardly meet; so many at once, and no more", () => {
    const [one, other] = [new UserPool(USERS.programs), new UserPool(USERS.programs)];
    const taken = Array.from({ length: USERS.programs.most }, () => one.take(undefined, NOBODY));
    expect(one.take(undefined, NOBODY)).toBeUndefined();
    expect(taken).not.toContain(other.take(undefined, NOBODY));
    one.release(taken[0] ?? 0);
    expect(one.take(undefined, NOBODY)).toBeDefined();
  });
});
