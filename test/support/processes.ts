import { readdirSync, readFileSync } from "node:fs";

/** Processes whose parent is `pid` now; zombies, which nothing runs in, are left out. */
export function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((one) => one > 0 && isChildOf(one, pid));
}

function isChildOf(one: number, parent: number): boolean {
  try {
    const stat = readFileSync(`/proc/${one}/stat`, "latin1");
    const [state, ppid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(ppid) === parent && state !== "Z";
  } catch {
    return false; // it has ended meanwhile
  }
}

/** Threads of a process; none once it has ended. */
export function threadsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0;
  }
}
