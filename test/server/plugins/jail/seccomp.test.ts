import { describe, expect, test } from "bun:test";
import { assembleFilter } from "../../../../server/plugins/jail/seccomp.ts";
import { FIRST_FILTER, SECOND_FILTER } from "../../../../server/plugins/jail/seccomp-rules.ts";
import {
  type Architecture,
  AUDIT_ARCHITECTURE,
  SYSCALL_NAMES,
  type SyscallName,
  syscallNumber,
} from "../../../../server/plugins/jail/syscalls.ts";
import { runFilter } from "./bpf-machine.ts";
import { FORBIDDEN_CALLS } from "./fixtures/forbidden-calls.ts";

const PID = 4321;
const EPERM = 1;
const EACCES = 13;
const ENOSYS = 38;
const ARCHITECTURES: readonly Architecture[] = ["x64", "arm64"];
/** A pointer whose low half is zero. */
const HIGH_POINTER = 0x7f00_0000_0000n;
const ANY_HIGH_HALF = 0xdead_0000_0000n;

describe.each([...ARCHITECTURES])("on %s", (architecture) => {
  const programs = {
    first: assembleFilter(FIRST_FILTER, { architecture, pid: PID }),
    second: assembleFilter(SECOND_FILTER, { architecture, pid: PID }),
  };
  const answerOf = (
    program: keyof typeof programs,
    number: number,
    args: readonly (number | bigint)[] = [],
  ) => runFilter(programs[program], { architecture: AUDIT_ARCHITECTURE[architecture], number, args });
  const answer = (
    name: SyscallName,
    args: readonly (number | bigint)[] = [],
    program: keyof typeof programs = "first",
  ) => {
    const number = syscallNumber(name, architecture);
    return number === undefined ? undefined : answerOf(program, number, args);
  };

  test("calls of other architectures and of x32 are unknown, whatever their number", () => {
    for (const program of Object.values(programs)) {
      for (const number of [0, 1, 11, 59, 221]) {
        expect(runFilter(program, { architecture: 0x40000003, number })).toBe(ENOSYS);
      }
    }
    const x32 = [0, 39, 59, 520, 545].map((number) => answerOf("first", 0x40000000 + number));
    expect(x32).toEqual(x32.map(() => (architecture === "x64" ? ENOSYS : EPERM)));
  });

  test("what the table does not name is denied, up to the last number there is", () => {
    const named = new Set(SYSCALL_NAMES.map((name) => syscallNumber(name, architecture)));
    const unnamed = Array.from({ length: 1024 }, (_, number) => number).filter(
      (number) => !named.has(number),
    );
    expect(unnamed.filter((number) => answerOf("first", number) !== EPERM)).toEqual([]);
  });

  test("what every attack needs is not among what passes", () => {
    const numbers = Object.values(FORBIDDEN_CALLS).map(([x64, arm64]) =>
      architecture === "x64" ? x64 : arm64,
    );
    for (const number of numbers) if (number !== null) expect(answerOf("first", number)).toBe(EPERM);
  });

  const cases: readonly [string, SyscallName, readonly (number | bigint)[], number][] = [
    ["a thread of the C library's", "clone", [0x3d0f00], 0],
    ["a thread of musl's", "clone", [0x7d0f00], 0],
    ["a fork", "clone", [17], EPERM],
    ["a vfork", "clone", [0x4111], EPERM],
    ["a thread with namespaces", "clone", [0x3d0f00 | 0x10000000], EPERM],
    ["a traced thread", "clone", [0x3d0f00 | 0x2000], EPERM],
    ["a thread by the newer call", "clone3", [0, 0], ENOSYS],
    ["a signal to itself", "kill", [PID, 9], 0],
    ["a signal to itself, the rest of the register set", "kill", [BigInt(PID) | ANY_HIGH_HALF, 9], 0],
    ["a signal to another", "kill", [PID + 1, 9], EPERM],
    ["a signal to its group", "kill", [0, 9], EPERM],
    ["a signal to all", "kill", [-1, 9], EPERM],
    ["a signal to a thread of its own", "tgkill", [PID, 77, 6], 0],
    ["a signal to a thread of another", "tgkill", [1, 1, 6], EPERM],
    ["private memory", "mmap", [0, 4096, 3, 0x22, -1, 0], 0],
    ["private memory of a file, to run", "mmap", [0, 4096, 5, 0x02, 4, 0], 0],
    ["shared memory", "mmap", [0, 4096, 3, 0x21, -1, 0], EPERM],
    ["shared memory, validated", "mmap", [0, 4096, 3, 0x23, -1, 0], EPERM],
    ["memory that grows downwards", "mmap", [0, 4096, 3, 0x122, -1, 0], EPERM],
    ["huge pages", "mmap", [0, 1 << 21, 3, 0x40022, -1, 0], EPERM],
    ["pages that are given back", "madvise", [0, 4096, 4], 0],
    ["pages that are merged with others'", "madvise", [0, 4096, 12], EPERM],
    ["pages that are pushed out", "madvise", [0, 4096, 21], EPERM],
    ["a barrier of its own", "membarrier", [8, 0, 0], 0],
    ["a barrier of every processor", "membarrier", [1, 0, 0], EPERM],
    ["a lock", "futex", [1, 0x189, 0], 0],
    ["a lock that lends priority", "futex", [1, 0x86, 0], EPERM],
    ["its processors", "sched_getaffinity", [0, 8, 1], 0],
    ["processors of another", "sched_getaffinity", [PID + 1, 8, 1], ENOSYS],
    ["its priority", "getpriority", [0, 0], 0],
    ["priority of another", "getpriority", [0, PID + 1], EPERM],
    ["priority of a user", "getpriority", [2, 0], EPERM],
    ["the time", "clock_gettime", [0, 1], 0],
    ["the time another process has worked", "clock_gettime", [(~(PID + 1) << 3) | 2, 1], EPERM],
    ["waiting for another process to work", "clock_nanosleep", [(~(PID + 1) << 3) | 2, 0, 1, 1], EPERM],
    ["a file, to read", "openat", [-100, 1, 0o2000000], 0],
    ["a file, to write", "openat", [-100, 1, 1], EACCES],
    ["a file, to read and write", "openat", [-100, 1, 2], EACCES],
    ["a new file", "openat", [-100, 1, 0o100], EACCES],
    ["a file, to read and truncate", "openat", [-100, 1, 0o1000], EACCES],
    ["a nameless file", "openat", [-100, 1, 0o20200002], EACCES],
    ["a file, only as a place", "openat", [-100, 1, 0o10000000], EACCES],
    ["a file by the newer call", "openat2", [-100, 1, 1, 24], ENOSYS],
    ["bytes to the channel", "sendto", [3, 1, 10, 0x4040, 0, 0], 0],
    ["bytes to an address", "sendto", [3, 1, 10, 0, 4096, 16], EPERM],
    ["bytes to an address whose low half is zero", "sendto", [3, 1, 10, 0, HIGH_POINTER, 16], EPERM],
    ["an urgent byte", "sendto", [3, 1, 1, 1, 0, 0], EPERM],
    ["an urgent byte, to receive", "recvfrom", [3, 1, 1, 1, 0, 0], EPERM],
    ["bytes from the channel", "recvfrom", [3, 1, 1, 0x40, 0, 0], 0],
    ["whether the channel failed", "getsockopt", [3, 1, 4, 1, 1], 0],
    ["the server by the channel", "getsockopt", [3, 1, 77, 1, 1], EPERM],
    ["an option of TCP", "getsockopt", [3, 6, 4, 1, 1], EPERM],
    ["a descriptor", "recvmsg", [3, 1, 0], EPERM],
    ["its own limits, to read", "prlimit64", [0, 7, 0, 4096], 0],
    ["its own limits, by number", "prlimit64", [PID, 7, 0, 4096], 0],
    ["its own limits, to set", "prlimit64", [0, 7, HIGH_POINTER, 0], EPERM],
    ["another's limits", "prlimit64", [PID + 1, 7, 0, 4096], EPERM],
    ["whether it is a terminal", "ioctl", [1, 0x5401], 0],
    ["typing into a terminal", "ioctl", [0, 0x5412], EPERM],
    ["typing into a terminal, the rest of the register set", "ioctl", [0, 0x5412n | ANY_HIGH_HALF], EPERM],
    ["signals of a descriptor, by ioctl", "ioctl", [3, 0x8901], EPERM],
    ["asynchronous signals", "ioctl", [3, 0x5452], EPERM],
    ["flags of a descriptor", "fcntl", [3, 4, 0o4002], 0],
    ["signals by a descriptor's flags", "fcntl", [3, 4, 0o24002], EPERM],
    ["flags of a descriptor, to read, whatever else the register holds", "fcntl", [3, 3, -1], 0],
    ["a pipe", "pipe2", [1, 0o2004000], 0],
    ["a pipe for notifications", "pipe2", [1, 0o200], EPERM],
    ["signals of a descriptor", "fcntl", [3, 8, 1], EPERM],
    ["which signal of a descriptor", "fcntl", [3, 10, 9], EPERM],
    ["a lock of a record", "fcntl", [3, 6, 0], EPERM],
    ["a lease", "fcntl", [3, 1024, 1], EPERM],
    ["the name of a thread", "prctl", [15, 1], 0],
    ["outliving the server", "prctl", [1, 0], EPERM],
    ["being dumpable", "prctl", [4, 1], EPERM],
    ["a filter, the older way", "prctl", [22, 2, 1], EPERM],
    ["a filter", "seccomp", [1, 1, 1], 0],
    ["a filter that answers itself", "seccomp", [3, 0, 1], EPERM],
    ["io_uring", "io_uring_setup", [1, 1], ENOSYS],
    ["memory by descriptor", "memfd_create", [1, 0], ENOSYS],
  ];
  test.each(cases.map((one) => [...one] as const))("%s (%s)", (_, name, args, expected) => {
    expect(answer(name, args)).toBe(expected);
  });

  test("the second filter takes programs and filters away, and nothing that runs", () => {
    expect(answer("execve", [], "first")).toBe(0);
    expect(answer("execve", [], "second")).toBe(EPERM);
    expect(answer("seccomp", [1, 1, 1], "second")).toBe(EPERM);
    expect(answer("read", [3, 1, 1], "second")).toBe(0);
    expect(answer("clone", [0x3d0f00], "second")).toBe(0);
  });
});

test("what opens by path is held in each form that x64 has", () => {
  const program = assembleFilter(FIRST_FILTER, { architecture: "x64", pid: PID });
  const run = (name: SyscallName, args: readonly number[]) =>
    runFilter(program, {
      architecture: AUDIT_ARCHITECTURE.x64,
      number: syscallNumber(name, "x64") ?? -1,
      args,
    });
  expect(run("open", [1, 0])).toBe(0);
  expect(run("open", [1, 0o1001])).toBe(EACCES);
  expect(run("creat", [1, 0o600])).toBe(EPERM);
});
