import { ERRNO, mustSyscall, syscall } from "./libc.ts";

const PR_CAPBSET_DROP = 24;
const PR_SET_SECUREBITS = 28;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;
/** NOROOT and NO_CAP_AMBIENT_RAISE, each locked: uid 0 alone gives no capability back. */
const SECUREBITS_NO_ROOT = 0b11 | (0b11 << 6);
/** More than any kernel has; the kernel says where its list ends. */
const MAX_CAPABILITY = 63;
const CAPABILITY_VERSION_3 = 0x20080522;

/**
 * Becomes `uid` with a group of the same number and no other. On this thread only: exec follows.
 * @throws JailFailure
 */
export function becomeUser(uid: number): void {
  mustSyscall("identity", "setgroups", 0, 0);
  mustSyscall("identity", "setresgid", uid, uid, uid);
  mustSyscall("identity", "setresuid", uid, uid, uid);
}

/**
 * Empties the set that bounds all later capabilities, and takes from uid 0 what it means. Comes before the change of
 * identity, which takes away the capability this needs; whoever never had it has nothing to bound.
 * @throws JailFailure
 */
export function boundCapabilities(): void {
  if (syscall("prctl", PR_CAPBSET_DROP, 0) === -ERRNO.EPERM) return;
  for (let capability = 1; capability <= MAX_CAPABILITY; capability++) {
    if (syscall("prctl", PR_CAPBSET_DROP, capability) === -ERRNO.EINVAL) break;
  }
  mustSyscall("capabilities", "prctl", PR_SET_SECUREBITS, SECUREBITS_NO_ROOT);
}

/** Gives up every capability, for good together with {@link forbidNewPrivileges}. @throws JailFailure */
export function dropCapabilities(): void {
  mustSyscall("capabilities", "prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  const header = Uint32Array.of(CAPABILITY_VERSION_3, 0);
  const none = new Uint32Array(6);
  mustSyscall("capabilities", "capset", header, none);
}

/** No program that is run from here can gain privileges (set-user-id bits, file capabilities). @throws JailFailure */
export function forbidNewPrivileges(): void {
  mustSyscall("no_new_privs", "prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}
