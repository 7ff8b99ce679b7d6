import { readFileSync } from "node:fs";
import { JailFailure } from "./jail-failure.ts";
import { addGrant, type Grant } from "./landlock.ts";
import { cString, ERRNO, syscall } from "./libc.ts";

const AT_FDCWD = -100;
const O_PATH_CLOEXEC = 0o10000000 | 0o2000000;

/** A path and what the jail may do beneath it. */
interface ReadablePath {
  path: string;
  grant: Grant;
  /** Whether the host can do without it. */
  isOptional?: boolean;
}

/** Besides the executable and its libraries. */
const FILES_OF_THE_HOST: readonly ReadablePath[] = [
  // Where the loader finds the libraries.
  { path: "/etc/ld.so.cache", grant: "read file", isOptional: true },
  // The local time.
  { path: "/etc/localtime", grant: "read file", isOptional: true },
  // Of its own process: the C library looks up the main thread's stack and Bun aborts without it.
  { path: "/proc/self/maps", grant: "read file" },
  // Sizes, which the garbage collector and process.memoryUsage() read.
  { path: "/proc/self/statm", grant: "read file" },
  { path: "/proc/self/stat", grant: "read file" },
];

/** Shared libraries that are mapped into this process, its loader included; the host will be the same program. */
export function mappedLibraries(maps = readFileSync("/proc/self/maps", "utf8")): string[] {
  const mapped = maps.matchAll(/^\S+ ..x. \S+ \S+ \S+\s+(\/.*)$/gm);
  return [...new Set(Array.from(mapped, ([, path = ""]) => path))].filter((path) => /\.so(\.|$)/.test(path));
}

/**
 * Grants what the host needs to boot: the executable, its libraries, a few files, and `folders` (the repository, when it
 * runs from source). Nothing is writable.
 * @throws JailFailure when a path that is needed cannot be opened
 */
export function grantReadablePaths(ruleset: number, executable: number, folders: readonly string[]): void {
  addGrant(ruleset, executable, "run file");
  const libraries = mappedLibraries().map((path) => ({ path, grant: "run file" }) as const);
  const sources = folders.map((path) => ({ path, grant: "read folder" }) as const);
  for (const one of [...libraries, ...FILES_OF_THE_HOST, ...sources]) grantPath(ruleset, one);
}

function grantPath(ruleset: number, { path, grant, isOptional = false }: ReadablePath): void {
  const descriptor = syscall("openat", AT_FDCWD, cString(path), O_PATH_CLOEXEC, 0);
  if (descriptor >= 0) addGrant(ruleset, descriptor, grant);
  else if (!isOptional || descriptor !== -ERRNO.ENOENT) throw new JailFailure("landlock", -descriptor);
}

/** Opens our own executable; it is the one that runs, whatever stands at its path by now. @throws JailFailure */
export function openOwnExecutable(): number {
  const descriptor = syscall("openat", AT_FDCWD, cString("/proc/self/exe"), O_PATH_CLOEXEC, 0);
  if (descriptor < 0) throw new JailFailure("executable", -descriptor);
  return descriptor;
}
