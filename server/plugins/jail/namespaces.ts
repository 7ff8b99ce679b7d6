import { mustSyscall } from "./libc.ts";

const CLONE_NEWIPC = 0x08000000;
const CLONE_NEWNET = 0x40000000;

/**
 * Leaves the machine's network (interfaces, abstract sockets, /proc/self/net) and System V and POSIX IPC for empty ones of
 * this thread's own; the exec that follows carries them on. Needs CAP_SYS_ADMIN.
 * @throws JailFailure
 */
export function enterOwnNamespaces(): void {
  mustSyscall("namespaces", "unshare", CLONE_NEWNET | CLONE_NEWIPC);
}
