import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { levelOf, probeSandbox } from "../../../../server/plugins/jail/level.ts";

describe("the level", () => {
  test.each([
    [0, true, "process"],
    [1, true, "process"],
    [2, true, "strong"],
    [5, true, "strong"],
    [6, true, "full"],
    [9, true, "full"],
    [9, false, "process"],
  ] as const)("of Landlock ABI %d with a filter of system calls: %p is %s", (abi, hasSeccomp, level) => {
    expect(levelOf(abi, hasSeccomp)).toBe(level);
  });
});

describe("a probe", () => {
  test("changes nothing of this process", () => {
    const facts = () => [
      readFileSync("/proc/self/status", "utf8").match(
        /^(Uid|CapEff|NoNewPrivs|Seccomp|Seccomp_filters):.*$/gm,
      ),
      readdirSync("/proc/self/ns"),
    ];
    const before = facts();
    probeSandbox();
    expect(facts()).toEqual(before);
  });

  test("names a reason for each thing that is missing", () => {
    const probe = probeSandbox();
    const lacks = [probe.seccomp, probe.landlockAbi >= 6, probe.namespaces, probe.uidSwitch, probe.cgroup];
    expect(probe.missing.length).toBe(lacks.filter((has) => !has).length);
    expect(probe.missing.every((sentence) => sentence.endsWith("."))).toBe(true);
  });

  test("gives no strong level to a program that a plugin's own user could not read", () => {
    const closed = { executable: "/etc/shadow", args: [], readableFolders: [] };
    const probe = probeSandbox(closed);
    expect(probe.uidSwitch).toBe(false);
    if (process.getuid?.() === 0) {
      expect(probe.level).toBe("process");
      expect(probe.missing[0]).toContain("/etc/shadow");
    }
  });
});
