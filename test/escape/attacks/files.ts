import { lstatSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { type Family, sharing } from "../attack.ts";
import { AT_FDCWD, buffer, Denied, inWorker, path, sys } from "../plugin/kit.ts";
import { anyOf } from "./any-of.ts";

const O = { WRONLY: 1, RDWR: 2, CREAT: 0o100, TRUNC: 0o1000, NONBLOCK: 0o4000, PATH: 0o10000000 };
const FAN_CLASS_NOTIF = 0;
const MAX_HANDLE_BYTES = 128;

/** The root's group of processes in version 1 and 2; files by which the kernel runs a program as root. */
const CGROUP_PROCS = ["/sys/fs/cgroup/pids/cgroup.procs", "/sys/fs/cgroup/cgroup.procs"];
const KERNEL_RUNS = ["/sys/fs/cgroup/pids/release_agent", "/proc/sys/kernel/core_pattern"];

const toWrite = (file: string): number => sys("openat", AT_FDCWD, path(file), O.WRONLY, 0);

const landlock = {
  deniedBy: "Landlock",
  answers: ["EACCES"],
  seen: "failed call",
  control: "outside",
} as const;
const opening = { ...landlock, deniedBy: "filter, Landlock" } as const;
const filter = { ...landlock, deniedBy: "filter", answers: ["EPERM"] } as const;

/** What a directory handle of `open_by_handle_at` begins with: the room for the handle. */
function handleOf(file: string): Uint8Array {
  const handle = buffer(8 + MAX_HANDLE_BYTES);
  new DataView(handle.buffer).setUint32(0, MAX_HANDLE_BYTES, true);
  sys("name_to_handle_at", AT_FDCWD, path(file), handle, buffer(4), 0);
  return handle;
}

/** Reading, writing and watching what is not the plugin's. */
export const files: Family = {
  title: "Files",
  attacks: [
    ...sharing(landlock, {
      "read a file, synchronously": ({ file }) => readFileSync(file),
      "read a file on the thread pool": ({ file }) => readFile(file),
      "read a file with Bun.file": ({ file }) => Bun.file(file).text(),
      "read a file in a worker": ({ file }) =>
        inWorker(`return require("node:fs").readFileSync(${JSON.stringify(file)}, "utf8");`, 1),
      "read a file in a worker's worker": ({ file }) =>
        inWorker(`return require("node:fs/promises").readFile(${JSON.stringify(file)}, "utf8");`, 2),
      "read a file by the raw call": ({ file }) => sys("openat", AT_FDCWD, path(file), 0, 0),
      "read through a symbolic link": ({ link }) => readFileSync(link),
      "read /etc/passwd": () => readFileSync("/etc/passwd"),
      "list a folder": ({ folder }) => readdirSync(folder),
      "read the server's database": ({ stateFile }) => readFileSync(stateFile),
      "read its own folder": ({ ownFolder }) => readdirSync(ownFolder),
      "read another plugin's folder": ({ otherFolder }) => readdirSync(otherFolder),
      "list the machine's cgroups": () => readdirSync("/sys/fs/cgroup"),
      "read its own cgroup": () => readFileSync("/proc/self/cgroup"),
      "read what the one before it left under its user (uid reuse)": ({ leftFile }) => readFileSync(leftFile),
    }),
    // Opening to write is denied by the filter already; Landlock, behind it, has no right to write at all.
    ...sharing(opening, {
      "write its own folder": ({ ownFolder }) => writeFileSync(`${ownFolder}/planted.ts`, "export {}"),
      "write another plugin's folder": ({ otherFolder }) =>
        writeFileSync(`${otherFolder}/planted.ts`, "export {}"),
      "write a file that everybody may write": ({ file }) => writeFileSync(file, "changed"),
      "write with Bun.write": ({ file }) => Bun.write(file, "changed"),
      "create a file": ({ folder }) =>
        sys("openat", AT_FDCWD, path(`${folder}/made`), O.CREAT | O.WRONLY, 0o600),
      "truncate by opening": ({ file }) => sys("openat", AT_FDCWD, path(file), O.TRUNC, 0),
    }),
    ...sharing(
      { ...opening, control: "outside as root" },
      {
        "leave its cgroup (cgroup.procs)": () => anyOf(CGROUP_PROCS, toWrite),
        "have the kernel run a program (release_agent, core_pattern)": () => anyOf(KERNEL_RUNS, toWrite),
        "lower what its end costs it (oom_score_adj)": () => toWrite("/proc/self/oom_score_adj"),
      },
    ),
    ...sharing(landlock, {
      "wait at a FIFO": ({ fifo }) => sys("openat", AT_FDCWD, path(fifo), O.NONBLOCK, 0),
      "read the environment of the server": ({ serverPid }) => readFileSync(`/proc/${serverPid}/environ`),
      "read the memory map of the server": ({ serverPid }) => readFileSync(`/proc/${serverPid}/maps`),
      "read the memory of the server": ({ serverPid }) =>
        sys("openat", AT_FDCWD, path(`/proc/${serverPid}/mem`), 0, 0),
      "list the descriptors of the server": ({ serverPid }) => readdirSync(`/proc/${serverPid}/fd`),
      "read the environment of another plugin": ({ siblingPid }) =>
        readFileSync(`/proc/${siblingPid}/environ`),
      "read the memory of another plugin": ({ siblingPid }) =>
        sys("openat", AT_FDCWD, path(`/proc/${siblingPid}/mem`), 0, 0),
      "list the machine's processes": () => readdirSync("/proc"),
      "read its own environment from /proc": () => readFileSync("/proc/self/environ"),
      "read the machine's connections": () => readFileSync("/proc/self/net/tcp"),
      "open its descriptors anew": () => readdirSync("/proc/self/fd"),
    }),
    ...sharing(
      { ...landlock, answers: ["ERR_MODULE_NOT_FOUND"] },
      { "import() of a JSON file outside": ({ json }) => import(json) },
    ),
    ...sharing(
      { ...landlock, deniedBy: "second filter" },
      { "ask for the size and presence of a file": ({ file }) => lstatSync(file) },
    ),
    ...sharing(
      { ...landlock, deniedBy: "filter" },
      {
        "look at a file that is opened only as a place (O_PATH, fstat)": ({ file }) =>
          sys("fstat", sys("openat", AT_FDCWD, path(file), O.PATH, 0), buffer(256)),
      },
    ),
    ...sharing(
      { ...filter, answers: ["ENOSYS"] },
      {
        "read a file with openat2": ({ file }) => sys("openat2", AT_FDCWD, path(file), buffer(24), 24),
      },
    ),
    ...sharing(filter, {
      "truncate by path": ({ file }) => sys("truncate", path(file), 1),
      "make a folder": ({ folder }) => sys("mkdirat", AT_FDCWD, path(`${folder}/made-folder`), 0o700),
      "make a symbolic link": ({ folder }) =>
        sys("symlinkat", path("/etc/passwd"), AT_FDCWD, path(`${folder}/made-link`)),
      "make a hard link": ({ file, folder }) =>
        sys("linkat", AT_FDCWD, path(file), AT_FDCWD, path(`${folder}/made-hard-link`), 0),
      "exchange two files by rename": ({ file, writable }) =>
        sys("renameat2", AT_FDCWD, path(file), AT_FDCWD, path(writable), 2),
      "set the set-user-id bit": ({ json }) => sys("fchmodat", AT_FDCWD, path(json), 0o4755),
      "set an extended attribute": ({ json }) =>
        sys("setxattr", path(json), path("user.escape"), path("x"), 1, 0),
      "change times": ({ json }) => sys("utimensat", AT_FDCWD, path(json), 0, 0),
      "watch files with inotify": () => sys("inotify_init1", 0),
      "change its working folder": ({ folder }) => sys("chdir", path(folder)),
      "make a handle of a file": ({ file }) => handleOf(file),
      "lock a file": () => sys("flock", 2, 2),
    }),
    ...sharing(
      { ...filter, control: "outside as root" },
      {
        "watch the machine with fanotify": () => sys("fanotify_init", FAN_CLASS_NOTIF, 0),
        // An attacker without name_to_handle_at guesses: it is the opening that has to be denied.
        "open a file by its handle": ({ file }) => sys("open_by_handle_at", AT_FDCWD, handleOrGuess(file), 0),
        "make a device": ({ folder }) =>
          sys("mknodat", AT_FDCWD, path(`${folder}/made-device`), 0o020666, 0x0103),
      },
    ),
  ],
};

/** A handle where one can be made, an empty one elsewhere. */
function handleOrGuess(file: string): Uint8Array {
  try {
    return handleOf(file);
  } catch (error) {
    if (error instanceof Denied) return buffer(8 + MAX_HANDLE_BYTES);
    throw error;
  }
}
