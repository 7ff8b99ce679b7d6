import { describe, expect, test } from "bun:test";
import {
  FIRST_PLUGIN_UID,
  LAST_PLUGIN_UID,
  PluginUsers,
} from "../../../../server/plugins/jail/plugin-users.ts";

const NOBODY: ReadonlySet<number> = new Set();
const COUNT = LAST_PLUGIN_UID - FIRST_PLUGIN_UID + 1;

describe("users of plugins", () => {
  test("are no two alike while they run, also for one plugin, and lie in their range", () => {
    const users = new PluginUsers();
    const taken = Array.from({ length: 500 }, (_, index) => users.take(`plugin-${index % 10}`, NOBODY));
    expect(new Set(taken).size).toBe(500);
    expect(taken.every((uid = 0) => uid >= FIRST_PLUGIN_UID && uid <= LAST_PLUGIN_UID)).toBe(true);
  });

  test("come back to the same plugin once released", () => {
    const users = new PluginUsers();
    const uid = users.take("hello", NOBODY);
    users.release(uid ?? 0);
    expect(users.take("hello", NOBODY)).toBe(uid);
  });

  test("are not those of a process that runs on the machine", () => {
    const first = new PluginUsers().take("hello", NOBODY) ?? 0;
    expect(new PluginUsers().take("hello", new Set([first]))).not.toBe(first);
  });

  test("end: more than there are, there are none", () => {
    const users = new PluginUsers();
    for (let index = 0; index < COUNT; index++) expect(users.take("hello", NOBODY)).toBeDefined();
    expect(users.take("hello", NOBODY)).toBeUndefined();
  });
});
