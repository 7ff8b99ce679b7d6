import { mustSyscall } from "./libc.ts";
import { jailArchitecture } from "./syscalls.ts";

const PR_SET_DUMPABLE = 4;

let isHidden = false;

/**
 * Closes this process's memory, environment and descriptors in /proc to every process but root's, the same user's
 * included, and forbids core files. Before the first plugin is started.
 * @throws JailFailure
 */
export function hideFromOthers(): void {
  if (isHidden || !jailArchitecture()) return;
  mustSyscall("dumpable", "prctl", PR_SET_DUMPABLE, 0, 0, 0, 0);
  isHidden = true;
}
