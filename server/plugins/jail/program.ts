import { ptr } from "bun:ffi";
import { writeSync } from "node:fs";
import { hostEnvironment } from "./host-needs.ts";
import { becomeUser, boundCapabilities, dropCapabilities, forbidNewPrivileges } from "./identity.ts";
import { JAIL_FAILED_EXIT_CODE, JailFailure } from "./jail-failure.ts";
import { createRuleset, restrictSelf } from "./landlock.ts";
import { cString, syscall } from "./libc.ts";
import { enterOwnNamespaces } from "./namespaces.ts";
import { type JailPlan, parsePlan } from "./plan.ts";
import { grantReadablePaths, openOwnExecutable } from "./readable-paths.ts";
import { type ResourceLimits, setResourceLimits } from "./rlimits.ts";
import { installFirstFilter } from "./seccomp.ts";
import { HOST_PROGRAM, ownArguments } from "./self-command.ts";
import {
  beginSession,
  closeInheritedOnExec,
  endWithParent,
  joinCgroups,
  leaveRealTime,
  standBack,
} from "./session.ts";
import { jailArchitecture } from "./syscalls.ts";

const STDERR = 2;
/** What the process calls itself in a list of processes. */
const EXECUTABLE_NAME = "binnacle-plugin";

/**
 * `__jail <plan>`: gives up everything on this thread, then runs the plugin host in its place. Bun's other threads are
 * not restricted, and end with the exec. It does not return: a step that fails is told in one line of JSON on stderr, and the
 * process ends with code 86.
 */
export function run(): never {
  try {
    enterJail(parsePlan(process.argv.at(-1) ?? ""));
  } catch (error) {
    const failure = error instanceof JailFailure ? error : new JailFailure("plan", 0, { cause: error });
    writeSync(STDERR, `${failure.toLine()}\n`);
  }
  process.exit(JAIL_FAILED_EXIT_CODE);
}

/** The order matters: each step needs a right that a later one takes away. */
function enterJail(plan: JailPlan): void {
  closeInheritedOnExec();
  beginSession();
  leaveRealTime();
  // Cgroups and the OOM score are files: they are written while there still are rights to write.
  joinCgroups(plan.cgroups);
  standBack();
  setResourceLimits(limitsOf(plan));
  if (plan.hasNamespaces) enterOwnNamespaces();
  // Opened while root can: the executable may stand in a folder that is closed to the plugin's user.
  const executable = openOwnExecutable();
  const ruleset = plan.landlockAbi > 0 ? createRuleset(plan.landlockAbi) : undefined;
  if (ruleset !== undefined) grantReadablePaths(ruleset, executable, plan.readableFolders);
  boundCapabilities();
  if (plan.uid !== undefined) becomeUser(plan.uid);
  dropCapabilities();
  forbidNewPrivileges();
  endWithParent(plan.parentPid);
  if (ruleset !== undefined) restrictSelf(ruleset);
  const architecture = jailArchitecture();
  if (plan.hasSeccomp && architecture) installFirstFilter({ architecture, pid: process.pid });
  const args = [EXECUTABLE_NAME, ...ownArguments(HOST_PROGRAM)];
  execute(executable, args, hostEnvironment(plan.memoryBytes));
}

const limitsOf = ({ dataBytes, addressBytes, openFiles, maxThreads }: JailPlan): ResourceLimits => ({
  data: dataBytes,
  addressSpace: addressBytes,
  openFiles,
  ...(maxThreads === undefined ? {} : { processes: maxThreads }),
});

/** Becomes the program behind `descriptor`. @throws JailFailure, or never returns */
function execute(descriptor: number, args: readonly string[], environment: Record<string, string>): void {
  const argumentTexts = args.map(cString);
  const environmentTexts = Object.entries(environment).map(([name, value]) => cString(`${name}=${value}`));
  const path = cString(`/proc/self/fd/${descriptor}`);
  const answer = syscall("execve", path, listOf(argumentTexts), listOf(environmentTexts));
  throw new JailFailure("exec", -answer, { cause: [argumentTexts, environmentTexts] });
}

/** An array of pointers, ended by none, at texts that must live as long. */
const listOf = (texts: readonly Uint8Array[]): BigUint64Array =>
  BigUint64Array.from([...texts.map((text) => BigInt(ptr(text))), 0n]);
