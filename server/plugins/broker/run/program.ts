import { ptr } from "bun:ffi";
import { readlinkSync, writeSync } from "node:fs";
import { errorCodeOf } from "../../../errors/app-error.ts";
import { becomeUser, boundCapabilities, dropCapabilities, forbidNewPrivileges } from "../../jail/identity.ts";
import { restrictSelf } from "../../jail/landlock.ts";
import { cString, ERRNO, mustSyscall, syscall } from "../../jail/libc.ts";
import { setResourceLimits } from "../../jail/rlimits.ts";
import { endWithParent, standBack } from "../../jail/session.ts";
import { LAUNCH_EXIT, LAUNCH_FAILURE, parseOrder, type RunOrder } from "./order.ts";
import { OWN_EXECUTABLE, openProgram, RefusedProgram, SEARCH_PATH } from "./program-file.ts";
import { rulesetWithout } from "./withheld-paths.ts";

const STDERR = 2;
/** Of the program and what it starts. */
const LIMITS = {
  fileSize: 1_024 * 1_024 * 1_024,
  data: 2 * 1_024 * 1_024 * 1_024,
  openFiles: 256,
} as const;
/** Where the user is its own: of a user that others share, theirs would count too. */
const MAX_PROCESSES = 64;
const FIRST_OF_OTHERS = 3;
const MAX_DESCRIPTOR = 0xffffffff;
const CLOSE_RANGE_CLOEXEC = 4;
const ENVIRONMENT = [`PATH=${SEARCH_PATH}`, "LANG=C.UTF-8", "HOME=/nonexistent", "TZ=UTC"];

/**
 * `__run <order>`: gives up every right on this thread, then becomes the program. It does not return: what keeps it from
 * that is told on standard error, and the process ends with a code of {@link LAUNCH_EXIT}.
 */
export function run(): never {
  let code: number = LAUNCH_EXIT.refused;
  try {
    const errno = become(parseOrder(process.argv.at(-1) ?? ""));
    code = errno === ERRNO.ENOENT ? LAUNCH_EXIT.notFound : LAUNCH_EXIT.cannotRun;
    writeSync(STDERR, `${LAUNCH_FAILURE}the kernel refuses (errno ${errno}).\n`);
  } catch (error) {
    if (errorCodeOf(error) === "ENOENT") code = LAUNCH_EXIT.notFound;
    const known = error instanceof RefusedProgram || code === LAUNCH_EXIT.notFound;
    const reason = error instanceof Error && known ? error.message : "its rights could not be given up.";
    writeSync(STDERR, `${LAUNCH_FAILURE}${reason}\n`);
  }
  process.exit(code);
}

/** The order matters: each step needs a right that a later one takes away. Returns the kernel's error number, or never. */
function become({ command, arguments: given, uid, parentPid, withheld }: RunOrder): number {
  mustSyscall("descriptors", "close_range", FIRST_OF_OTHERS, MAX_DESCRIPTOR, CLOSE_RANGE_CLOEXEC);
  standBack();
  // Opened while there still are rights to look everywhere.
  const ruleset = rulesetWithout([...withheld, readlinkSync(OWN_EXECUTABLE)]);
  if (ruleset === undefined && uid === undefined) {
    throw new RefusedProgram(
      "The server is not root and this kernel has no Landlock: it would reach the server's files.",
    );
  }
  boundCapabilities();
  if (uid !== undefined) becomeUser(uid);
  dropCapabilities();
  forbidNewPrivileges();
  endWithParent(parentPid);
  // As the unprivileged user: what it may not reach, it does not run.
  const { fd, isScript } = openProgram(command);
  if (ruleset !== undefined) restrictSelf(ruleset);
  setResourceLimits({ ...LIMITS, ...(uid === undefined ? {} : { processes: MAX_PROCESSES }) });
  // By its descriptor: what was looked at is what runs.
  const path = cString(isScript ? command : `/proc/self/fd/${fd}`);
  const texts = [command, ...given].map(cString);
  const environment = ENVIRONMENT.map(cString);
  const errno = -syscall("execve", path, listOf(texts), listOf(environment));
  // Both must live until the call has read them.
  return texts.length + environment.length > 0 ? errno : 0;
}

/** An array of pointers, ended by none, at texts that must live as long. */
const listOf = (texts: readonly Uint8Array[]): BigUint64Array =>
  BigUint64Array.from([...texts.map((text) => BigInt(ptr(text))), 0n]);
