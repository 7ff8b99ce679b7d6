import { mustSyscall, syscall } from "./libc.ts";

const LANDLOCK_CREATE_RULESET_VERSION = 1;
const LANDLOCK_RULE_PATH_BENEATH = 1;

/** Rights over files (linux/landlock.h), with the ABI that knows each group first. */
const FS = { EXECUTE: 1 << 0, READ_FILE: 1 << 2, READ_DIR: 1 << 3 } as const;
const HANDLED_FS: readonly { abi: number; rights: number }[] = [
  // Execute, write, read, list, remove, and make of every kind.
  { abi: 1, rights: (1 << 13) - 1 },
  // Refer: link or rename across folders.
  { abi: 2, rights: 1 << 13 },
  // Truncate. Below it the seccomp filter refuses what truncates.
  { abi: 3, rights: 1 << 14 },
  // Ioctl on devices.
  { abi: 5, rights: 1 << 15 },
];
/** TCP: bind and connect, since ABI 4; nothing is granted, so every port is closed. */
const HANDLED_NET = { abi: 4, rights: 0b11 } as const;
/** Abstract Unix sockets and signals of whoever is outside, since ABI 6. */
const SCOPED = { abi: 6, rights: 0b11 } as const;

/** struct landlock_ruleset_attr: files, net, scopes; the kernel takes it as short as its ABI knows it. */
const ATTRIBUTE_BYTES = 24;
const PATH_RULE_BYTES = 12;

/** What may be done beneath an opened path. */
export type Grant = "read file" | "run file" | "read folder";
const RIGHTS_OF_GRANT: Readonly<Record<Grant, number>> = {
  "read file": FS.READ_FILE,
  "run file": FS.READ_FILE | FS.EXECUTE,
  "read folder": FS.READ_FILE | FS.READ_DIR,
};

/** The running kernel's Landlock ABI; 0 when it has none, or it is switched off or forbidden. No side effects. */
export function landlockAbi(): number {
  return Math.max(0, syscall("landlock_create_ruleset", 0, 0, LANDLOCK_CREATE_RULESET_VERSION));
}

/** The rights a ruleset of `abi` takes away where nothing grants them. */
export function handledRights(abi: number): { files: number; net: number; scoped: number } {
  return {
    files: HANDLED_FS.filter((group) => group.abi <= abi).reduce((rights, group) => rights | group.rights, 0),
    net: abi >= HANDLED_NET.abi ? HANDLED_NET.rights : 0,
    scoped: abi >= SCOPED.abi ? SCOPED.rights : 0,
  };
}

/**
 * A ruleset that takes away every right `abi` knows: over files, TCP ports, signals and abstract sockets.
 * Answers its descriptor, which exec closes.
 * @throws JailFailure
 */
export function createRuleset(abi: number): number {
  const { files, net, scoped } = handledRights(abi);
  const attributes = BigUint64Array.of(BigInt(files), BigInt(net), BigInt(scoped));
  const sizeBytes = abi >= SCOPED.abi ? ATTRIBUTE_BYTES : abi >= HANDLED_NET.abi ? 16 : 8;
  return mustSyscall("landlock", "landlock_create_ruleset", attributes, sizeBytes, 0);
}

/** Gives back the rights of `grant` beneath what `descriptor` has opened. @throws JailFailure */
export function addGrant(ruleset: number, descriptor: number, grant: Grant): void {
  const rule = new Uint8Array(PATH_RULE_BYTES);
  const view = new DataView(rule.buffer);
  view.setBigUint64(0, BigInt(RIGHTS_OF_GRANT[grant]), true);
  view.setInt32(8, descriptor, true);
  mustSyscall("landlock", "landlock_add_rule", ruleset, LANDLOCK_RULE_PATH_BENEATH, rule, 0);
}

/** Puts this thread, and what it will exec, under the ruleset for good. Needs no_new_privs. @throws JailFailure */
export function restrictSelf(ruleset: number): void {
  mustSyscall("landlock", "landlock_restrict_self", ruleset, 0);
}
