import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ATTACKS, type Outcome } from "./fixtures/attacks.ts";
import { RIGHT_ANSWERS } from "./fixtures/controls.ts";
import type { Place } from "./fixtures/probe-request.ts";
import { IDENTITIES, JailWorkshop } from "./jail-workshop.ts";

const TIMEOUT_MS = 60_000;
const PLACES: readonly Place[] = ["host", "worker", "nested worker"];
/** With every right that the kernel knows, and with those of ABI 3 alone. */
const LEVELS = [{ level: "full" }, { level: "strong", maxLandlockAbi: 3 }] as const;

/** How each attack is answered when it is not EPERM: by Landlock, by the filter's other answers, by a library. */
const ANSWERS: Readonly<Record<string, Outcome>> = {
  "read a file": "EACCES",
  "read a file on the pool": "EACCES",
  "read a file with Bun.file": "EACCES",
  "read /etc/passwd": "EACCES",
  "read a file past the libraries": "EACCES",
  "read a file with openat2": "ENOSYS",
  "import a file": "ERR_MODULE_NOT_FOUND",
  "list a folder": "EACCES",
  "list the root folder": "EACCES",
  "write a file everybody may write": "EACCES",
  "write with Bun.write": "EACCES",
  "create a file": "EACCES",
  "create a nameless file": "EACCES",
  "truncate by opening": "EACCES",
  "truncate the executable": "EACCES",
  "open a FIFO": "EACCES",
  "size of a file": "EACCES",
  "size of a file, asked as of a descriptor": "EACCES",
  "size of a file, the newer way": "EACCES",
  "presence of a file": "EACCES",
  "where a link leads": "EACCES",
  "write a cgroup": "EACCES",
  "environment of the server": "EACCES",
  "command line of the server": "EACCES",
  "maps of the server": "EACCES",
  "memory of the server": "EACCES",
  "descriptors of the server": "EACCES",
  "list processes": "EACCES",
  "its own environment": "EACCES",
  "its own memory, to write": "EACCES",
  "the machine's connections": "EACCES",
  "the machine's mounts": "EACCES",
  "the shell": "EACCES",
  clone3: "ENOSYS",
  io_uring: "ENOSYS",
  "memory by descriptor": "ENOSYS",
  "calls of x32": "ENOSYS",
  "calls of i386": "ENOSYS",
  // Bun's words for a socket that cannot be made.
  "connect by TCP": "ECONNREFUSED",
  "connect to a Unix socket": "ECONNREFUSED",
  "connect to an abstract socket": "ECONNREFUSED",
  "resolve a name": "DNS_EAI_AGAIN",
  "a library from elsewhere": "ERR_DLOPEN_FAILED",
};

/** Attacks that any program of an ordinary user may make, to show that it is the jail which denies them. */
const ALLOWED_OUTSIDE = [
  "read a file",
  "read a file on the pool",
  "read /etc/passwd",
  "read a file past the libraries",
  "import a file",
  "list a folder",
  "list the root folder",
  "list processes",
  "size of a file",
  "size of a file, asked as of a descriptor",
  "size of a file, the newer way",
  "presence of a file",
  "where a link leads",
  "its own environment",
  "the machine's connections",
  "kill everything",
  "TCP over IPv4",
  "UDP",
  "a Unix socket",
  "netlink",
  "a pair of datagram sockets",
  "connect by TCP",
  "connect to a Unix socket",
  "connect to an abstract socket",
  "serve",
  "memory by descriptor",
  "shared memory that no limit counts",
  "a stack that no limit counts",
  "inotify",
  "Bun.spawnSync",
  "a library from elsewhere",
] as const;

let workshop: JailWorkshop;
beforeAll(async () => {
  workshop = await JailWorkshop.open();
}, TIMEOUT_MS);
afterAll(() => workshop[Symbol.dispose]());

describe.each([...IDENTITIES])("a plugin of a server that runs as %s", (identity) => {
  describe.each([...LEVELS])("at level $level", ({ level, ...rights }) => {
    test(
      "is denied every attack, from the host, a worker and a worker's worker",
      async () => {
        const text = workshop.fileText;
        const connections = workshop.connections;
        const requests = PLACES.map((place) => ({ do: "attack", place, targets: workshop.targets }) as const);
        const report = await workshop.drive(identity, { ...rights, requests });
        expect(report.level).toBe(level);
        const expected = Object.fromEntries(
          Object.keys(ATTACKS).map((name) => [name, ANSWERS[name] ?? "EPERM"]),
        );
        for (const outcomes of report.answers) expect(withoutPaths(outcomes)).toEqual(expected);
        expect(workshop.fileText).toBe(text);
        expect(workshop.connections).toBe(connections);
      },
      TIMEOUT_MS,
    );

    test(
      "has what code may expect of its runtime, in each place",
      async () => {
        const requests = PLACES.map(
          (place) => ({ do: "control", place, targets: workshop.targets }) as const,
        );
        const { answers } = await workshop.drive(identity, { ...rights, requests });
        for (const found of answers) expect(found).toEqual(RIGHT_ANSWERS);
      },
      TIMEOUT_MS,
    );
  });
});

test(
  "the same attacks succeed where there is no jail",
  async () => {
    const request = { targets: { ...workshop.targets, pid: process.pid }, names: ALLOWED_OUTSIDE };
    const outcomes = await workshop.run("an ordinary user", "attack", request);
    expect(outcomes).toEqual(Object.fromEntries(ALLOWED_OUTSIDE.map((name) => [name, "allowed"])));
  },
  TIMEOUT_MS,
);

/** A compiler's message names the file, whose path is new each time. */
const withoutPaths = (outcomes: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(outcomes ?? {}).map(([name, outcome]) => [
      name,
      /errors? while compiling/.test(String(outcome)) ? "EPERM" : String(outcome),
    ]),
  );
