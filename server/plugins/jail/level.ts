import { readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { Cgroups } from "./cgroup.ts";
import type { SandboxLevel } from "./jailed-process.ts";
import { landlockAbi } from "./landlock.ts";
import { syscall } from "./libc.ts";
import { type SelfCommand, selfCommand } from "./self-command.ts";
import { jailArchitecture } from "./syscalls.ts";
import { USERS } from "./user-pool.ts";

/** What this machine can hold a plugin with, for this server. */
export interface SandboxProbe {
  level: SandboxLevel;
  /** 0 when there is none. */
  landlockAbi: number;
  seccomp: boolean;
  /** Network and IPC namespaces of its own; for root. */
  namespaces: boolean;
  /** A user of its own; for root. */
  uidSwitch: boolean;
  cgroup: boolean;
  /** What is not there, a sentence each, the weightiest first. */
  missing: string[];
}

const FULL_LANDLOCK_ABI = 6;
const STRONG_LANDLOCK_ABI = 2;
const SECCOMP_GET_ACTION_AVAIL = 2;
const SECCOMP_RET_ERRNO = 0x00050000;
const CAPABILITY = { SETGID: 6, SETUID: 7, SYS_ADMIN: 21 } as const;
const EVERYBODY_READS_AND_RUNS = 0o005;

/** The level that a Landlock ABI gives where seccomp is there too. */
export function levelOf(abi: number, hasSeccomp: boolean): SandboxLevel {
  if (!hasSeccomp || abi < STRONG_LANDLOCK_ABI) return "process";
  return abi >= FULL_LANDLOCK_ABI ? "full" : "strong";
}

/** Looks, and changes nothing: safe in `doctor` and on every request of the overview. */
export function probeSandbox(command: SelfCommand = selfCommand()): SandboxProbe {
  if (!jailArchitecture()) return probeOfOthers();
  const abi = landlockAbi();
  const seccomp = syscall("seccomp", SECCOMP_GET_ACTION_AVAIL, 0, Uint32Array.of(SECCOMP_RET_ERRNO)) === 0;
  const isRoot = process.geteuid?.() === 0;
  const namespaces = isRoot && hasCapability(CAPABILITY.SYS_ADMIN);
  const canSwitch =
    isRoot && hasCapability(CAPABILITY.SETUID) && hasCapability(CAPABILITY.SETGID) && mapsPluginUsers();
  const unreadable = canSwitch ? firstClosedPath(command) : undefined;
  const cgroup = new Cgroups().isAvailable;
  return {
    level: unreadable === undefined ? levelOf(abi, seccomp) : "process",
    landlockAbi: abi,
    seccomp,
    namespaces,
    uidSwitch: canSwitch && unreadable === undefined,
    cgroup,
    missing: [
      ...(seccomp ? [] : ["This kernel does not filter system calls (seccomp)."]),
      ...(unreadable === undefined
        ? []
        : [`A plugin's own user cannot read ${unreadable}: open it to everybody.`]),
      ...(abi >= FULL_LANDLOCK_ABI ? [] : [missingLandlock(abi)]),
      ...(canSwitch ? [] : ["Plugins run as the server's user: only root can give them users of their own."]),
      ...(namespaces
        ? []
        : ["Plugins share the machine's network namespace; their filter still denies them every socket."]),
      ...(cgroup ? [] : ["No cgroup can be made here: memory is held by the process's own limits alone."]),
    ],
  };
}

const probeOfOthers = (): SandboxProbe => ({
  level: "process",
  landlockAbi: 0,
  seccomp: false,
  namespaces: false,
  uidSwitch: false,
  cgroup: false,
  missing: [`On ${process.platform} (${process.arch}) a plugin has a process of its own and no more.`],
});

const missingLandlock = (abi: number): string =>
  abi === 0
    ? "This kernel has no Landlock, or it is switched off."
    : `Landlock ABI ${FULL_LANDLOCK_ABI} (Linux 6.12) is wanted; this kernel has ${abi}, and the filter of system calls closes the rest.`;

function hasCapability(number: number): boolean {
  const effective = /^CapEff:\s+([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1] ?? "0";
  return ((BigInt(`0x${effective}`) >> BigInt(number)) & 1n) === 1n;
}

/** In a user namespace only some numbers exist. */
function mapsPluginUsers(): boolean {
  return ["/proc/self/uid_map", "/proc/self/gid_map"].every((file) =>
    readFileSync(file, "latin1")
      .trim()
      .split("\n")
      .some((line) => {
        const [first = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
        return first <= USERS.plugins.first && USERS.plugins.first + USERS.plugins.count <= first + count;
      }),
  );
}

/** The first of the program's files or folders that a user without any rights could not read. */
function firstClosedPath({ executable, readableFolders }: SelfCommand): string | undefined {
  const isOpen = (path: string): boolean => {
    // What is not there is told by the start itself.
    const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? EVERYBODY_READS_AND_RUNS;
    return (mode & EVERYBODY_READS_AND_RUNS) === EVERYBODY_READS_AND_RUNS;
  };
  // The executable is opened by root and run through its descriptor: the folders above it do not matter.
  return [executable, ...readableFolders.flatMap(withFoldersAbove)].find((path) => !isOpen(path));
}

function withFoldersAbove(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...withFoldersAbove(above)];
}
