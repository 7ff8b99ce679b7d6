import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/** Limits on one jail. */
export interface CgroupLimits {
  memoryBytes: number;
  /** Processes and threads. */
  maxTasks: number;
  /** Of one core. */
  cpuShare?: number;
}

/** The cgroups of one jail. */
export interface JailCgroup {
  /** A process joins by writing its number into each. */
  readonly procsFiles: readonly string[];
  /** From now on the rest of the machine goes before it, as before a process of nice 10. */
  standBack(): void;
  /** Once its process has ended. */
  remove(): void;
}

/** Where the kernel shows itself; tests have folders of their own. */
export interface CgroupPlaces {
  mount: string;
  proc: string;
}

const SYSTEM: CgroupPlaces = { mount: "/sys/fs/cgroup", proc: "/proc" };
type Version = "v1" | "v2";
const CPU_PERIOD_US = 100_000;
/**
 * What nice 10 weighs where nice 0 has 1,024 and 100 (kernel/sched/core.c). Within a group of its own a process's nice says
 * nothing: groups compete by their weights.
 */
const STANDING_BACK: Readonly<Record<Version, readonly [file: string, weight: number]>> = {
  v1: ["cpu.shares", 110],
  v2: ["cpu.weight", 11],
};
const NAME = /^binnacle-(\d+)-(\d+)-/;
/** Groups beside the server's own that a sweep looks into; a container host has some hundreds. */
const MAX_NEIGHBOURS = 1_000;
/** Controllers that must be there. */
const NEEDED = ["memory", "pids"] as const;

/** A folder in which jails' cgroups are made, and what it controls. */
interface Base {
  version: Version;
  folder: string;
  controllers: readonly string[];
}

/**
 * What a jail does without: swap is not counted everywhere, and a share of the processor above that of the group around it is
 * refused.
 */
const OPTIONAL_FILES = new Set([
  "memory.memsw.limit_in_bytes",
  "memory.swap.max",
  "cpu.cfs_quota_us",
  "cpu.max",
]);

/** What each limit is called, and how it is written; those of a controller that is not there are left out. */
const FILES: Readonly<Record<Version, (limits: CgroupLimits) => readonly [string, string, string][]>> = {
  v1: ({ memoryBytes, maxTasks, cpuShare = 1 }) => [
    ["memory", "memory.limit_in_bytes", String(memoryBytes)],
    // Memory and swap together; after the other, which it may not be below.
    ["memory", "memory.memsw.limit_in_bytes", String(memoryBytes)],
    ["pids", "pids.max", String(maxTasks)],
    ["cpu", "cpu.cfs_quota_us", String(Math.round(cpuShare * CPU_PERIOD_US))],
  ],
  v2: ({ memoryBytes, maxTasks, cpuShare = 1 }) => [
    ["memory", "memory.max", String(memoryBytes)],
    ["memory", "memory.swap.max", "0"],
    ["pids", "pids.max", String(maxTasks)],
    ["cpu", "cpu.max", `${Math.round(cpuShare * CPU_PERIOD_US)} ${CPU_PERIOD_US}`],
  ],
};

/**
 * Cgroups for jails, version 1 or 2, beneath the server's own (or, in version 2, where somebody has delegated memory
 * and pids: a group with processes of its own cannot have limited children). Nothing is made before `create`.
 */
export class Cgroups {
  readonly #bases: readonly Base[];
  readonly #places: CgroupPlaces;
  #made = 0;

  constructor(places: CgroupPlaces = SYSTEM) {
    this.#places = places;
    this.#bases = findBases(places);
  }

  /** Whether memory and tasks of a jail can be limited here. */
  get isAvailable(): boolean {
    return this.#bases.length > 0;
  }

