import { afterEach, describe, expect, test } from "bun:test";
import { utimesSync } from "node:fs";
import { parsePasswd, UserNames } from "../../../../../server/metrics/collect/processes/user-names.ts";
import { RecordedFolder } from "../recorded-machine.ts";

const folder = new RecordedFolder();
afterEach(() => folder.remove());

describe("user names", () => {
  test("come from passwd; the first of two names for one number counts", () => {
    const names = parsePasswd(
      "root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\n# note\n\nbroken\nweb:x:33:33\nodd:x:-1:2\n",
    );
    expect([...names]).toEqual([
      [0, "root"],
      [33, "web"],
    ]);
  });

  test("are numbers for users that the file does not hold, and without the file", () => {
    expect(new UserNames(`${folder.root}/none`).nameOf(1000)).toBe("1000");
  });

  test("follow a change of the file", () => {
    const path = `${folder.root}/passwd`;
    folder.write({ passwd: "web:x:33:33\n" });
    const names = new UserNames(path);
    expect(names.nameOf(33)).toBe("web");
    folder.write({ passwd: "www:x:33:33\n" });
    utimesSync(path, 1_900_000_000, 1_900_000_000);
    expect(names.nameOf(33)).toBe("www");
  });
});
