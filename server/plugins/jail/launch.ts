import { AppError } from "../../errors/app-error.ts";
import { Cgroups, type JailCgroup } from "./cgroup.ts";
import { statusOf, unconfirmed } from "./confirm.ts";
import { hideFromOthers } from "./hide.ts";
import { HOST_NEEDS, hostEnvironment } from "./host-needs.ts";
import type { JailedProcess, JailLimits, JailRequest, SandboxLevel } from "./jailed-process.ts";
import { levelOf, probeSandbox, type SandboxProbe } from "./level.ts";
import type { JailPlan } from "./plan.ts";
import { type JailCommand, RunningJail } from "./running-jail.ts";
import { HOST_PROGRAM, JAIL_PROGRAM, type SelfCommand, selfCommand } from "./self-command.ts";
import { jailArchitecture } from "./syscalls.ts";
import { USERS, UserPool } from "./user-pool.ts";

/** The kernel allows a hundredth of a core at the least. */
const MIN_CPU_SHARE = 0.01;

const users = new UserPool(USERS.plugins);
let cgroups: Cgroups | undefined;

/**
 * Starts the plugin host in a jail and answers once it is locked down; nothing of a plugin has been read by then. Call it
 * from the main thread: the process ends with the thread that started it.
 * @throws AppError `plugin_sandbox_unavailable` below the level required, or when a step of the jail fails;
 * `plugin_start_failed` when the host does not come up
 */
export function launchJail(request: JailRequest): Promise<JailedProcess> {
  return launchProgram(request, selfCommand());
}

/** As {@link launchJail}, with another program in the place of this one: the jail's own tests start a probe. */
export async function launchProgram(request: JailRequest, command: SelfCommand): Promise<JailedProcess> {
  const probe = probeSandbox(command);
  const landlockAbi = Math.min(probe.landlockAbi, request.maxLandlockAbi ?? probe.landlockAbi);
  const level = probe.level === "process" ? "process" : levelOf(landlockAbi, probe.seccomp);
  if (request.required && level === "process") throw belowLevel(probe);
  const environment = hostEnvironment(request.limits.memoryBytes);
  if (!jailArchitecture()) {
    return start({ command, args: [HOST_PROGRAM], environment }, level, () => undefined);
  }
  hideFromOthers();
  const held = holdResources(request, probe);
  const plan: JailPlan = {
    parentPid: process.pid,
    landlockAbi,
    hasSeccomp: probe.seccomp,
    hasNamespaces: probe.namespaces,
    memoryBytes: request.limits.memoryBytes,
    dataBytes: HOST_NEEDS.dataBytes + request.limits.memoryBytes,
    addressBytes: HOST_NEEDS.addressBytes + request.limits.memoryBytes,
    openFiles: HOST_NEEDS.openFiles + request.limits.openFiles,
    cgroups: held.cgroup?.procsFiles ?? [],
    readableFolders: command.readableFolders,
    ...(held.uid === undefined ? {} : { uid: held.uid, maxThreads: maxThreads(request.limits) }),
  };
  const args = [JAIL_PROGRAM, JSON.stringify(plan)];
  const jail = await start({ command, args, environment }, level, held.release);
  await confirm(jail, plan);
  // Not before: on a busy machine the start alone would take longer than anybody waits.
  held.cgroup?.standBack();
  return jail;
}

/**
 * Ends a process that says it is ready and is not held as planned.
 * @throws AppError `plugin_sandbox_unavailable`; `plugin_start_failed` when it has ended meanwhile
 */
async function confirm(jail: JailedProcess, plan: JailPlan): Promise<void> {
  const status = statusOf(jail.pid);
  if (status === undefined) throw new AppError("plugin_start_failed", "The plugin's process ended at once.");
  const missing = unconfirmed(plan, status);
  if (missing.length === 0) return;
  jail.kill();
  await jail.exited;
  const message = `The plugin's process is not held as it should be: ${missing.join(", ")}.`;
  throw new AppError("plugin_sandbox_unavailable", message);
}

async function start(command: JailCommand, level: SandboxLevel, release: () => void): Promise<JailedProcess> {
  const jail = RunningJail.spawn(command, level, release);
  await jail.untilReady();
  return jail;
}

const maxThreads = (limits: JailLimits): number => HOST_NEEDS.threads + limits.threads;

/** What a jail holds of the server's until it has ended. */
interface HeldResources {
  uid: number | undefined;
  cgroup: JailCgroup | undefined;
  release: () => void;
}

function holdResources({ pluginId, limits }: JailRequest, probe: SandboxProbe): HeldResources {
  const uid = probe.uidSwitch ? users.take(pluginId) : undefined;
  if (probe.uidSwitch && uid === undefined) {
    throw new AppError("plugin_start_failed", "Every user that plugins can have is in use.");
  }
  const cgroup = jailCgroups().create({
    memoryBytes: HOST_NEEDS.memoryBytes + limits.memoryBytes,
    maxTasks: maxThreads(limits),
    ...(limits.cpuShare === undefined ? {} : { cpuShare: Math.max(MIN_CPU_SHARE, limits.cpuShare) }),
  });
  const release = (): void => {
    if (uid !== undefined) users.release(uid);
    cgroup?.remove();
  };
  return { uid, cgroup, release };
}

/** The first use removes what killed servers left. */
function jailCgroups(): Cgroups {
  if (!cgroups) {
    cgroups = new Cgroups();
    cgroups.sweep();
  }
  return cgroups;
}

function belowLevel(probe: SandboxProbe): AppError {
  const reason = probe.missing[0] ?? "It has no reason to give.";
  return new AppError(
    "plugin_sandbox_unavailable",
    `Plugins need a sandbox that this machine does not have. ${reason}`,
  );
}
