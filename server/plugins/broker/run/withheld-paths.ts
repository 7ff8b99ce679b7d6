import { closeSync, type Dirent, fstatSync, readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { errorCodeOf } from "../../../errors/app-error.ts";
import { handledRights, landlockAbi } from "../../jail/landlock.ts";
import { cString, mustSyscall, syscall } from "../../jail/libc.ts";
import { isBeneath } from "../grants/read-grant.ts";

const AT_FDCWD = -100;
const O_PATH_CLOEXEC = 0o10_000_000 | 0o2_000_000;
const LANDLOCK_RULE_PATH_BENEATH = 1;
const PATH_RULE_BYTES = 12;
/** Rights that a file has, too (linux/landlock.h): execute, write, read, truncate, ioctl. */
const OF_FILES = (1 << 0) | (1 << 1) | (1 << 2) | (1 << 14) | (1 << 15);
const READ_DIR = 1 << 3;
/** Signals to whoever is outside, since ABI 6. */
const SCOPED = { abi: 6, signals: 1n << 1n } as const;
/** Names beside the withheld paths; a folder that holds more is closed as a whole. */
const MAX_NAMES = 20_000;
const NOTHING_THERE = new Set(["ENOENT", "EACCES", "ENOTDIR"]);

/**
 * A ruleset that leaves the whole tree of files but `paths`: Landlock only ever grants, so everything beside them, and
 * beside the folders they lie in, is granted one by one. What is made there later is closed as well. TCP stays open.
 * Undefined where the kernel has no Landlock.
 * @throws JailFailure
 */
export function rulesetWithout(paths: readonly string[]): number | undefined {
  const abi = landlockAbi();
  if (abi === 0) return undefined;
  const { files } = handledRights(abi);
  const signals = abi >= SCOPED.abi ? SCOPED.signals : 0n;
  const attributes = BigUint64Array.of(BigInt(files), 0n, signals);
  const sizeBytes = abi >= SCOPED.abi ? 24 : 8;
  const ruleset = mustSyscall("landlock", "landlock_create_ruleset", attributes, sizeBytes, 0);
  const tree = { ruleset, rights: files, withheld: realPaths(paths) };
  const inodes = new Set(tree.withheld.map((path) => inodeOf(statSync(path))));
  // Names may be listed everywhere: what is withheld is what stands behind them.
  grant(ruleset, "/", READ_DIR, new Set());
  grantAround("/", { ...tree, inodes });
  return ruleset;
}

interface Tree {
  ruleset: number;
  rights: number;
  withheld: readonly string[];
  /** Of the withheld paths: a second name of one beside it would open both. */
  inodes: ReadonlySet<string>;
}

/** Grants what `folder` holds, except the paths and the folders on the way to them, of which it grants what they hold. */
function grantAround(folder: string, tree: Tree): void {
  const entries = entriesOf(folder);
  if (entries.length > MAX_NAMES) return;
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isSymbolicLink() || tree.withheld.includes(path)) continue;
    const withheld = tree.withheld.filter((one) => isBeneath(one, path));
    if (withheld.length > 0) grantAround(path, { ...tree, withheld });
    else grant(tree.ruleset, path, entry.isDirectory() ? tree.rights : tree.rights & OF_FILES, tree.inodes);
  }
}

const inodeOf = ({ dev, ino }: Stats): string => `${dev}:${ino}`;

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (NOTHING_THERE.has(errorCodeOf(error))) return [];
    throw error;
  }
}

/** What cannot be opened is not granted, which is the safe side. */
function grant(ruleset: number, path: string, rights: number, except: ReadonlySet<string>): void {
  const descriptor = syscall("openat", AT_FDCWD, cString(path), O_PATH_CLOEXEC, 0);
  if (descriptor < 0) return;
  try {
    if (except.has(inodeOf(fstatSync(descriptor)))) return;
    const rule = new Uint8Array(PATH_RULE_BYTES);
    const view = new DataView(rule.buffer);
    view.setBigUint64(0, BigInt(rights), true);
    view.setInt32(8, descriptor, true);
    syscall("landlock_add_rule", ruleset, LANDLOCK_RULE_PATH_BENEATH, rule, 0);
  } finally {
    closeSync(descriptor);
  }
}

function realPaths(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    try {
      return [realpathSync(path)];
    } catch (error) {
      if (NOTHING_THERE.has(errorCodeOf(error))) return [];
      throw error;
    }
  });
}
