import { describe, expect, test } from "bun:test";
import { handledRights } from "../../../../server/plugins/jail/landlock.ts";
import { mappedLibraries } from "../../../../server/plugins/jail/readable-paths.ts";

describe("what a ruleset takes away", () => {
  test.each([
    [0, { files: 0, net: 0, scoped: 0 }],
    [1, { files: 0x1fff, net: 0, scoped: 0 }],
    [2, { files: 0x3fff, net: 0, scoped: 0 }],
    [3, { files: 0x7fff, net: 0, scoped: 0 }],
    [4, { files: 0x7fff, net: 3, scoped: 0 }],
    [5, { files: 0xffff, net: 3, scoped: 0 }],
    [6, { files: 0xffff, net: 3, scoped: 3 }],
    [99, { files: 0xffff, net: 3, scoped: 3 }],
  ])("is every right of ABI %d that is known here", (abi, rights) => {
    expect(handledRights(abi)).toEqual(rights);
  });
});

test("the libraries that are granted are those that are mapped, the loader among them", () => {
  const maps = [
    "00400000-00452000 r-xp 00000000 08:02 173521 /opt/binnacle",
    "7f00-7f01 r--p 00000000 08:02 1 /usr/lib/libc.so.6",
    "7f01-7f02 r-xp 00000000 08:02 1 /usr/lib/libc.so.6",
    "7f02-7f03 r-xp 00000000 08:02 2 /usr/lib/ld-linux-x86-64.so.2",
    "7f03-7f04 r--p 00000000 08:02 3 /var/lib/data.so.txt",
    "7ffd-7ffe r-xp 00000000 00:00 0 [vdso]",
  ].join("\n");
  expect(mappedLibraries(maps)).toEqual(["/usr/lib/libc.so.6", "/usr/lib/ld-linux-x86-64.so.2"]);
});
