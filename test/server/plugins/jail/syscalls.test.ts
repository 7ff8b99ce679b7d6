import { describe, expect, test } from "bun:test";
import { SYSCALL_NAMES, type SyscallName, syscallNumber } from "../../../../server/plugins/jail/syscalls.ts";

/** The older forms that arm64 never had. */
const ONLY_X64: readonly SyscallName[] = [
  "access",
  "arch_prctl",
  "creat",
  "dup2",
  "epoll_create",
  "epoll_wait",
  "lstat",
  "open",
  "pipe",
  "poll",
  "readlink",
  "select",
  "stat",
  "time",
];
/** Below it the two differ; above, every architecture has the same numbers. */
const FIRST_COMMON_NUMBER = 424;

describe("the numbers of calls", () => {
  test.each(["x64", "arm64"] as const)("are each given once on %s", (architecture) => {
    const numbers = SYSCALL_NAMES.map((name) => syscallNumber(name, architecture)).filter(
      (one) => one !== undefined,
    );
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers.every((number) => Number.isInteger(number) && number >= 0 && number < 512)).toBe(true);
  });

  test("lack on arm64 the older forms alone", () => {
    expect(SYSCALL_NAMES.filter((name) => syscallNumber(name, "arm64") === undefined).sort()).toEqual([
      ...ONLY_X64,
    ]);
  });

  test("are the same for what came after the tables were joined", () => {
    const newer = SYSCALL_NAMES.filter((name) => (syscallNumber(name, "x64") ?? 0) >= FIRST_COMMON_NUMBER);
    expect(newer.length).toBeGreaterThan(5);
    for (const name of newer) expect(syscallNumber(name, "arm64")).toBe(syscallNumber(name, "x64"));
  });

  test("are the kernel's, where a mistake would open or close everything", () => {
    const known: readonly [SyscallName, number, number][] = [
      ["read", 0, 63],
      ["mmap", 9, 222],
      ["clone", 56, 220],
      ["execve", 59, 221],
      ["kill", 62, 129],
      ["openat", 257, 56],
      ["prctl", 157, 167],
      ["seccomp", 317, 277],
      ["prlimit64", 302, 261],
    ];
    for (const [name, x64, arm64] of known) {
      expect([syscallNumber(name, "x64"), syscallNumber(name, "arm64")]).toEqual([x64, arm64]);
    }
  });
});
