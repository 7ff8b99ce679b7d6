import { syscall } from "./libc.ts";
import { installSecondFilter } from "./seccomp.ts";
import { jailArchitecture } from "./syscalls.ts";

const PR_GET_SECCOMP = 21;
const SECCOMP_MODE_FILTER = 2;

let isDone = false;

/**
 * Takes from every thread of this process the right to run a program. Called once the host has booted and before it has
 * read a byte of a plugin; `attachToParent` does so itself. In a process that no jail was made for it does nothing.
 * @throws JailFailure when a thread stays outside: the process must then end
 */
export function lockdown(): void {
  if (isDone) return;
  const architecture = jailArchitecture();
  if (architecture && syscall("prctl", PR_GET_SECCOMP) === SECCOMP_MODE_FILTER) {
    installSecondFilter({ architecture, pid: process.pid });
  }
  isDone = true;
}