  /** Makes the cgroups of a jail, empty and limited; undefined where they cannot be made after all. */
  create(limits: CgroupLimits): JailCgroup | undefined {
    if (!this.isAvailable) return undefined;
    const name = `binnacle-${process.pid}-${startTimeOf(this.#places, process.pid)}-${++this.#made}`;
    const folders = this.#bases.map((base) => join(base.folder, name));
    const remove = (): void => folders.forEach(removeIfEmpty);
    try {
      for (const base of this.#bases) limit(base, join(base.folder, name), limits);
    } catch {
      // The process's own limits and the server's watch hold without: a plugin starts all the same.
      remove();
      return undefined;
    }
    const standBack = (): void => {
      for (const base of this.#bases) if (base.controllers.includes("cpu")) lighten(base, name);
    };
    return { procsFiles: folders.map((folder) => join(folder, "cgroup.procs")), standBack, remove };
  }

  /**
   * Removes what servers that were killed have left, also beneath the groups beside this one's: whoever starts a server by
   * hand starts it in another group at each login. The kernel keeps a group that has a process.
   */
  sweep(): void {
    for (const { folder } of this.#bases) {
      for (const group of [folder, ...this.#neighboursOf(folder)]) this.#sweepIn(group);
    }
  }

  #neighboursOf(folder: string): readonly string[] {
    if (!dirname(folder).startsWith(`${this.#places.mount}/`)) return [];
    const names = foldersIn(dirname(folder)).filter((name) => name !== basename(folder));
    return names.slice(0, MAX_NEIGHBOURS).map((name) => join(dirname(folder), name));
  }

  #sweepIn(group: string): void {
    for (const name of foldersIn(group)) {
      const [, pid, startTime] = NAME.exec(name) ?? [];
      if (pid === undefined || startTimeOf(this.#places, Number(pid)) === startTime) continue;
      removeIfEmpty(join(group, name));
    }
  }
}

function limit({ version, controllers }: Base, folder: string, limits: CgroupLimits): void {
  mkdirSync(folder);
  for (const [controller, file, value] of FILES[version](limits)) {
    if (!controllers.includes(controller)) continue;
    try {
      writeFileSync(join(folder, file), value);
    } catch (error) {
      if (!OPTIONAL_FILES.has(file)) throw error;
    }
  }
}

function lighten({ version, folder }: Base, name: string): void {
  const [file, weight] = STANDING_BACK[version];
  try {
    writeFileSync(join(folder, name, file), String(weight), { flag: "r+" });
  } catch {
    // A kernel can be built without weights of groups: the share of one core holds all the same.
    return;
  }
}

function findBases(places: CgroupPlaces): readonly Base[] {
  if (!existsSync(join(places.proc, "self/cgroup"))) return [];
  const lines = readFileSync(join(places.proc, "self/cgroup"), "utf8").trim().split("\n");
  const groups = lines.map((line) => {
    const [, controllers = "", ...path] = line.split(":");
    return { controllers: controllers.split(","), path: path.join(":") };
  });
  if (existsSync(join(places.mount, "cgroup.controllers"))) {
    return secondVersionBase(places, groups.find(({ controllers }) => controllers[0] === "")?.path ?? "/");
  }
  return firstVersionBases(places, groups);
}

function firstVersionBases(
  { mount }: CgroupPlaces,
  groups: readonly { controllers: readonly string[]; path: string }[],
): readonly Base[] {
  const bases = [...NEEDED, "cpu"].flatMap((controller): Base[] => {
    const own = groups.find(({ controllers }) => controllers.includes(controller))?.path;
    // In a container the path may be that of the machine, which is not to be seen there.
    const folder = [join(mount, controller, own ?? ""), join(mount, controller)].find(isWritable);
    return folder === undefined ? [] : [{ version: "v1", folder, controllers: [controller] }];
  });
  return NEEDED.every((name) => bases.some(({ controllers }) => controllers.includes(name))) ? bases : [];
}

/** The server's own group, one above it (a service's, when the server runs in a subgroup), or the root's. */
function secondVersionBase({ mount }: CgroupPlaces, own: string): readonly Base[] {
  for (const path of [own, join(own, ".."), "/"]) {
    const folder = join(mount, path);
    const control = join(folder, "cgroup.subtree_control");
    if (!isWritable(folder) || !isWritable(control)) continue;
    const controllers = readFileSync(control, "utf8").trim().split(" ");
    if (NEEDED.every((name) => controllers.includes(name))) return [{ version: "v2", folder, controllers }];
  }
  return [];
}

/** Names of the folders in one; none once it is gone, as a group beside the server's can be at any time. */
function foldersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
  } catch {
    return [];
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** What cannot be removed yet (its last process is still on its way out), or for some reason of the machine's, waits for a sweep. */
function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    return;
  }
}

/** When a process began, in ticks since boot: together with its number it names it for good. Undefined when there is none. */
function startTimeOf({ proc }: CgroupPlaces, pid: number): string | undefined {
  const file = join(proc, String(pid), "stat");
  if (!existsSync(file)) return undefined;
  const stat = readFileSync(file, "latin1");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[22 - 3];
}
